/**
 * What is said between the program and its hash threads: every task gets one answer, in the order of the tasks.
 */

/** Something for a thread to do on one of its hashes. */
export interface HashTask {
  /** Which hash, by a number of the sender's choice; it begins with its first task. */
  readonly hash: number;
  /** As Node's crypto names it. */
  readonly algorithm: string;
  /** Bytes to take; not copied when they lie in shared memory. */
  readonly bytes?: Uint8Array;
  /** Ends the hash, and forgets it. */
  readonly end?: 'digest' | 'discard';
}

/** The answer to one task. */
export interface HashAnswer {
  /** Of a task that asked for it, lower-case hexadecimal. */
  readonly digest?: string;
  /** Why the task was not done. */
  readonly error?: unknown;
}
