import { describe, expect, test } from 'vitest';
import type { IndexDriver } from '../../../../src/cache/index/index-driver.ts';
import { createSqliteDriver } from '../../../../src/cache/index/sqlite/sqlite-driver.ts';
import { parseConfFile } from '../../../../src/settings/conf-file.ts';
import { resolveSettings } from '../../../../src/settings/resolve.ts';
import { systemClock } from '../../../../src/time/system-clock.ts';
import type { CheckContext } from '../../../../src/use-cases/check/check.ts';
import { findFlippedDriver } from '../../../../src/use-cases/check/files/flipped-driver.ts';
import { CHECKED_OPTIONS } from '../../../../src/use-cases/check/files/glance-api-options.ts';
import { idOf, useCache } from '../../../support/cache-fixture.ts';

const cache = useCache();

const HOUR_SEC = 3600;

/** What a check sees of the cache, some time after it was filled. */
function context(laterSec: number): CheckContext {
  const { layout } = cache();
  const patience = { clock: systemClock, timeoutSec: 1, signal: new AbortController().signal };
  return {
    layout,
    index: createSqliteDriver(layout, patience, true),
    clock: { ...systemClock, nowSec: () => systemClock.nowSec() + laterSec },
  } as CheckContext;
}

describe('findFlippedDriver()', () => {
  test('tells that the index looks given up when there are images without any row', async () => {
    cache().addFile('cached', idOf('1'));
    cache().addFile('cached', idOf('2'));
    const [finding] = await findFlippedDriver(context(HOUR_SEC));
    expect(finding).toMatchObject({ check: 'driver-flipped', severity: 'error' });
    expect(finding?.message).toMatch(/cache\.db" has no rows, yet the cache holds 2 images/);
    expect(finding?.reason).toMatch(/^Check image_cache_driver in glance-api\.conf/);
  });

  test('says nothing of images that have just come, of those with rows, and of an empty cache', async () => {
    expect(await findFlippedDriver(context(HOUR_SEC))).toEqual([]);
    cache().addFile('cached', idOf('1'));
    expect(await findFlippedDriver(context(0))).toEqual([]);
    cache().addRow(idOf('2'));
    expect(await findFlippedDriver(context(HOUR_SEC))).toEqual([]);
  });

  test.each([
    ['keystone+caching', true],
    ['keystone+cachemanagement', false],
  ])('knows whether Glance has moved the rows into its database with flavor %s', async (flavor, isUnmoved) => {
    cache().addFile('cached', idOf('1'));
    const later = context(HOUR_SEC);
    const file = parseConfFile('/a.conf', Buffer.from(`[paste_deploy]\nflavor = ${flavor}\n`));
    const settings = resolveSettings({ flags: [], env: {}, files: [file] }, CHECKED_OPTIONS);
    const index = { ...(later.index as IndexDriver), name: 'centralized_db' as const };
    const glanceApi = { settings, files: ['/a.conf'], ownFile: '/a.conf' };
    const [finding] = await findFlippedDriver({ ...later, index, glanceApi });
    expect(finding?.reason.includes('glance-api moves the rows of cache.db')).toBe(isUnmoved);
  });

  test('says nothing where there is no cache, and no driver', async () => {
    expect(await findFlippedDriver({ ...context(0), layout: undefined })).toEqual([]);
    expect(await findFlippedDriver({ ...context(0), index: undefined })).toEqual([]);
  });
});
