/**
 * Shows that a lock file which somebody has planted is refused before it is opened: it damages nothing, locks nothing
 * of anybody's, and takes no lock from the index that this process has open.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { acquireLock } from '../../src/cache/locks/os-lock.ts';
import { BusyError } from '../../src/errors/cache-error.ts';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { Child, useChildren } from '../support/child.ts';
import { FakeClock } from '../support/clocks.ts';
import { entriesOf } from '../support/directory-state.ts';
import { failure } from '../support/run-program.ts';
import { rejectionOf } from '../support/thrown.ts';

const cache = useCache();
const startHolder = useChildren('support/programs/holder.ts');
const ONE = idOf('1');

/** What somebody may plant in place of a lock file; gets the path, and a folder with victims. */
const PLANTS: Readonly<Record<string, (path: string, victims: string) => void>> = {
  'a link to the index': (path) => symlinkSync(cache().layout.index, path),
  'a second name of the index': (path) => linkSync(cache().layout.index, path),
  'a second name of an empty file': (path, victims) => linkSync(join(victims, 'empty'), path),
  'a link to an empty file': (path, victims) => symlinkSync(join(victims, 'empty'), path),
  'a link to what is not there': (path, victims) => symlinkSync(join(victims, 'new'), path),
  "somebody's database": (path) => {
    const database = new Database(path);
    database.exec('CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)');
    database.close();
  },
  "somebody's text": (path) => writeFileSync(path, 'precious'),
  'a FIFO': (path) => void execFileSync('mkfifo', [path]),
  'a folder': (path) => mkdirSync(path),
};

describe.each(Object.entries(PLANTS))('a lock that is %s', (_what, plant) => {
  test('is refused, and all of it stays as it was', async () => {
    cache().addImage(ONE);
    cache().configure('image_cache_max_size = 0');
    const victims = join(cache().base, 'victims');
    mkdirSync(victims);
    writeFileSync(join(victims, 'empty'), '');
    // As /tmp is, where lock_path must never point to, and does.
    const lockPath = join(cache().base, 'for-all');
    mkdirSync(lockPath);
    chmodSync(lockPath, 0o1777);
    for (const path of [join(cache().layout.locks, 'glance-cache-pruner'), join(lockPath, 'glance-cache-prune')]) {
      cache().configure('image_cache_max_size = 0', '[oslo_concurrency]', `lock_path = ${lockPath}`);
      mkdirSync(cache().layout.locks, { recursive: true });
      plant(path, victims);
      const before = [entriesOf(victims), entriesOf(lockPath), cache().rows(), cache().names('cached')];
      expect(await cache().run('pruner', [])).toEqual(
        failure(
          4,
          `Cannot lock "${path}": it is not an empty regular file`,
          `Look at what it is and move it out of the way; lock files are empty and are made anew: sudo mv ${path.replace(cache().base, '/test')} /var/tmp/`,
        ),
      );
      expect([entriesOf(victims), entriesOf(lockPath), cache().rows(), cache().names('cached')]).toEqual(before);
      rmSync(path, { recursive: true });
    }
    expect((await cache().run('pruner', [])).code).toBe(0);
    expect(cache().names('cached')).toEqual([]);
  });
});

test('a second name of the index in place of a lock takes no lock from the index that is open', async () => {
  const path = join(cache().root, 'glance-cache-prune');
  linkSync(cache().layout.index, path);
  const database = new Database(cache().layout.index);
  try {
    database.exec('BEGIN IMMEDIATE');
    const patience = { clock: new FakeClock(), timeoutSec: 0, signal: new AbortController().signal };
    const error = await rejectionOf(acquireLock(path, patience, () => new BusyError('BUSY_RUN', 'Cannot start')));
    expect(error).toMatchObject({ code: 'CACHE_DIR' });
    // Had any descriptor of it been closed, another process could begin to write now.
    const rival = new Child(process.execPath, [
      '-e',
      `try { new (require('better-sqlite3'))(process.argv[1], { timeout: 0 }).exec('BEGIN IMMEDIATE'); console.log('got it'); }
       catch (error) { console.log(error.code); }`,
      cache().layout.index,
    ]);
    expect(await rival.line()).toBe('SQLITE_BUSY');
    await rival.finish();
    expect(database.inTransaction).toBe(true);
  } finally {
    database.close();
  }
});

test('a lock that another process holds is not lost when somebody plants a link in its place', async () => {
  const path = join(cache().layout.locks, 'glance-cache-pruner');
  mkdirSync(cache().layout.locks, { recursive: true });
  const holder = startHolder('lock', path);
  await holder.expectLine('held');
  rmSync(path);
  symlinkSync(cache().layout.index, path);
  expect((await cache().run('pruner', ['--lock-timeout', '0'])).code).toBe(4);
  expect(readFileSync(cache().layout.index).subarray(0, 15).toString()).toBe('SQLite format 3');
  await holder.finish();
});
