import type { LogLevel } from './logger.ts';

/** Python's number of each level: what `levelno` says, and the order of severity. */
export const LEVEL_NUMBERS: Readonly<Record<LogLevel, number>> = {
  CRITICAL: 50,
  ERROR: 40,
  WARNING: 30,
  INFO: 20,
  DEBUG: 10,
};

/** Whether a record of this level passes a threshold: it is as severe, or more. */
export function isAtLeast(level: LogLevel, threshold: LogLevel): boolean {
  return LEVEL_NUMBERS[level] >= LEVEL_NUMBERS[threshold];
}
