import { itemOf } from '../../../../src/use-cases/prefetch/items.ts';
import type { PrefetchItem } from '../../../../src/use-cases/prefetch/prefetch-report.ts';
import type { ExpectedFetch } from '../../../../src/use-cases/prefetch/prefetch-watch.ts';
import { imageIdOf } from '../../../support/seeded-cache.ts';

/** An image that is to be fetched, the nth of a run. */
export function fetchOf(n: number, name?: string, sizeBytes?: number): ExpectedFetch {
  return { imageId: imageIdOf(n), name, sizeBytes };
}

/** How a fetch ended. */
export function endOf({ imageId, name }: ExpectedFetch, result: PrefetchItem['result']): PrefetchItem {
  const wanted = { imageId, markers: [], queuedSec: 0, isUrgent: false };
  return { ...itemOf(wanted, undefined), name, result };
}
