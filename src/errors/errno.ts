/**
 * Narrowing of what was thrown. Node's system errors are recognised by their `code`, never by their message.
 */

/** A failed system call, as Node reports it. */
export interface SystemError extends Error {
  readonly code: string;
  readonly errno?: number;
  readonly syscall?: string;
  readonly path?: string;
}

/** Whether a thrown value is a failed system call. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}

/** Whether a thrown value is a failed system call with one of these codes, such as `ENOENT`. */
export function hasErrno(error: unknown, ...codes: readonly string[]): error is SystemError {
  return isSystemError(error) && codes.includes(error.code);
}

/**
 * The value of a call, or undefined where the thing it looks for is not there.
 *
 * @param call a system call
 * @throws what the call throws, ENOENT and ENOTDIR excepted
 */
export function unlessAbsent<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** What a system error says in one clause, such as "no space left on device (ENOSPC)". */
export function describeErrno(error: SystemError): string {
  const text = /^[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1] ?? 'failed';
  return `${text} (${error.code})`;
}
