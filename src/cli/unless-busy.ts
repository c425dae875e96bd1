import { BusyError } from '../errors/cache-error.ts';
import { SKIP_IF_BUSY } from './common-flags.ts';
import type { Call } from './program.ts';

/**
 * Does work; with `--skip-if-busy`, finding a lock taken ends it silently and without an error.
 */
export async function unlessBusy({ args }: Call, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof BusyError && args.has(SKIP_IF_BUSY))) throw error;
  }
}
