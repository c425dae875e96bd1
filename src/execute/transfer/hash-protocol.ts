/**
 * What is said between the program and its hash threads: every task gets one answer, in the order of the tasks.
 */
import type { SystemError } from '../../errors/errno.ts';

/** A stretch of an open file. */
export interface FileStretch {
  /** A number that is good in all threads of the program. Whoever sends it closes it, once the task is answered. */
  readonly descriptor: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** Something for a thread to do on one of its hashes. */
export interface HashTask {
  /** Which hash, by a number of the sender's choice; it begins with its first task. */
  readonly hash: number;
  /** As Node's crypto names it. */
  readonly algorithm: string;
  /** Bytes to take; not copied when they lie in shared memory. */
  readonly bytes?: Uint8Array;
  /** Bytes that the thread reads for itself; it is an error when there are fewer. */
  readonly stretch?: FileStretch;
  /** Ends the hash, and forgets it. */
  readonly end?: 'digest' | 'discard';
}

/** The answer to one task. */
export interface HashAnswer {
  /** Of a task that asked for it, lower-case hexadecimal. */
  readonly digest?: string;
  /** Why the task was not done. */
  readonly error?: unknown;
  /** What the error of a system call loses on its way. */
  readonly system?: Pick<SystemError, 'code' | 'syscall'>;
}
