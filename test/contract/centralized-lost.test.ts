// What becomes of changes when the connection to the database is lost while they are made.
import { beforeEach, describe, expect, test } from 'vitest';
import { CentralizedIndex } from '../../src/cache/index/centralized/centralized-index.ts';
import { parseConnectionUrl } from '../../src/database/connection-url.ts';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { BusyError, CacheStateError } from '../../src/errors/cache-error.ts';
import { CentralSqlite, NODE_URL } from '../support/central-sqlite.ts';
import { FakeClock } from '../support/clocks.ts';
import { imageIdOf } from '../support/seeded-cache.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { rejectionOf } from '../support/thrown.ts';

/** When a try fails: before anything is committed, or after; undefined where it goes well. */
type Failure = 'before' | 'after' | undefined;

const LOST = new CacheStateError('INDEX_IO', 'Cannot write to the database: gone');
const BUSY = new BusyError('BUSY_INDEX', 'Cannot write to the database: busy');

const folder = useTempDir();
const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];
let central: CentralSqlite;

beforeEach(() => {
  central = new CentralSqlite(folder());
  central.addRow(one);
  central.addRow(two, { hits: 9 });
});

/** An index whose transactions fail one after the other; `works` counts how often the work was done. */
async function indexWith(failures: readonly Failure[], error: unknown = LOST): Promise<CentralizedIndex> {
  const target = parseConnectionUrl({ url: central.url, parameters: '', origin: 'a test' });
  const patience = { clock: new FakeClock(), timeoutSec: 0, signal: new AbortController().signal };
  const inner = await openDatabase(target, patience);
  const left = [...failures];
  const database: Database = {
    dialect: inner.dialect,
    label: inner.label,
    rows: (sql, ...parameters) => inner.rows(sql, ...parameters),
    run: (sql, ...parameters) => inner.run(sql, ...parameters),
    close: () => inner.close(),
    async transaction(work) {
      const failure = left.shift();
      if (failure === 'before') throw error;
      const result = await inner.transaction(work);
      if (failure === 'after') throw error;
      return result;
    },
  };
  const [row] = await inner.rows('SELECT node_reference_id FROM node_reference WHERE node_reference_url = ?', NODE_URL);
  return new CentralizedIndex({ database, nodeId: Number(row?.[0]), withLock: (work) => work() });
}

const ROW = { imageId: three, lastAccessedSec: 5, lastModifiedSec: 5, sizeBytes: 5, hits: 5 };

/** One change of each kind. @returns how often the work was done */
async function change(index: CentralizedIndex): Promise<number> {
  let works = 0;
  await index.transaction(async (changes) => {
    works++;
    await changes.remove(one);
    await changes.setSize(two, 7);
    await changes.insert(ROW);
  });
  return works;
}

const CHANGED = [
  [two, 7, 9],
  [three, 5, 5],
];
const UNCHANGED = [
  [one, 100, 0],
  [two, 100, 9],
];

function rows(): readonly unknown[] {
  return central.rows('SELECT image_id, size, hits FROM cached_images ORDER BY image_id');
}

describe('CentralizedIndex.transaction() on a connection that is lost', () => {
  test.each([['before'], ['after']] as const)(
    'makes the changes once more, and does the work once, when that happens %s the commit',
    async (when) => {
      const index = await indexWith([when]);
      expect(await change(index)).toBe(1);
      expect(rows()).toEqual(CHANGED);
      index.close();
    },
  );

  test('is INDEX_IO when nothing was committed by either try', async () => {
    const index = await indexWith(['before', 'before']);
    expect(await rejectionOf(change(index))).toBe(LOST);
    expect(rows()).toEqual(UNCHANGED);
    index.close();
  });

  // The use cases plan again on INDEX_IO; on rows of which nobody knows whether they are the last ones they must not.
  test.each([[['after', 'before']], [['before', 'after']], [['after', 'after']]] as const)(
    'is REMOTE_CUT when nobody knows whether it was: %s',
    async (failures) => {
      const index = await indexWith(failures);
      expect(await rejectionOf(change(index))).toMatchObject({ code: 'REMOTE_CUT', exitCode: 8, cause: LOST });
      index.close();
    },
  );

  test('makes nothing once more for another reason', async () => {
    const index = await indexWith(['before'], BUSY);
    expect(await rejectionOf(change(index))).toBe(BUSY);
    expect(rows()).toEqual(UNCHANGED);
    index.close();
  });
});
