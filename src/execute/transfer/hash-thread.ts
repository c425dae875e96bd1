/**
 * One thread that hashes, for as many streams as are given to it. Whatever becomes of the thread, every task ends: with
 * its answer, or with the error that the thread died of.
 */
import { Worker } from 'node:worker_threads';
import type { HashAnswer, HashTask } from './hash-protocol.ts';

/**
 * A thread only ever has a few hashes and messages alive. Left to itself V8 would let garbage of many MiB pile up in a
 * heap of its own; the program as a whole has to stay within 150 MiB.
 */
const LIMITS = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16, codeRangeSizeMb: 8, stackSizeMb: 1 };

interface Waiting {
  readonly resolve: (digest: string | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** A running thread. */
export class HashThread {
  readonly #worker: Worker;
  /** In the order of their tasks, which is that of the answers. */
  readonly #waiting: Waiting[] = [];
  #death: { readonly error: unknown } | undefined;

  /** @param entry the bundled `hash-thread-entry`; beside the bundle of the program unless given */
  constructor(entry = new URL('./hash-thread-entry.cjs', import.meta.url)) {
    this.#worker = new Worker(entry, {
      resourceLimits: LIMITS,
      // It needs neither; and what the program is told, such as secrets, stays out of it.
      env: {},
      execArgv: [],
      argv: [],
    });
    this.#worker.on('message', (answer: HashAnswer) => this.#take(answer));
    this.#worker.on('messageerror', (error) => {
      // An answer is missing, so none of those to come would be that of its task.
      this.#die(error);
      void this.#worker.terminate();
    });
    this.#worker.on('error', (error) => this.#die(error));
    this.#worker.on('exit', (code) => this.#die(new Error(`Cannot hash on: the thread ended with ${code}`)));
    // Only a task that is being waited for keeps the program running.
    this.#worker.unref();
  }

  /** Whether it cannot be used any more. */
  get isDead(): boolean {
    return this.#death !== undefined;
  }

  /**
   * Hands over a task.
   *
   * @returns the digest, if it was asked for
   * @throws what the task failed with, or what the thread died of
   */
  async run(task: HashTask): Promise<string | undefined> {
    if (this.#death !== undefined) throw this.#death.error;
    // Throws on what cannot be sent, before anything waits for the answer.
    this.#worker.postMessage(task);
    if (this.#waiting.length === 0) this.#worker.ref();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Ends the thread, and with an error whatever still waits for it. */
  async close(): Promise<void> {
    this.#death ??= { error: new Error('Cannot hash on: the thread was closed') };
    // What waits is told when the thread has ended: until then it may still be reading the bytes.
    await this.#worker.terminate();
    this.#die(this.#death.error);
  }

  #take({ digest, error, system }: HashAnswer): void {
    const waiting = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#worker.unref();
    if (error === undefined) waiting?.resolve(digest);
    else waiting?.reject(error instanceof Error ? Object.assign(error, system) : error);
  }

  #die(error: unknown): void {
    this.#death ??= { error };
    for (const { reject } of this.#waiting.splice(0)) reject(this.#death.error);
  }
}
