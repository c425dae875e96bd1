import { mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CacheLayout } from '../../../../src/cache/layout.ts';
import { unlessAbsent } from '../../../../src/errors/errno.ts';
import { type Published, publishImage } from '../../../../src/execute/prefetch/publish-image.ts';
import { useChildren } from '../../../support/child.ts';
import { FakeClock } from '../../../support/clocks.ts';
import { GLANCE_SCHEMA } from '../../../support/glance-schema.ts';
import type { Hook } from '../../../support/hooked-ports.ts';
import { partNames, putJournal, putPart } from '../../../support/parts.ts';
import {
  accessTo,
  contentOf,
  createCache,
  fileIdsOf,
  imageIdOf,
  inIndex,
  putFile,
  putRow,
  rowIdsOf,
  rowsOf,
} from '../../../support/seeded-cache.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf } from '../../../support/thrown.ts';

const folder = useTempDir();
const startHolder = useChildren('support/programs/holder.ts');
const one = imageIdOf(1);
const NOW_SEC = 1_700_000_000.5;
const PART = [`${one}.json`, `${one}.part`];
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  putPart(layout, one, { size: 300 });
  putJournal(layout, one);
});

function publish(hook: Hook = () => undefined): Promise<Published> {
  const access = accessTo(layout, { hook, timeoutSec: 0, clock: new FakeClock(NOW_SEC) });
  return publishImage({ ...access, openIndex: () => access.index.open(true) }, one);
}

/** Does something once, right before a step. */
function before(step: string, act: () => void): Hook {
  let isDone = false;
  return (at) => {
    if (at !== step || isDone) return;
    isDone = true;
    act();
  };
}

function expectPublished(): void {
  expect([fileIdsOf(layout), rowIdsOf(layout), partNames(layout)]).toEqual([[one], [one], [`${one}.json`]]);
  expect(readFileSync(join(layout.root, one), 'utf8')).toBe(contentOf(one, 300));
}

function expectUntouched(): void {
  expect([fileIdsOf(layout), rowIdsOf(layout), partNames(layout)]).toEqual([[], [], PART]);
}

describe('publishImage()', () => {
  test('enters the row, renames the part, commits, and syncs the folder, in this order', async () => {
    const steps: string[] = [];
    expect(await publish((step) => steps.push(step))).toBe('published');
    expect(steps).toEqual([
      'look cached',
      'look incomplete',
      'look index',
      'look part',
      'begin',
      'look cached',
      'look incomplete',
      'put',
      'publish',
      'commit',
      'committed',
      'sync folder',
    ]);
    expectPublished();
  });

  test('enters its size, no hits, and now as the time it came and was last used', async () => {
    await publish();
    expect(rowsOf(layout)).toEqual([
      { image_id: one, last_accessed: NOW_SEC, last_modified: NOW_SEC, size: 300, hits: 0 },
    ]);
  });

  test('replaces a row that was left behind by an earlier file', async () => {
    putRow(layout, one, { size: 7, hits: 99, last_accessed: 5, last_modified: 4 });
    putRow(layout, imageIdOf(2), { hits: 3 });
    await publish();
    expect(rowsOf(layout)).toMatchObject([
      { image_id: one, last_accessed: NOW_SEC, last_modified: NOW_SEC, size: 300, hits: 0 },
      { image_id: imageIdOf(2), hits: 3 },
    ]);
  });

  test('publishes an image without bytes', async () => {
    putPart(layout, one, { size: 0 });
    expect(await publish()).toBe('published');
    expect(rowsOf(layout)).toMatchObject([{ image_id: one, size: 0 }]);
  });

  test('creates a missing index', async () => {
    rmSync(layout.index);
    expect(await publish()).toBe('published');
    expectPublished();
  });

  test.each(['put', 'commit', 'sync folder', 'no step'])(
    'leaves the index closed when it fails at %s',
    async (step) => {
      const failed = before(step, () => {
        throw new Error('fault');
      });
      await publish(failed).catch(() => undefined);
      const links = readdirSync('/proc/self/fd').map((handle) => linkOf(join('/proc/self/fd', handle)));
      expect(links.filter((path) => path?.startsWith(layout.index))).toEqual([]);
    },
  );
});

/** Where a link leads; undefined when it is gone, as that of a listing is. */
function linkOf(path: string): string | undefined {
  return unlessAbsent(() => readlinkSync(path));
}

describe('publishImage() beside glance-api', () => {
  const RIVALS = [
    ['cached', 'has cached the image', 'cached'],
    ['being-cached', 'is writing the image', 'incomplete'],
  ] as const;

  test.each(RIVALS)('is %s, without a look at the index, when it %s already', async (expected, _when, area) => {
    putFile(layout, area, one, { size: 7 });
    const steps: string[] = [];
    expect(await publish((step) => steps.push(step))).toBe(expected);
    expect(steps).not.toContain('begin');
    expect([rowIdsOf(layout), partNames(layout)]).toEqual([[], PART]);
    expect(readFileSync(join(layout.areas[area], one), 'utf8')).toBe(contentOf(one, 7));
  });

  test.each(RIVALS)(
    'is %s, and changes nothing, when it %s while the lock is waited for',
    async (expected, _when, area) => {
      const rival = before('begin', () => putFile(layout, area, one, { size: 7 }));
      expect(await publish(rival)).toBe(expected);
      expect([rowIdsOf(layout), partNames(layout)]).toEqual([[], PART]);
      expect(readFileSync(join(layout.areas[area], one), 'utf8')).toBe(contentOf(one, 7));
    },
  );

  test('takes nothing back of the copy that it has finished between rename and commit', async () => {
    const error = new Error('fault');
    const failed = publish(
      before('commit', () => {
        // glance-api takes no lock for this; its row comes once ours is given up.
        putFile(layout, 'incomplete', one, { size: 7 });
        renameSync(join(layout.areas.incomplete, one), join(layout.root, one));
        throw error;
      }),
    );
    expect(await rejectionOf(failed)).toBe(error);
    expect([rowIdsOf(layout), partNames(layout)]).toEqual([[], [`${one}.json`]]);
    expect(readFileSync(join(layout.root, one), 'utf8')).toBe(contentOf(one, 7));
  });

  test('publishes all the same when its "delete all" removes the journal of the transaction', async () => {
    expect(await publish(before('commit', () => rmSync(`${layout.index}-journal`)))).toBe('published');
    expectPublished();
  });

  test('publishes into the new index when the old one is replaced under it', async () => {
    const replaced = before('put', () => {
      renameSync(layout.index, join(folder(), 'old.db'));
      inIndex(layout, (db) => db.exec(GLANCE_SCHEMA));
    });
    expect(await publish(replaced)).toBe('published');
    expectPublished();
  });

  test('is BUSY_INDEX, and publishes nothing, when it holds the write lock', async () => {
    const glance = startHolder('write-lock', layout.index);
    await glance.expectLine('held');
    expect(await rejectionOf(publish())).toMatchObject({ code: 'BUSY_INDEX', exitCode: 5 });
    await glance.finish();
    expectUntouched();
  });

  test('is BUSY_INDEX, and takes the image back, when a reader keeps it from committing', async () => {
    const reader = startHolder('read-lock', layout.index);
    await reader.expectLine('held');
    const steps: string[] = [];
    expect(await rejectionOf(publish((step) => steps.push(step)))).toMatchObject({ code: 'BUSY_INDEX' });
    expect(steps.slice(-3)).toEqual(['publish', 'commit', 'unpublish']);
    await reader.finish();
    expectUntouched();
    expect(await publish()).toBe('published');
  });

  test('refuses what is no image in the place of one, and leaves it there', async () => {
    mkdirSync(join(layout.root, one));
    expect(await rejectionOf(publish())).toMatchObject({
      code: 'CACHE_DIR',
      details: { path: join(layout.root, one) },
    });
    expect([rowIdsOf(layout), partNames(layout)]).toEqual([[], PART]);
  });
});
