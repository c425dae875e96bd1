import { describe, expect, test } from 'vitest';
import { cacheLayout } from '../../../src/cache/layout.ts';

describe('cacheLayout()', () => {
  test('names every place of a cache as Glance does', () => {
    expect(cacheLayout('/cache', 'cache.db')).toEqual({
      root: '/cache',
      areas: { cached: '/cache', incomplete: '/cache/incomplete', invalid: '/cache/invalid', queue: '/cache/queue' },
      index: '/cache/cache.db',
      tools: '/cache/.glance-cache-tools',
      locks: '/cache/.glance-cache-tools/locks',
      parts: '/cache/.glance-cache-tools/prefetch',
      pinned: '/cache/.glance-cache-tools/pinned',
      runs: '/cache/.glance-cache-tools/runs',
      digests: '/cache/.glance-cache-tools/digests',
      setAside: '/cache/.glance-cache-tools/set-aside',
    });
  });

  test.each([
    ['elsewhere', 'the path is absolute', '/var/lib/index.db', '/var/lib/index.db'],
    ['in a folder of the cache', 'the path has one', 'db/cache.db', '/cache/db/cache.db'],
  ])('looks for the index %s when %s', (_where, _when, sqliteDb, index) => {
    expect(cacheLayout('/cache', sqliteDb).index).toBe(index);
  });
});
