/**
 * Narrowing of what was thrown. Node's system errors are recognised by their `code`, never by their message.
 */
import { constants } from 'node:os';

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
  return isSystemError(error) && codes.includes(errnoOf(error));
}

/**
 * The name of the errno of a failed system call. libuv does not know all of them, EDQUOT among others: their `code` is
 * "UNKNOWN" or "Unknown system error -122".
 */
export function errnoOf({ code, errno }: SystemError): string {
  if (errno === undefined || !/^unknown/i.test(code)) return code;
  return Object.entries(constants.errno).find(([, number]) => number === -errno)?.[0] ?? code;
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

/**
 * The value of a call, or undefined where the thing is missing: one that something else is in place of is not.
 *
 * @throws what the call throws, ENOENT excepted
 */
export function unlessMissing<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The value of a call, or undefined where it fails: for what is done as well as it goes. */
export function unlessTroubled<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** What libuv has no text for. */
const TEXTS: Readonly<Record<string, string>> = { EDQUOT: 'disk quota exceeded', ENOLCK: 'no locks available' };

/** What a system error says in one clause, such as "no space left on device (ENOSPC)". */
export function describeErrno(error: SystemError): string {
  const code = errnoOf(error);
  const text = (code === error.code ? /^[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1] : TEXTS[code]) ?? 'failed';
  return `${text} (${code})`;
}
