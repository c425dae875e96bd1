import type { LogLevel } from './logger.ts';
import type { Timestamp } from './timestamp.ts';

/**
 * Makes a record one line of text, without the line feed. Secrets are masked before it sees the message.
 */
export type LogFormat = (level: LogLevel, message: string) => string;

/** Where records come from: the same for all records of a run. */
export interface LogOrigin {
  /** Name of the logger, such as `glance_cache_tools.pruner`. */
  readonly name: string;
  readonly pid: number;
  readonly now: () => Date;
  /** How `asctime` is written; see `createTimestamp`. */
  readonly timestamp: Timestamp;
}
