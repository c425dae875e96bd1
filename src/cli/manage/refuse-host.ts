import { UsageError } from '../../errors/cache-error.ts';
import type { Call } from '../program.ts';
import { HOST } from './manage-flags.ts';

/**
 * Refuses `--host` for what is asked of the database that all nodes share: none of them is asked.
 *
 * @param what the command, with the flag that makes it one about all nodes
 * @throws UsageError USAGE_NOT_AVAILABLE
 */
export async function refuseHost({ args }: Call, what: string): Promise<never> {
  const host = JSON.stringify(args.values(HOST)[0]);
  throw new UsageError(
    'USAGE_NOT_AVAILABLE',
    `Cannot do ${what} on ${host}: it asks the database that all nodes share`,
    {
      hint: `Run "glance-cache-manage ${what}" without --host`,
    },
  );
}
