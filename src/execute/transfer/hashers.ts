/**
 * Makes hashers: on the spot for small images, in threads for large ones. The threads start when they are first needed
 * and serve all images of a run.
 */
import { hashInThread } from './hash-in-thread.ts';
import { hashInline } from './hash-inline.ts';
import { HashThread } from './hash-thread.ts';
import type { Hasher } from './hasher.ts';
import { refuseUnknownHash } from './refuse-unknown-hash.ts';

/** Hashing this much takes less time than a thread needs to start, and stops nothing else for long. */
const INLINE_BYTES = 8 * 1024 * 1024;

/** A thread costs 9 MiB. Two keep up with all that the main thread, which copies every byte once, can receive. */
const MAX_THREADS = 2;

/** What is to be hashed. */
export interface HashedImage {
  /** As Node's crypto names it: `sha512`. */
  readonly algorithm: string;
  /** About how much there will be; undefined when nobody knows. */
  readonly sizeBytes: number | undefined;
}

/** Where the code of a thread is. */
export interface HasherOptions {
  /** The bundled `hash-thread-entry`; beside the bundle of the program unless given. */
  readonly threadEntry?: URL;
}

interface Member {
  readonly thread: HashThread;
  /** Hashes that run in it. */
  hashes: number;
}

/** All hashers of a run. */
export class Hashers {
  readonly #threadEntry: URL | undefined;
  #members: Member[] = [];
  #lastHash = 0;

  constructor({ threadEntry }: HasherOptions = {}) {
    this.#threadEntry = threadEntry;
  }

  /**
   * Begins a hash.
   *
   * @throws IntegrityError INTEGRITY_UNVERIFIABLE when this Node knows no such algorithm
   */
  create({ algorithm, sizeBytes }: HashedImage): Hasher {
    refuseUnknownHash(algorithm);
    if (sizeBytes !== undefined && sizeBytes <= INLINE_BYTES) return hashInline(algorithm);
    const member = this.#leastLoaded();
    member.hashes++;
    const onEnd = (): void => {
      member.hashes--;
    };
    return hashInThread({ hash: ++this.#lastHash, algorithm, thread: member.thread, onEnd });
  }

  /** Ends all threads, and with an error whatever still waits for them. */
  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ thread }) => thread.close()));
  }

  #leastLoaded(): Member {
    this.#members = this.#members.filter(({ thread }) => !thread.isDead);
    const [least] = this.#members.sort((a, b) => a.hashes - b.hashes);
    if (least !== undefined && (least.hashes === 0 || this.#members.length >= MAX_THREADS)) return least;
    const member = { thread: new HashThread(this.#threadEntry), hashes: 0 };
    this.#members.push(member);
    return member;
  }
}
