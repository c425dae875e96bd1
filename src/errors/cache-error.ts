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
  | 'CONFIG_LOG';

/** Codes of errors in the state of the cache. Exit code 4. */
export type CacheStateCode =
  | 'CACHE_DIR'
  | 'CACHE_IO'
  | 'CACHE_NO_SPACE'
  | 'CACHE_READ_ONLY'
  | 'CACHE_PERMISSION'
  | 'INDEX_CORRUPT'
  | 'INDEX_FOREIGN'
  | 'INDEX_IO'
  | 'INDEX_FLIPPED'
  | 'OUTPUT_IO';

/** Codes of errors about locks. Exit code 5. */
export type BusyCode = 'BUSY_RUN' | 'BUSY_GLANCE' | 'BUSY_INDEX';

/** Every code an error can have. */
export type ErrorCode =
  | UsageCode
  | ConfigCode
  | CacheStateCode
  | BusyCode
  | 'UNANSWERED'
  | 'PARTIAL'
  | 'SIGINT'
  | 'SIGTERM'
  | 'BUG';

/** What an error may carry beside its message. */
export interface ErrorExtras {
  /** One sentence: what to do next. */
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
