/** Severity of a log line, by oslo.log's names; most severe first. */
export type LogLevel = 'CRITICAL' | 'ERROR' | 'WARNING' | 'INFO' | 'DEBUG';

/**
 * Where the toolkit says what it does. Passed in, never global: the layers below the command line know only this.
 * Secrets are masked behind it, at every level.
 */
export interface Logger {
  error(message: string): void;
  warning(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}
