import type { Parts } from '../../cache/prefetch/parts.ts';
import type { Glance } from '../../glance/glance.ts';
import type { Clock } from '../../time/clock.ts';
import type { Hasher } from '../transfer/hasher.ts';
import type { HashedImage } from '../transfer/hashers.ts';
import type { RateLimiter } from '../transfer/rate-limiter.ts';
import type { RingPool } from '../transfer/ring-pool.ts';

/** What fetching the bytes of an image needs of the world. */
export interface FetchPorts {
  readonly parts: Parts;
  readonly glance: Glance;
  readonly clock: Clock;
  /** A number in [0, 1), to spread those who try again at the same time. */
  readonly random: () => number;
  /** How often in a row a failure that may pass is tried again. */
  readonly retries: number;
  /** Shared by all images of the run. */
  readonly limiter: RateLimiter;
  readonly rings: RingPool;
  createHasher(image: HashedImage): Hasher;
  /** Aborted when the run is to stop. */
  readonly signal: AbortSignal;
}
