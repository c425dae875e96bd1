import { existsSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { replaceSqliteIndex } from '../../src/cache/index/sqlite/replace-index.ts';
import { type CacheLayout, cacheLayout } from '../../src/cache/layout.ts';
import { useChildren } from '../support/child.ts';
import { clockAhead } from '../support/clocks.ts';
import { createCache, imageIdOf, inIndex, putRow, rowsOf } from '../support/seeded-cache.ts';
import { rowOf } from '../support/snapshots.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { rejectionOf } from '../support/thrown.ts';

const folder = useTempDir();
const startHolder = useChildren('support/programs/holder.ts');
const rows = [rowOf(imageIdOf(1)), rowOf(imageIdOf(2), { hits: 4 })];
const JUNK = 'this was an index once, and is none any more';
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
});

function replace(timeoutSec = 0, where = layout): Promise<string> {
  const patience = { clock: clockAhead(0), timeoutSec, signal: new AbortController().signal };
  return replaceSqliteIndex(where, rows, patience);
}

/** What is known of the images afterwards. */
function expectNewIndex(): void {
  expect(rowsOf(layout).map(({ image_id, hits }) => [image_id, hits])).toEqual([
    [imageIdOf(1), 0],
    [imageIdOf(2), 4],
  ]);
  expect(inIndex(layout, (db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
  expect(inIndex(layout, (db) => db.pragma('journal_mode', { simple: true }))).toBe('delete');
}

describe('replaceSqliteIndex()', () => {
  test('puts a new index in the place of the old one, which lies where Glance never looks', async () => {
    writeFileSync(layout.index, JUNK);
    const aside = await replace();
    expect(dirname(aside)).toBe(join(layout.root, '.glance-cache-tools', 'set-aside'));
    expect(basename(aside)).toMatch(/^cache\.db-\d{8}T\d{6}Z$/);
    expect(readFileSync(aside, 'utf8')).toBe(JUNK);
    expectNewIndex();
    expect(readdirSync(layout.root).sort()).toEqual(
      ['.glance-cache-tools', 'cache.db', 'incomplete', 'invalid', 'queue'].sort(),
    );
    expect(readdirSync(layout.setAside)).toEqual([basename(aside)]);
  });

  test('overwrites nothing that was set aside before, not even within the same second', async () => {
    const contents = ['first', 'second', 'third'];
    const names: string[] = [];
    for (const content of contents) {
      writeFileSync(layout.index, content);
      names.push(await replace());
    }
    expect(new Set(names).size).toBe(3);
    expect(names.map((name) => readFileSync(name, 'utf8'))).toEqual(contents);
  });

  test('sets a journal aside with its index, as it might be played back into the new one', async () => {
    // One that is not hot: SQLite itself leaves it where it is.
    const journal = Buffer.alloc(512);
    writeFileSync(`${layout.index}-journal`, journal);
    writeFileSync(layout.index, JUNK);
    const aside = await replace();
    expect(readFileSync(`${aside}-journal`)).toEqual(journal);
    expect(existsSync(`${layout.index}-journal`)).toBe(false);
    expectNewIndex();
  });

  test('lets the journal of a writer that was killed mend what it can, and leaves none of it to the new index', async () => {
    const holder = startHolder('half-written', layout.index);
    await holder.expectLine('held');
    await holder.kill();
    expect(existsSync(`${layout.index}-journal`)).toBe(true);
    await replace();
    expect(existsSync(`${layout.index}-journal`)).toBe(false);
    expectNewIndex();
  });

  test('replaces an index that can still be read in part', async () => {
    inIndex(layout, (db) => {
      const insert = db.prepare('INSERT INTO cached_images (image_id) VALUES (?)');
      db.transaction(() => {
        for (let number = 0; number < 2000; number++) insert.run(imageIdOf(number));
      })();
    });
    truncateSync(layout.index, 8192);
    await replace();
    expectNewIndex();
  });

  test('changes nothing while somebody writes to the old one', async () => {
    putRow(layout, imageIdOf(9));
    const holder = startHolder('write-lock', layout.index);
    await holder.expectLine('held');
    expect(await rejectionOf(replace())).toMatchObject({ code: 'BUSY_INDEX' });
    await holder.finish();
    expect(rowsOf(layout).map(({ image_id }) => image_id)).toEqual([imageIdOf(9)]);
  });

  test('takes no notice of what an earlier attempt has left', async () => {
    writeFileSync(layout.index, JUNK);
    await replace();
    for (const name of ['cache.db.new', 'cache.db.new-journal']) writeFileSync(join(layout.setAside, name), JUNK);
    writeFileSync(layout.index, JUNK);
    await replace();
    expectNewIndex();
    expect(readdirSync(layout.setAside).filter((name) => name.includes('new'))).toEqual([]);
  });

  test('keeps the link where the index lies elsewhere, and sets it aside over there', async () => {
    const elsewhere = createCache(join(folder(), 'elsewhere'));
    writeFileSync(elsewhere.index, JUNK);
    const linked = cacheLayout(layout.root, 'linked.db');
    symlinkSync(elsewhere.index, linked.index);
    const aside = await replace(0, linked);
    expect(dirname(aside)).toBe(elsewhere.root);
    expect(readFileSync(aside, 'utf8')).toBe(JUNK);
    expect(rowsOf(elsewhere)).toHaveLength(2);
    expect(rowsOf(linked)).toHaveLength(2);
  });
});
