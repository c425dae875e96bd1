import { EXIT_CODES, type ExitCode } from './exit-codes.ts';

/**
 * The errors a user may see. `code` is what scripts match and never changes its meaning; the exit code follows from
 * the subclass. Messages read "Cannot <verb> <thing>: <current state>", the hint says what to do next.
 */

/** Codes of errors in how a program was called. Exit code 2. */
export type UsageCode =
  | 'USAGE'
  | 'USAGE_UNKNOWN_COMMAND'
  | 'USAGE_IMAGE_ID'
  | 'USAGE_AMBIGUOUS_IMAGE'
  | 'USAGE_NOT_AVAILABLE'
  | 'USAGE_STALL_TIME';

/** Codes of errors in the configuration. Exit code 3. */
export type ConfigCode =
  | 'CONFIG_FILE_NOT_FOUND'
  | 'CONFIG_FILE_UNREADABLE'
  | 'CONFIG_DIR_NOT_FOUND'
  | 'CONFIG_PARSE'
  | 'CONFIG_VALUE'
  | 'CONFIG_MISSING'
  | 'CONFIG_CACHE_DIR'
  | 'CONFIG_INSTALL'
  | 'CONFIG_LOG'
  | 'CONFIG_DATABASE'
  | 'CONFIG_DRIVER'
  | 'CONFIG_CREDENTIALS'
  | 'CONFIG_CLOUDS'
  | 'CONFIG_TLS'
  | 'CONFIG_ENDPOINT'
  | 'CHECK_FOUND';

/** Codes of errors in the state of the cache. Exit code 4. */
export type CacheStateCode =
  | 'CACHE_DIR'
  | 'CACHE_IO'
  | 'CACHE_NO_SPACE'
  | 'CACHE_CAPACITY'
  | 'CACHE_STALE_LIMIT'
  | 'CACHE_READ_ONLY'
  | 'CACHE_PERMISSION'
  | 'INDEX_CORRUPT'
  | 'INDEX_FOREIGN'
  | 'INDEX_IO'
  | 'INDEX_FLIPPED'
  | 'OUTPUT_IO';

/** Codes of errors about locks. Exit code 5. */
export type BusyCode = 'BUSY_RUN' | 'BUSY_GLANCE' | 'BUSY_INDEX';

/** Codes of errors about what Glance does not know, or no cache has. Exit code 6. */
export type NotFoundCode = 'NOT_FOUND_IMAGE' | 'NOT_FOUND_NAME' | 'NOT_FOUND_CACHED' | 'NOT_FOUND_CACHE_API';

/** Codes of errors about credentials that Keystone or Glance refused. Exit code 7. */
export type AuthCode = 'AUTH_REFUSED' | 'AUTH_FORBIDDEN';

/** Codes of errors of a server or the way to it. Exit code 8. */
export type RemoteCode =
  | 'REMOTE_UNREACHABLE'
  | 'REMOTE_TLS'
  | 'REMOTE_STALLED'
  | 'REMOTE_CUT'
  | 'REMOTE_STATUS'
  | 'REMOTE_ANSWER'
  | 'REMOTE_REDIRECT';

/** Codes of errors about bytes that are not those of the image. Exit code 9. */
export type IntegrityCode = 'INTEGRITY_HASH' | 'INTEGRITY_SIZE' | 'INTEGRITY_UNVERIFIABLE' | 'INTEGRITY_CACHE';

/** Every code an error can have. */
export type ErrorCode =
  | UsageCode
  | ConfigCode
  | CacheStateCode
  | BusyCode
  | NotFoundCode
  | AuthCode
  | RemoteCode
  | IntegrityCode
  | 'UNANSWERED'
  | 'PARTIAL'
  | 'SIGINT'
  | 'SIGTERM'
  | 'BUG';

/** What an error may carry beside its message. */
export interface ErrorExtras {
  /** What to do next: one sentence, or a few, a line each. */
  readonly hint?: string;
  /** Facts for `--format json`; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The root of all errors this toolkit raises on purpose. */
export abstract class CacheError extends Error {
  abstract readonly exitCode: ExitCode;
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, extras: ErrorExtras = {}) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = extras.hint;
    this.details = extras.details;
  }
}

/** The program was called in a way it cannot follow. */
export class UsageError extends CacheError {
  readonly exitCode = EXIT_CODES.Usage;
  constructor(code: UsageCode, message: string, extras?: ErrorExtras) {
    super(code, message, extras);
  }
}

/** The configuration is missing, unreadable or wrong. */
export class ConfigError extends CacheError {
  readonly exitCode = EXIT_CODES.Config;
  constructor(code: ConfigCode, message: string, extras?: ErrorExtras) {
    super(code, message, extras);
  }
}

/** The cache directory or its index is in a state in which the work cannot be done. */
export class CacheStateError extends CacheError {
  readonly exitCode = EXIT_CODES.CacheState;
  constructor(code: CacheStateCode, message: string, extras?: ErrorExtras) {
    super(code, message, extras);
  }
}

/** Somebody else holds a lock for longer than the patience given. */
export class BusyError extends CacheError {
  readonly exitCode = EXIT_CODES.Busy;
  constructor(code: BusyCode, message: string, extras?: ErrorExtras) {
    super(code, message, extras);
  }
}

/** Glance does not know an image, or does not show it to this account; or no cache has it. */
export class NotFoundError extends CacheError {
  readonly exitCode = EXIT_CODES.NotFound;
  constructor(code: NotFoundCode, message: string, extras?: ErrorExtras) {
    super(code, message, extras);
  }
}

/** Keystone or Glance refused the credentials. */
export class AuthError extends CacheError {
  readonly exitCode = EXIT_CODES.Auth;
  constructor(code: AuthCode, message: string, extras?: ErrorExtras) {
    super(code, message, extras);
  }
}

/** What an error of a server may carry beside its message. */
export interface RemoteExtras extends ErrorExtras {
  /** Whether the same request may succeed a moment later. */
  readonly isTransient?: boolean;
  /** When the server wants to be asked again: seconds from when it said so. */
  readonly retryAfterSec?: number;
}

/** A server could not be reached, or failed, or answered what cannot be understood. */
export class RemoteError extends CacheError {
  readonly exitCode = EXIT_CODES.Remote;
  readonly isTransient: boolean;
  readonly retryAfterSec: number | undefined;
  constructor(code: RemoteCode, message: string, extras: RemoteExtras = {}) {
    super(code, message, extras);
    this.isTransient = extras.isTransient ?? false;
    this.retryAfterSec = extras.retryAfterSec;
  }
}

/** Bytes are not those of the image that they were taken for. */
export class IntegrityError extends CacheError {
  readonly exitCode = EXIT_CODES.Integrity;
  constructor(code: IntegrityCode, message: string, extras?: ErrorExtras) {
    super(code, message, extras);
  }
}

/** A yes-or-no question met the end of input. Exit code 1, as with the stock tool. */
export class UnansweredError extends CacheError {
  readonly exitCode = EXIT_CODES.Bug;
  constructor(message: string, extras?: ErrorExtras) {
    super('UNANSWERED', message, extras);
  }
}

/** Some items failed and some did not. */
export class PartialError extends CacheError {
  readonly exitCode = EXIT_CODES.Partial;
  constructor(message: string, extras?: ErrorExtras) {
    super('PARTIAL', message, extras);
  }
}

/** A signal asked the program to stop; what was done until then is done. */
export class InterruptedError extends CacheError {
  readonly exitCode: ExitCode;
  constructor(signal: 'SIGINT' | 'SIGTERM', message: string, extras?: ErrorExtras) {
    super(signal, message, extras);
    this.exitCode = signal === 'SIGINT' ? EXIT_CODES.Interrupted : EXIT_CODES.Terminated;
  }
}
