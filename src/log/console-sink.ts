import type { LogFormat } from './log-format.ts';
import type { LogTarget } from './log-target.ts';

/**
 * Writes records to standard error.
 *
 * @param write takes text as it is; the command line gives the write of its standard error
 * @param format makes a record one line
 */
export function createConsoleSink(write: (text: string) => void, format: LogFormat): LogTarget {
  return {
    write: (level, message) => write(`${format(level, message)}\n`),
    close: () => Promise.resolve(),
  };
}
