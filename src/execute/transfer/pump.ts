/**
 * Moves bytes from a source to a file and a hash, both at the same time, through a ring of buffers. A buffer is on its
 * way as soon as it is full, or when a slow server has let it wait for a moment. The file is written from its start to
 * its end: a kill leaves it short, never with a hole that looks like bytes of the image.
 *
 * When it ends, however it ends, nothing is in flight: no write comes after the return, so the file may be truncated or
 * removed. What `onBytes` was told is then the length of what is written, and hashed, without a gap.
 */

import { setMaxListeners } from 'node:events';
import { CacheStateError, IntegrityError } from '../../errors/cache-error.ts';
import { KERNEL_LOG, THIS_COMMAND } from '../../errors/next-step.ts';
import type { ByteSource } from './byte-source.ts';
import type { Hasher } from './hasher.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { Ring, RingPool } from './ring-pool.ts';

/** Where bytes are written: a part of `FileHandle`. */
export interface ByteSink {
  /** Writes some of the bytes, perhaps not all. */
  write(
    bytes: Uint8Array,
    offset: number,
    lengthBytes: number,
    positionBytes: number,
  ): Promise<{ readonly bytesWritten: number }>;
}

/** One transfer. */
export interface Transfer {
  /** Stays open. */
  readonly source: ByteSource;
  /** Undefined where bytes are only hashed. */
  readonly sink?: ByteSink | undefined;
  /** Takes the bytes from the source, and no others; stays open. */
  readonly hasher?: Hasher | undefined;
  /** Where in the sink the bytes begin. */
  readonly offsetBytes: number;
  /** How many the source may have; undefined when nobody knows. */
  readonly maxBytes: number | undefined;
  readonly rings: RingPool;
  readonly limiter: RateLimiter;
  /** Told of bytes that are written and hashed, in their order. */
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Moves all that a source has.
 *
 * @returns how many bytes that were
 * @throws the first of: what the source, the sink or the hasher threw; the signal's reason; IntegrityError
 * INTEGRITY_SIZE when there are more than `maxBytes`. Bytes that had come by then are written and hashed, unless it was
 * the sink or the hasher that failed
 */
export async function pump(transfer: Transfer): Promise<number> {
  transfer.signal.throwIfAborted();
  // All transfers of a run listen to one signal, and Node warns of a leak at eleven.
  setMaxListeners(0, transfer.signal);
  return new Pumping(transfer).run();
}

/**
 * How long bytes may wait for their buffer to be full, milliseconds. To write and hash every chunk of 64 KiB by itself
 * takes the main thread twice as long as to receive it.
 */
const SLOW_MS = 20;

/** Bytes on their way to the sink and the hasher. */
interface Batch {
  readonly lengthBytes: number;
  /** Which buffer they are in. */
  readonly slot: number;
  isDone: boolean;
}

class Pumping {
  readonly #transfer: Transfer;
  readonly #ring: Ring;
  /** Batches under way, and those behind them that are done, in the order of their bytes. */
  readonly #batches: Batch[] = [];
  /** How many batches under way each buffer has. */
  readonly #busy: number[];
  readonly #stop = new AbortController();
  #inFlight = 0;
  /** The buffer that is being filled, up to where it is, and up to where that is on its way. */
  #slot = 0;
  #filledBytes = 0;
  #sentBytes = 0;
  #totalBytes = 0;
  #totalSentBytes = 0;
  #reading: Promise<unknown> = Promise.resolve();
  /** Resolves when all batches so far are written, and rejects when one of them could not be. */
  #writing: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  /** Whether the sink or the hasher failed: nothing more is for them then. */
  #isBroken = false;
  /** Called when a batch is done, or anything failed. */
  #wake: () => void = () => undefined;
  /** Sends what has waited for a full buffer long enough. */
  #sending: NodeJS.Timeout | undefined;
  /** Ends the wait for a read. */
  #interrupt: (error: unknown) => void = () => undefined;

  constructor(transfer: Transfer) {
    this.#transfer = transfer;
    this.#ring = transfer.rings.take();
    this.#busy = this.#ring.map(() => 0);
  }

  async run(): Promise<number> {
    const { signal, rings } = this.#transfer;
    const onAbort = (): void => this.#fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#readAll();
    } catch (error) {
      this.#fail(error);
    }
    clearTimeout(this.#sending);
    this.#send();
    while (this.#inFlight > 0) await this.#change();
    signal.removeEventListener('abort', onAbort);
    // A read that was left alone may still fill a buffer.
    void this.#reading.then(() => rings.giveBack(this.#ring));
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#totalBytes;
  }

  async #readAll(): Promise<void> {
    for (;;) {
      const lengthBytes = await this.#read(await this.#room());
      if (lengthBytes === 0) return;
      this.#accept(lengthBytes);
      await this.#transfer.limiter.take(lengthBytes, this.#stop.signal);
    }
  }

  /** Where the next bytes go: the rest of the buffer, or the next one as soon as it is free. */
  async #room(): Promise<Uint8Array> {
    if (this.#filledBytes === this.#buffer().length) {
      this.#send();
      this.#slot = (this.#slot + 1) % this.#ring.length;
      this.#filledBytes = 0;
      this.#sentBytes = 0;
      while (this.#busy[this.#slot] !== 0) await this.#change();
    }
    // One byte more than there may be tells whether there is one.
    const lengthBytes = Math.min(this.#transfer.limiter.portionBytes, this.#allowedBytes() + 1);
    return this.#buffer().subarray(this.#filledBytes, this.#filledBytes + lengthBytes);
  }

  /** How many bytes more there may be. */
  #allowedBytes(): number {
    const { maxBytes } = this.#transfer;
    // Never a read into nothing: it would look like the end.
    return maxBytes === undefined ? Number.POSITIVE_INFINITY : Math.max(0, maxBytes - this.#totalBytes);
  }

  #read(room: Uint8Array): Promise<number> {
    // Here, not any earlier: what fails before there is something to interrupt would be noticed after the read only.
    this.#stop.signal.throwIfAborted();
    const read = this.#transfer.source.read(room);
    this.#reading = read.catch(() => undefined);
    // Not Promise.race(): the promise of a stop would remember every read of the transfer.
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      read.then(resolve, reject);
    });
  }

  /** Takes what was read into the buffer, as far as there may be so much. */
  #accept(readBytes: number): void {
    const lengthBytes = Math.min(readBytes, this.#allowedBytes());
    this.#filledBytes += lengthBytes;
    this.#totalBytes += lengthBytes;
    this.#sendSoon();
    if (lengthBytes < readBytes) throw tooMany(this.#transfer.offsetBytes + this.#totalBytes);
  }

  /** A full buffer is sent at once. What comes too slowly to fill one is not kept waiting for the rest. */
  #sendSoon(): void {
    this.#sending ??= setTimeout(() => {
      this.#sending = undefined;
      this.#send();
    }, SLOW_MS);
  }

  /** Sends what the buffer has on its way. */
  #send(): void {
    const lengthBytes = this.#filledBytes - this.#sentBytes;
    if (lengthBytes === 0 || this.#isBroken) return;
    const bytes = this.#buffer().subarray(this.#sentBytes, this.#filledBytes);
    const batch = { lengthBytes, slot: this.#slot, isDone: false };
    this.#batches.push(batch);
    this.#busy[batch.slot] = (this.#busy[batch.slot] ?? 0) + 1;
    this.#inFlight++;
    const positionBytes = this.#transfer.offsetBytes + this.#totalSentBytes;
    this.#writing = this.#writing.then(() => this.#write(bytes, positionBytes));
    const work = [this.#writing, this.#hash(bytes)];
    this.#sentBytes = this.#filledBytes;
    this.#totalSentBytes += lengthBytes;
    const attempts = work.map((attempt) =>
      attempt.then(
        () => true,
        (error: unknown) => this.#break(error),
      ),
    );
    void Promise.all(attempts).then((results) => this.#done(batch, !results.includes(false)));
  }

  async #write(bytes: Uint8Array, positionBytes: number): Promise<void> {
    const { sink } = this.#transfer;
    if (sink === undefined) return;
    for (let doneBytes = 0; doneBytes < bytes.length; ) {
      const { bytesWritten } = await sink.write(bytes, doneBytes, bytes.length - doneBytes, positionBytes + doneBytes);
      if (bytesWritten === 0) throw takesNoMore();
      doneBytes += bytesWritten;
    }
  }

  async #hash(bytes: Uint8Array): Promise<void> {
    await this.#transfer.hasher?.update(bytes);
  }

  #done(batch: Batch, isGood: boolean): void {
    this.#inFlight--;
    this.#busy[batch.slot] = (this.#busy[batch.slot] ?? 0) - 1;
    batch.isDone = isGood;
    try {
      // A batch that failed stays where it is, and those behind it are not told of.
      for (let first = this.#batches[0]; first?.isDone === true; first = this.#batches[0]) {
        this.#batches.shift();
        this.#transfer.onBytes(first.lengthBytes);
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#wake();
  }

  #break(error: unknown): false {
    this.#isBroken = true;
    this.#fail(error);
    return false;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#stop.abort(this.#failure.error);
    this.#interrupt(this.#failure.error);
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #buffer(): Uint8Array {
    return this.#ring[this.#slot] ?? new Uint8Array();
  }
}

function tooMany(expectedBytes: number): IntegrityError {
  return new IntegrityError(
    'INTEGRITY_SIZE',
    `Cannot take the image: there are more bytes than the ${expectedBytes} expected`,
    {
      hint: 'Compare the size that "openstack image show" gives for the image with its file in the store',
      details: { expected: expectedBytes },
    },
  );
}

function takesNoMore(): CacheStateError {
  return new CacheStateError('CACHE_IO', 'Cannot write the bytes of the image: the file takes no more of them', {
    hint: `Look at the log of the kernel, with "${KERNEL_LOG}", and run it again: ${THIS_COMMAND}`,
  });
}
