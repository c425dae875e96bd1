/**
 * Lines of a daemon about itself, where the log of its rounds goes, and on standard error: there are the logs of a
 * container, while standard output is for results.
 */
import { createRedactor } from '../../log/redact.ts';
import { printable } from '../../text/printable.ts';
import { openLog } from '../open-log.ts';
import type { RoundCall } from './work-round.ts';

/** One line. */
export interface Line {
  readonly level: 'ERROR' | 'WARNING' | 'INFO';
  readonly message: string;
}

/**
 * Tells a line. The log is opened for it, as each round does: it may have been rotated.
 *
 * @param call of the last round
 * @param error what the line is about; where it arose is told at debug level
 */
export async function tell(call: RoundCall, { level, message }: Line, error?: unknown): Promise<void> {
  try {
    const { log, everywhere } = await openLog(call, call.round.settings);
    try {
      const all = everywhere();
      if (level === 'ERROR') all.error(message);
      else if (level === 'WARNING') all.warning(message);
      else all.info(message);
      if (error instanceof Error) for (const line of (error.stack ?? '').split('\n')) log.debug(line);
    } finally {
      await log.close();
    }
  } catch {
    // A log that cannot be opened ends a single run. Here it may be what the line is about.
    const { secrets, stderr } = call.invocation;
    await stderr.write(`${level}: ${printable(createRedactor(secrets)(message))}\n`);
  }
}
