import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { IndexDb } from '../../src/cache/index/index-db.ts';
import { openSqliteIndex } from '../../src/cache/index/sqlite/sqlite-index.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { type Child, useChildren } from '../support/child.ts';
import { FakeClock } from '../support/clocks.ts';
import { createCache, imageIdOf, inIndex, putRow, rowIdsOf } from '../support/seeded-cache.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { rejectionOf } from '../support/thrown.ts';

const folder = useTempDir();
const startHolder = useChildren('support/programs/holder.ts');
const one = imageIdOf(1);
let layout: CacheLayout;
let index: IndexDb;

/** A clock on which something happens at the third sleep. Time passes on it by sleeping alone. */
class EventfulClock extends FakeClock {
  readonly #happen: () => Promise<void> | void;

  constructor(happen: () => Promise<void> | void) {
    super();
    this.#happen = happen;
  }

  override async sleep(seconds: number, signal: AbortSignal): Promise<void> {
    if (this.sleeps.length === 2) await this.#happen();
    await super.sleep(seconds, signal);
  }
}

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  putRow(layout, one);
});

afterEach(() => {
  index.close();
});

async function open(clock: FakeClock, timeoutSec: number, signal = new AbortController().signal): Promise<IndexDb> {
  index = await openSqliteIndex(layout.index, { create: true, patience: { clock, timeoutSec, signal } });
  return index;
}

async function held(what: string): Promise<Child> {
  const holder = startHolder(what, layout.index);
  await holder.expectLine('held');
  return holder;
}

const remove = (): Promise<void> => index.transaction((changes) => changes.remove(one));

describe('SqliteIndex.transaction() while another process holds the write lock', () => {
  test('is busy when the time is over, and not before', async () => {
    const clock = new FakeClock();
    await open(clock, 2);
    await held('write-lock');
    expect(await rejectionOf(remove())).toMatchObject({ code: 'BUSY_INDEX', exitCode: 5 });
    const waitedSec = clock.sleeps.reduce((sum, sec) => sum + sec, 0);
    expect(waitedSec).toBeGreaterThanOrEqual(2);
    expect(waitedSec).toBeLessThan(2.1);
    expect(Math.max(...clock.sleeps)).toBeLessThanOrEqual(0.05);
  });

  test('is busy at once when there is no patience', async () => {
    const clock = new FakeClock();
    await open(clock, 0);
    await held('write-lock');
    expect(await rejectionOf(remove())).toMatchObject({ code: 'BUSY_INDEX' });
    expect(clock.sleeps).toEqual([]);
  });

  test('ends with the reason of the signal when it is aborted', async () => {
    const controller = new AbortController();
    const reason = new Error('stopped');
    await open(new EventfulClock(() => controller.abort(reason)), 1000, controller.signal);
    await held('write-lock');
    expect(await rejectionOf(remove())).toBe(reason);
    expect(rowIdsOf(layout)).toEqual([one]);
  });

  test('goes on when the lock is released', async () => {
    let holder: Child | undefined;
    await open(new EventfulClock(async () => void (await holder?.finish())), 1000);
    holder = await held('counted-hit');
    await remove();
    expect(rowIdsOf(layout)).toEqual([]);
  });

  test('lets rows() read meanwhile, without what is uncommitted', async () => {
    await open(new FakeClock(), 0);
    await held('counted-hit');
    expect(await index.rows()).toMatchObject([{ hits: 0 }]);
  });
});

describe('SqliteIndex.transaction() while another process reads', () => {
  test('is taken back as busy when the reader stays longer than a second', async () => {
    const clock = new FakeClock();
    await open(clock, 1000);
    const reader = await held('read-lock');
    expect(await rejectionOf(remove())).toMatchObject({ code: 'BUSY_INDEX' });
    expect(clock.sleeps.reduce((sum, sec) => sum + sec, 0)).toBeLessThan(1.1);
    expect(inIndex(layout, (db) => db.inTransaction)).toBe(false);
    expect(rowIdsOf(layout)).toEqual([one]);
    await reader.finish();
    await remove();
    expect(rowIdsOf(layout)).toEqual([]);
  });

  test('commits when the reader ends in time, and even though the run is being stopped', async () => {
    const controller = new AbortController();
    let reader: Child | undefined;
    const clock = new EventfulClock(async () => {
      controller.abort(new Error('stopped'));
      await reader?.finish();
    });
    await open(clock, 1000, controller.signal);
    reader = await held('read-lock');
    await remove();
    expect(rowIdsOf(layout)).toEqual([]);
  });
});

describe('SqliteIndex.transaction() without patience', () => {
  test('commits all the same when a reader ends in time', async () => {
    let reader: Child | undefined;
    await open(new EventfulClock(async () => void (await reader?.finish())), 0);
    reader = await held('read-lock');
    await remove();
    expect(rowIdsOf(layout)).toEqual([]);
  });
});

describe('SqliteIndex.transaction() while it changes more than fits into its cache', () => {
  test('lets others read until it commits', async () => {
    await open(new FakeClock(), 0);
    const other = await openSqliteIndex(layout.index, {
      create: false,
      patience: { clock: new FakeClock(), timeoutSec: 0, signal: new AbortController().signal },
    });
    try {
      await index.transaction(async (changes) => {
        for (let i = 0; i < 12_000; i++) {
          const row = { lastAccessedSec: 1, lastModifiedSec: 1, sizeBytes: 1, hits: 1 };
          await changes.insert({ imageId: String(i).padEnd(2000, '-'), ...row });
        }
        expect(await other.rows()).toHaveLength(1);
      });
    } finally {
      other.close();
    }
    expect(await index.rows()).toHaveLength(12_001);
  });
});

describe('openSqliteIndex() after a writer was killed', () => {
  test('finds the rows as they were before the writer began', async () => {
    const writer = await held('half-written');
    const journal = readFileSync(`${layout.index}-journal`);
    await writer.kill();
    expect(journal.length).toBeGreaterThan(0);
    expect(existsSync(`${layout.index}-journal`)).toBe(true);
    await open(new FakeClock(), 0);
    expect((await index.rows()).map(({ imageId }) => imageId)).toEqual([one]);
    expect(existsSync(`${layout.index}-journal`)).toBe(false);
    expect(inIndex(layout, (db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
  });

  test('is busy while the writer lives and holds the file', async () => {
    await held('half-written');
    expect(await rejectionOf(open(new FakeClock(), 2))).toMatchObject({ code: 'BUSY_INDEX' });
  });
});
