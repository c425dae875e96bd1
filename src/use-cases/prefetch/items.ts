/**
 * The lines of a prefetch's report.
 */
import { CacheError } from '../../errors/cache-error.ts';
import type { Image } from '../../glance/image.ts';
import type { WantedImage } from '../../plan/prefetch.ts';
import { errorOf } from '../report.ts';
import type { NotFetched, PlannedFetch } from './look-ahead.ts';
import type { PrefetchItem } from './prefetch-report.ts';

/** What is known of an image however it ends. */
export function itemOf(wanted: WantedImage, image: Image | undefined): PrefetchItem {
  return {
    imageId: wanted.imageId,
    action: 'fetch',
    result: 'skipped',
    reason: undefined,
    area: undefined,
    sizeBytes: image?.sizeBytes,
    lastUsedSec: undefined,
    error: undefined,
    name: image?.name,
    source: undefined,
    fetchedBytes: undefined,
    resumedBytes: undefined,
    elapsedSec: undefined,
  };
}

/** An image that would be fetched. */
export function plannedItem({ wanted, image, storePath, presentBytes }: PlannedFetch): PrefetchItem {
  return {
    ...itemOf(wanted, image),
    result: 'planned',
    source: storePath === undefined ? 'http' : 'store',
    fetchedBytes: image.sizeBytes === undefined ? undefined : image.sizeBytes - presentBytes,
    resumedBytes: presentBytes,
  };
}

/**
 * An image that is not fetched.
 *
 * @param result of dropping its marker, where it is settled
 */
export function notFetchedItem(prospect: NotFetched, result: 'planned' | 'done'): PrefetchItem {
  const { wanted, image, reason, error } = prospect;
  const item = itemOf(wanted, image);
  switch (prospect.kind) {
    case 'not-yet':
      return { ...item, reason };
    case 'settled':
      // One that was asked for by its ID and has no marker is there already: nothing is done.
      return wanted.markers.length === 0
        ? { ...item, reason }
        : { ...item, action: 'unqueue', result, reason, area: 'queue' };
    case 'failed':
      return failedItem(item, error);
  }
}

/** An image that could not be fetched. */
export function failedItem(item: PrefetchItem, error: unknown): PrefetchItem {
  return { ...item, result: 'failed', error: errorOf(error) };
}

/** Whether an error has this code. */
export function hasCode(error: unknown, code: CacheError['code']): error is CacheError {
  return error instanceof CacheError && error.code === code;
}
