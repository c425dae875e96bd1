/**
 * Shows what the programs do on disks and under limits that are really exhausted: whoever makes room still can, everybody
 * else says what is missing, and nothing is lost.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cacheLayout } from '../../src/cache/layout.ts';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { outcomeOf } from '../support/cache-outcome.ts';
import { canMountFile, withExt4, withFullDisk, withFullExt4, withReadOnly } from '../support/mounts.ts';
import { expectRecovery, FETCHED, usePrefetch } from '../support/prefetch-fixture.ts';
import { failure, type RunResult, success, UNPRIVILEGED } from '../support/run-program.ts';
import { imageIdOf } from '../support/seeded-cache.ts';

const cache = useCache();
const prefetch = usePrefetch();

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];

const FREE_SOME =
  'Free some space on that file system, for example by deleting a file in invalid/: df -h /test/cache/.glance-cache-tools/locks';

/** As many names as a block of 1 KiB has room for: one more, and the folder has to grow. */
const NAMES_IN_BLOCK = 22;

/** An image whose bytes are really there: of a sparse one nothing is freed. */
function addImage(imageId: string, size = 100_000): void {
  cache().addImage(imageId, { size });
  writeFileSync(join(cache().root, imageId), Buffer.alloc(size, 1));
}

/** What the cache holds after a run on a disk of its own. */
function after(index = 'cache.db'): { readonly images: readonly string[]; readonly rows: readonly string[] } {
  const { files, rows } = outcomeOf(cacheLayout(`${cache().root}.after`, index));
  const names = files.map((file) => file.split(' ', 1)[0] ?? '');
  return { images: names.filter((name) => /^[\w-]{36}$/.test(name)), rows };
}

/** Runs a command under a limit of the shell. */
function withLimit(flag: string, value: number): readonly string[] {
  return ['sh', '-c', `ulimit ${flag} ${value} && exec "$@"`, 'sh'];
}

describe.skipIf(!canMountFile())('a full ext4 (where a file system in a file can be mounted)', () => {
  test('the pruner makes room on its first run, for which there is no folder of locks yet', async () => {
    cache().configure('image_cache_max_size = 0');
    addImage(ONE);
    addImage(TWO);
    expect(await cache().run('pruner', [], { within: withFullExt4(cache().root) })).toEqual(success());
    expect(after()).toEqual({ images: [], rows: [] });
  });

  test.each([
    ['pruner', ['--max-size', '0'], []],
    ['manage', ['-f', 'delete-cached-image', ONE], [TWO]],
  ] as const)(
    'glance-cache-%s %j makes room when the folder for what is on its way out cannot take one more name',
    async (program, args, left) => {
      // On another disk there is room for its journal: only the folder lacks some.
      const index = join(cache().base, 'cache.db');
      addImage(ONE);
      addImage(TWO);
      renameSync(cache().layout.index, index);
      cache().configure(`image_cache_sqlite_db = ${index}`);
      mkdirSync(cache().layout.locks, { recursive: true });
      const names = Array.from({ length: NAMES_IN_BLOCK }, (_, number) => imageIdOf(number));
      for (const name of names) cache().addFile('invalid', name, { size: 0 });
      const run = await cache().run(program, args, { within: withFullExt4(cache().root) });
      expect(run).toMatchObject({ code: 0, stderr: '' });
      expect(after(index)).toEqual({ images: left, rows: left.map((id) => `${id} 100000 0`) });
    },
  );

  test('the cleaner makes room on its first run', async () => {
    cache().addFile('invalid', ONE);
    expect(await cache().run('cleaner', [], { within: withFullExt4(cache().root) })).toEqual(success());
    expect(outcomeOf(cacheLayout(`${cache().root}.after`, 'cache.db')).files).not.toContainEqual(
      expect.stringContaining('invalid/'),
    );
  });

  test('queue-image and the prefetcher end with 4 and say what is missing', async () => {
    const it = await prefetch({ images: [{ id: ONE, sizeBytes: 1000 }] });
    it.queue(ONE);
    const { root, layout } = it.cache;
    const lock = (program: string): string => join(layout.locks, `glance-cache-${program}`);
    const full = (program: string): RunResult =>
      failure(4, `Cannot lock "${lock(program)}": no space left on device (ENOSPC)`, FREE_SOME);
    expect(await it.manage(['-f', 'queue-image', TWO], { within: withFullExt4(root) })).toEqual(full('manage'));
    for (const what of ['.copy', '.img', '.after']) rmSync(`${root}${what}`, { recursive: true });
    expect(await it.run([], { within: withFullExt4(root) })).toEqual(full('prefetcher'));
    await expectRecovery(it, ONE);
  });

  test('the pruner keeps rows and files together when a folder is immutable', async () => {
    cache().configure('image_cache_max_size = 0');
    addImage(ONE);
    const within = withExt4(cache().root, 'chattr +i invalid');
    expect(await cache().run('pruner', [], { within })).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringContaining(
        `Cannot remove "${cache().root}/${ONE}": operation not permitted (EPERM)`,
      ) as string,
    });
    expect(after()).toEqual({ images: [ONE], rows: [`${ONE} 100000 0`] });
  });
});

describe('a disk that takes no more files', () => {
  test('the pruner makes room for the journal of the index', async () => {
    cache().configure('image_cache_max_size = 0');
    addImage(ONE, 1000);
    addImage(TWO, 1000);
    mkdirSync(cache().layout.locks, { recursive: true });
    writeFileSync(join(cache().layout.locks, 'glance-cache-pruner'), '');
    writeFileSync(join(cache().root, 'glance-cache-prune'), '');
    const run = await cache().run('pruner', [], { within: withFullDisk(cache().root, 'files') });
    const names = ['.glance-cache-tools', 'cache.db', 'glance-cache-prune', 'incomplete', 'invalid', 'queue'];
    expect(run).toEqual(success(names.map((name) => `${name}\n`).join('')));
  });

  test('delete-all-queued-images tells what is missing when it cannot make its lock', async () => {
    cache().addMarker(ONE);
    const run = await cache().run('manage', ['-f', 'delete-all-queued-images'], {
      within: withFullDisk(cache().root, 'files'),
    });
    const lock = join(cache().layout.locks, 'glance-cache-manage');
    expect(run).toMatchObject({
      code: 4,
      stderr: `ERROR: Cannot lock "${lock}": no space left on device (ENOSPC)\nhint: ${FREE_SOME}\n`,
    });
  });
});

test('the prefetcher ends with 4 when the file system is read-only', async () => {
  const it = await prefetch({ images: [{ id: ONE, sizeBytes: 1000 }] });
  it.queue(ONE);
  const lock = join(it.cache.layout.locks, 'glance-cache-prefetcher');
  const hint =
    'Look at it with --dry-run only, or mount the file system of the cache read-write: sudo mount -o remount,rw "$(findmnt -n -o TARGET -T /test/cache/.glance-cache-tools/locks)"';
  expect(await it.run([], { within: withReadOnly(it.cache.root) })).toEqual(
    failure(4, `Cannot lock "${lock}": read-only file system (EROFS)`, hint),
  );
  await expectRecovery(it, ONE);
});

describe('limits of the process', () => {
  test('the prefetcher keeps what it has and goes on from there when files may not be so large', async () => {
    const it = await prefetch({ images: [{ id: ONE, sizeBytes: 1_000_000 }] });
    it.queue(ONE);
    // In units of 512 B.
    const run = await it.run([], { within: withLimit('-f', 1000) });
    const part = join(it.cache.layout.parts, `${ONE}.part`);
    const hint = `Look at that path, with "ls -ld /test/cache/.glance-cache-tools/prefetch/${ONE}.part", and at the log of the kernel, with "sudo dmesg | tail -n 20"; then again: <this command>`;
    expect(run).toEqual(failure(4, `Cannot write "${part}": file too large (EFBIG)`, hint));
    expect(it.stateOf(ONE).isQueued).toBe(true);
    await expectRecovery(it, ONE);
  });

  test('the pruner changes nothing when the index may not be written', async () => {
    cache().configure('image_cache_max_size = 0');
    addImage(ONE);
    const run = await cache().run('pruner', [], { within: withLimit('-f', 0) });
    expect(run).toMatchObject({ code: 4, stdout: '' });
    expect(run.stderr).toMatch(/^ERROR: Cannot write to the index ".*": disk I\/O error\nhint: .+\n$/);
    expect([cache().names('cached'), cache().rowIds()]).toEqual([[ONE], [ONE]]);
  });

  test('the prefetcher tells which images failed when it may not open so many files, and the next run fetches them', async () => {
    const ids = Array.from({ length: 24 }, (_, number) => imageIdOf(number));
    const it = await prefetch({ images: ids.map((id) => ({ id, sizeBytes: 200_000 })) });
    it.queue(...ids);
    const run = await it.run(['--jobs', '24'], { within: withLimit('-n', 60) });
    expect([0, 4, 8, 10]).toContain(run.code);
    if (run.code !== 0) expect(run.stderr).toMatch(/EMFILE/);
    expect(await it.run()).toEqual(success());
    for (const id of ids) expect(it.stateOf(id)).toEqual(FETCHED);
  });
});

test('the pruner says what root can do about a folder that is not of the cache’s owner', async () => {
  cache().configure('image_cache_max_size = 0');
  addImage(ONE);
  addImage(THREE);
  cache().handTo(UNPRIVILEGED);
  rmSync(cache().layout.areas.invalid, { recursive: true });
  mkdirSync(cache().layout.areas.invalid, { mode: 0o755 });
  const run = await cache().run('pruner', []);
  expect(run).toMatchObject({ code: 4, stdout: '' });
  expect(run.stderr).toMatch(
    /permission denied \(EACCES\)\nhint: As root this program takes the rights of the owner .*, to the same owner: sudo chown --reference=\S+ \S+\n$/,
  );
});
