import { BusyError } from '../errors/cache-error.ts';
import type { Logger } from '../log/logger.ts';
import { SKIP_IF_BUSY } from './common-flags.ts';
import type { Call } from './program.ts';

/**
 * Does work; with `--skip-if-busy`, finding a lock taken ends it silently and without an error. The log has a line about
 * it: a run that is always skipped does nothing at all. A daemon tells it by itself.
 */
export async function unlessBusy({ args, round }: Call, log: Logger, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof BusyError && args.has(SKIP_IF_BUSY) && round === undefined)) throw error;
    log.info(`Skipped: ${error.message}`);
  }
}
