/**
 * A cache with a little of everything, and every command that works on one: for what must hold whatever is called.
 */
import { type CacheFixture, idOf } from './cache-fixture.ts';

/** A cached image, an invalid one, and one in the queue. */
export const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];

/** Every command that works on a cache directory. */
export const CALLS = [
  ['manage', ['list-cached']],
  ['manage', ['list-queued']],
  ['manage', ['list-invalid']],
  ['manage', ['-f', 'queue-image', ONE]],
  ['manage', ['-f', 'delete-all-cached-images']],
  ['manage', ['-f', 'delete-all-queued-images']],
  ['pruner', []],
  ['pruner', ['--dry-run']],
  ['cleaner', []],
] as const;

/** Fills a cache, with a maximum that no image fits into. */
export function fillSome(cache: CacheFixture): void {
  cache.configure('image_cache_max_size = 0');
  cache.addImage(ONE);
  cache.addFile('invalid', TWO);
  cache.addMarker(THREE);
}
