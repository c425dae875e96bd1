import type { LogLevel } from './logger.ts';

/**
 * One place that log records go to. A target never fails: a run must not end because its log cannot be written, so
 * each says once on standard error what went wrong.
 */
export interface LogTarget {
  /**
   * @param level how severe the record is
   * @param message the text, secrets already masked, not yet formatted
   */
  write(level: LogLevel, message: string): void;
  /** Gives up what the target holds, once everything written is delivered or given up. */
  close(): Promise<void>;
}

/** Tells the user, on standard error, that a target fails; the text is one line without a line feed. */
export type Complain = (text: string) => void;
