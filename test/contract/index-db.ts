/**
 * What every index driver promises, whatever it is made of. A driver's own test file runs this suite and adds what is
 * special about it.
 */
import { describe, expect, test } from 'vitest';
import type { IndexDb, IndexRow } from '../../src/cache/index/index-db.ts';
import { imageIdOf } from '../support/seeded-cache.ts';
import { rejectionOf } from '../support/thrown.ts';

const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];

async function insertRows(index: IndexDb, ...rows: readonly IndexRow[]): Promise<void> {
  await index.transaction(async (changes) => {
    for (const row of rows) await changes.insert(row);
  });
}

/** What the suite has to know of a driver. */
export interface DriverUnderTest {
  /**
   * Opens the one index of the running test, which has no rows at first; called several times in a test it opens the
   * same index again.
   */
  readonly open: () => Promise<IndexDb>;
  /** Puts the file of an image there, of this size, for a driver that keeps rows with the files. */
  readonly place?: (imageId: string, sizeBytes: number) => void;
  /** What becomes of a time that is stored, epoch seconds; it is kept as it is when absent. */
  readonly stored?: (timeSec: number) => number;
  /** The largest size to try, where files have to have it: file systems have their limits. */
  readonly largestBytes?: number;
}

/** Declares the suite for one driver. */
export function indexDbContract(
  driver: string,
  { open, place, stored = (timeSec) => timeSec, largestBytes = 2 ** 52 }: DriverUnderTest,
): void {
  const rowOf = (imageId: string, more: Partial<IndexRow> = {}): IndexRow => {
    const row = { imageId, lastAccessedSec: 1000.25, lastModifiedSec: 900.5, sizeBytes: 100, hits: 3, ...more };
    return { ...row, lastAccessedSec: stored(row.lastAccessedSec), lastModifiedSec: stored(row.lastModifiedSec) };
  };

  /** Inserts rows whose files are there. */
  const insert = async (index: IndexDb, ...rows: readonly IndexRow[]): Promise<void> => {
    for (const { imageId, sizeBytes } of rows) place?.(imageId, sizeBytes);
    await insertRows(index, ...rows);
  };

  describe(`IndexDb of ${driver}`, () => {
    test('rows() has none when nothing was inserted', async () => {
      expect(await (await open()).rows()).toEqual([]);
    });

    test('rows() gives back what was inserted, ordered by ID, to whoever opens the index', async () => {
      const rows = [rowOf(one), rowOf(two, { lastAccessedSec: 0, hits: 0 }), rowOf(three, { sizeBytes: largestBytes })];
      await insert(await open(), ...[...rows].reverse());
      expect(await (await open()).rows()).toEqual(rows);
    });

    test('transaction() gives back what its work returns', async () => {
      expect(await (await open()).transaction(async () => 'done')).toBe('done');
    });

    test('transaction() shows its own changes to itself, and to others only once it has ended', async () => {
      const [index, other] = [await open(), await open()];
      place?.(one, 100);
      await index.transaction(async (changes) => {
        await changes.insert(rowOf(one));
        expect(await changes.row(one)).toEqual(rowOf(one));
        expect(await other.rows()).toEqual([]);
        place?.(one, 7);
        await changes.setSize(one, 7);
        expect((await changes.row(one))?.sizeBytes).toBe(7);
      });
      expect(await other.rows()).toEqual([rowOf(one, { sizeBytes: 7 })]);
    });

    test('transaction() takes everything back, and throws the same, when its work throws', async () => {
      const index = await open();
      await insert(index, rowOf(one), rowOf(two));
      place?.(three, 100);
      const fault = new Error('fault');
      const failing = index.transaction(async (changes) => {
        await changes.remove(one);
        await changes.setSize(two, 7);
        await changes.insert(rowOf(three));
        throw fault;
      });
      expect(await rejectionOf(failing)).toBe(fault);
      expect(await index.rows()).toEqual([rowOf(one), rowOf(two)]);
      await insert(index, rowOf(three));
      expect(await index.rows()).toHaveLength(3);
    });

    test('insert() leaves a row as it is when there is one', async () => {
      const index = await open();
      await insert(index, rowOf(one, { hits: 9 }));
      await insertRows(index, rowOf(one, { hits: 1, sizeBytes: 1 }), rowOf(one, { hits: 1, sizeBytes: 1 }));
      await insertRows(index, rowOf(one, { hits: 2, lastAccessedSec: 5000 }));
      expect(await index.rows()).toEqual([rowOf(one, { hits: 9 })]);
    });

    test('put() replaces a row where there is one, and adds it where there is none', async () => {
      const index = await open();
      await insert(index, rowOf(one, { hits: 9 }), rowOf(two));
      place?.(one, 1);
      place?.(three, 100);
      await index.transaction(async (changes) => {
        await changes.put(rowOf(one, { hits: 0, sizeBytes: 1, lastAccessedSec: 5000, lastModifiedSec: 6000 }));
        await changes.put(rowOf(three));
      });
      expect(await index.rows()).toEqual([
        rowOf(one, { hits: 0, sizeBytes: 1, lastAccessedSec: 5000, lastModifiedSec: 6000 }),
        rowOf(two),
        rowOf(three),
      ]);
    });

    test('remove() and setSize() touch the one row, and nothing when it is absent', async () => {
      const index = await open();
      await insert(index, rowOf(one), rowOf(two));
      place?.(two, 0);
      await index.transaction(async (changes) => {
        await changes.remove(one);
        await changes.remove(three);
        await changes.setSize(three, 7);
        await changes.setSize(two, 0);
      });
      expect(await index.rows()).toEqual([rowOf(two, { sizeBytes: 0 })]);
    });

    test('transaction() leaves of several changes to a row what the last one made of it', async () => {
      const index = await open();
      await insert(index, rowOf(one), rowOf(two));
      place?.(three, 100);
      await index.transaction(async (changes) => {
        await changes.remove(one);
        expect(await changes.row(one)).toBeUndefined();
        await changes.insert(rowOf(one, { hits: 8, lastAccessedSec: 7000 }));
        await changes.remove(two);
        await changes.insert(rowOf(two));
        await changes.insert(rowOf(three));
        await changes.put(rowOf(three, { hits: 4 }));
        await changes.insert(rowOf(three, { hits: 5 }));
      });
      expect(await index.rows()).toEqual([
        rowOf(one, { hits: 8, lastAccessedSec: 7000 }),
        rowOf(two),
        rowOf(three, { hits: 4 }),
      ]);
      await index.transaction(async (changes) => {
        await changes.put(rowOf(one));
        await changes.remove(one);
      });
      expect((await index.rows()).map(({ imageId }) => imageId)).toEqual([two, three]);
    });

    test('row() is undefined when there is none', async () => {
      expect(await (await open()).transaction((changes) => changes.row(one))).toBeUndefined();
    });

    test('check() finds nothing wrong with what was written here', async () => {
      const index = await open();
      expect(await index.check()).toEqual({ damage: undefined, oddRows: new Set() });
      await insert(index, rowOf(one), rowOf(two, { lastAccessedSec: 0, hits: 0, sizeBytes: 0 }));
      place?.(three, 100);
      await index.transaction((changes) => changes.put(rowOf(three, { lastAccessedSec: 5000.5 })));
      expect(await index.check()).toEqual({ damage: undefined, oddRows: new Set() });
    });

    test('transaction() works again and again, on tens of thousands of rows', async () => {
      const index = await open();
      const rows = Array.from({ length: 20_000 }, (_, i) => rowOf(imageIdOf(i)));
      await insert(index, ...rows);
      await index.transaction(async (changes) => {
        for (const { imageId } of rows.slice(10)) await changes.remove(imageId);
      });
      expect(await index.rows()).toEqual(rows.slice(0, 10));
    });
  });
}
