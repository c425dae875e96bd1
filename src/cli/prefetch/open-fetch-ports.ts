/**
 * The machinery that fetches images from a Glance; loaded by a run that fetches.
 */
import type { FetchPorts } from '../../execute/prefetch/fetch-ports.ts';
import type { Glance } from '../../glance/glance.ts';
import { OPTIONS } from '../../settings/options.ts';
import type { OpenRun } from '../open-run.ts';

/** What fetches bytes, as long as the work lasts. */
export async function withFetchPorts<T>(
  { access, settings }: OpenRun,
  glance: Glance,
  work: (ports: FetchPorts) => Promise<T>,
): Promise<T> {
  const [{ Hashers }, { createRateLimiter }, { RingPool }] = await Promise.all([
    import('../../execute/transfer/hashers.ts'),
    import('../../execute/transfer/rate-limiter.ts'),
    import('../../execute/transfer/ring-pool.ts'),
  ]);
  const bytesPerSec = settings.get(OPTIONS.limitRate);
  const hashers = new Hashers();
  try {
    return await work({
      parts: access.parts,
      glance,
      clock: access.clock,
      random: Math.random,
      retries: settings.get(OPTIONS.retries),
      limiter: createRateLimiter(bytesPerSec === 0 ? undefined : bytesPerSec, access.clock),
      rings: new RingPool(),
      createHasher: (image) => hashers.create(image),
      signal: access.signal,
    });
  } finally {
    await hashers.close();
  }
}
