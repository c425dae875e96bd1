/**
 * Hashes whole files, each in a thread of its own, so that all cores work. The threads start when they are needed, or
 * when somebody knows that they will be, and no more files are open than there are threads.
 *
 * The threads read through descriptors that are opened and closed here: a thread that is ended closes nothing.
 */
import { lstat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { type FileFacts, fileFacts, isSameFile } from '../../cache/file-facts.ts';
import { hasErrno, isSystemError } from '../../errors/errno.ts';
import { fromErrno } from '../../errors/from-errno.ts';
import { HashThread } from '../transfer/hash-thread.ts';
import type { HasherOptions } from '../transfer/hashers.ts';
import { closeFile, openRegularFile } from '../transfer/open-regular-file.ts';
import { refuseUnknownHash } from '../transfer/refuse-unknown-hash.ts';

/** A thread costs 9 MiB with its buffer, and the program shall stay within 150 MiB. */
const MAX_THREADS = 8;

/**
 * How much a thread is told to hash at once: some milliseconds of work, beside which the telling takes nothing, and soon
 * enough done for somebody who wants to stop or to see how it goes on.
 */
const STRETCH_BYTES = 4 * 1024 * 1024;

/** What is to be hashed. */
export interface FileHashRequest {
  readonly path: string;
  /** The file that is meant: one that has been replaced or changed is not. */
  readonly facts: FileFacts;
  /** As Node's crypto names it: `sha512`. */
  readonly algorithm: string;
  /** Told of bytes as they are hashed. */
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** How many threads, and where their code is. */
export interface FileHasherOptions extends HasherOptions {
  /** As many as there are cores, within reason, unless given. */
  readonly threads?: number;
}

/** Hashes files, as many at once as there are threads. */
export class FileHashers {
  /** How many files may usefully be hashed at once. */
  readonly width: number;
  readonly #threadEntry: URL | undefined;
  /** Threads that wait for a file. */
  #idle: HashThread[] = [];
  readonly #used = new Set<HashThread>();
  /** Whoever waits until another file is done. */
  readonly #queue: (() => void)[] = [];
  /** Files that are being hashed, or wait for it. */
  readonly #running = new Set<Promise<unknown>>();
  #turns = 0;
  #lastHash = 0;
  #isClosed = false;

  constructor({ threads = Math.min(availableParallelism(), MAX_THREADS), threadEntry }: FileHasherOptions = {}) {
    this.width = threads;
    this.#threadEntry = threadEntry;
  }

  /**
   * Starts the threads that so many files will need: they are ready by the time that the first of them is known.
   *
   * @param files how many are to be hashed
   */
  start(files: number): void {
    const wanted = Math.min(files, this.width) - this.#used.size;
    while (!this.#isClosed && this.#idle.length < wanted) this.#idle.push(new HashThread(this.#threadEntry));
  }

  /**
   * Hashes a file, or waits until it may.
   *
   * @returns lower-case hexadecimal; undefined when the file is gone, is another one, or was changed before its end
   * @throws CacheStateError CACHE_PERMISSION, CACHE_IO when it cannot be read
   * @throws IntegrityError INTEGRITY_UNVERIFIABLE when this Node knows no such algorithm
   * @throws the reason of the signal, or what the thread died of; nothing is left open
   */
  async hash(request: FileHashRequest): Promise<string | undefined> {
    refuseUnknownHash(request.algorithm);
    const running = this.#inTurn(() => this.#hashFile(request));
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Ends all threads, and with an error whatever is being hashed or waits for it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#idle, ...this.#used].map((thread) => thread.close()));
    await Promise.allSettled(this.#running);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#turns < this.width) this.#turns++;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      // The next one takes this turn over, so that nobody who comes in between takes one too many.
      if (next === undefined) this.#turns--;
      else next();
    }
  }

  async #hashFile(request: FileHashRequest): Promise<string | undefined> {
    const { path, facts, signal } = request;
    signal.throwIfAborted();
    // Where the index keeps no times of its own, glance-api goes by the time of access to tell what is in use.
    const file = await openRegularFile(path, { isUnnoticed: true });
    if (file === undefined) return undefined;
    const { handle, stats } = file;
    try {
      if (!isSameFile(facts, fileFacts(stats))) return undefined;
      const digest = await this.#hashDescriptor(handle.fd, request);
      return (await isThere(request)) ? digest : undefined;
    } catch (error) {
      // Of a file that is gone or shorter by now, a failed read says nothing.
      if (isSystemError(error) && !(await isThere(request))) return undefined;
      throw fromErrno('read', path, error);
    } finally {
      await closeFile(path, handle);
    }
  }

  /** No thread reads the descriptor any more when this ends, however it ends. */
  async #hashDescriptor(descriptor: number, request: FileHashRequest): Promise<string | undefined> {
    const thread = this.#take();
    const { algorithm, facts, onBytes, signal } = request;
    const hash = ++this.#lastHash;
    try {
      for (let offsetBytes = 0; ; ) {
        const lengthBytes = Math.min(STRETCH_BYTES, facts.sizeBytes - offsetBytes);
        const stretch = { descriptor, offsetBytes, lengthBytes };
        offsetBytes += lengthBytes;
        const isLast = offsetBytes === facts.sizeBytes;
        const digest = await thread.run({ hash, algorithm, stretch, ...(isLast && { end: 'digest' }) });
        onBytes(lengthBytes);
        if (isLast) return digest;
        signal.throwIfAborted();
      }
    } catch (error) {
      // A dead thread has forgotten it anyway.
      await thread.run({ hash, algorithm, end: 'discard' }).catch(() => undefined);
      throw error;
    } finally {
      await this.#giveBack(thread);
    }
  }

  #take(): HashThread {
    if (this.#isClosed) throw new Error('Cannot hash on: the threads are closed');
    this.#idle = this.#idle.filter((idle) => !idle.isDead);
    const thread = this.#idle.pop() ?? new HashThread(this.#threadEntry);
    this.#used.add(thread);
    return thread;
  }

  async #giveBack(thread: HashThread): Promise<void> {
    // What it died of may be known before it has ended; until then it may still be reading.
    if (thread.isDead) await thread.close();
    else this.#idle.push(thread);
    this.#used.delete(thread);
  }
}

/** Whether the file that is meant is still at its path, unchanged. It is open, so nothing else has its inode. */
async function isThere({ path, facts }: FileHashRequest): Promise<boolean> {
  try {
    return isSameFile(facts, fileFacts(await lstat(path)));
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw fromErrno('look at', path, error);
  }
}
