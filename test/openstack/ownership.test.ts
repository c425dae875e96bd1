import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCache, readEntry } from './support/cache.ts';
import { confText } from './support/conf-text.ts';
import { cacheImages, hit, uploadImages } from './support/images.ts';
import { addImages, giveToGlance, longUnused, makeCache, writeCacheConf } from './support/made-cache.ts';
import { runOurs, SILENT_SUCCESS, USERS } from './support/on-node.ts';
import { run } from './support/run.ts';
import { canSwitchUser } from './support/service-user.ts';
import { useStack } from './support/use-stack.ts';

// Whoever runs the programs: what they make belongs to Glance, which can work with it; who has no rights gets nowhere.

const stack = useStack();
const STRANGER = 12_345;
// Only root can run something as somebody else.
const rootDescribe = describe.skipIf(!canSwitchUser);

/** Everything below a folder, relative to it, but for what SQLite makes and removes again. */
function treeOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

/** All that a program without rights must leave as it is. */
function factsOf(folder: string): unknown {
  return ['', ...treeOf(folder)].map((name) => {
    const { mode, uid, gid, size, ino, nlink, mtimeMs, ctimeMs } = lstatSync(join(folder, name));
    return { name, mode, uid, gid, size, ino, nlink, mtimeMs, ctimeMs };
  });
}

test.each(USERS)('everything that %s makes belongs to Glance, which goes on with it', async (as) => {
  const name = `owned-${as}`;
  const dir = join(stack.stateDir, 'nodes', name);
  const cacheDir = join(dir, 'cache');
  mkdirSync(dir);
  giveToGlance(dir, 0o755);
  const cacheConf = writeCacheConf(cacheDir, { log_file: join(dir, 'tools.log') });
  const [queued, other] = [randomUUID(), randomUUID()];

  // Neither looking nor pruning nor cleaning makes a cache.
  for (const program of ['glance-cache-pruner', 'glance-cache-cleaner'] as const) {
    expect(await runOurs({ cacheConf }, program, [], { as })).toMatchObject(SILENT_SUCCESS);
  }
  expect(await runOurs({ cacheConf }, 'glance-cache-manage', ['list-cached'], { as })).toMatchObject({
    exitCode: 0,
    stdout: 'No cached images.\n',
  });
  expect(existsSync(cacheDir)).toBe(false);

  const manage = async (...args: string[]) => runOurs({ cacheConf }, 'glance-cache-manage', ['-f', ...args], { as });
  expect(await manage('queue-image', queued, other)).toMatchObject(SILENT_SUCCESS);
  expect(await manage('delete-queued-image', other)).toMatchObject(SILENT_SUCCESS);
  expect(await manage('delete-all-cached-images')).toMatchObject(SILENT_SUCCESS);
  for (const program of ['glance-cache-pruner', 'glance-cache-cleaner'] as const) {
    expect(await runOurs({ cacheConf }, program, [], { as })).toMatchObject(SILENT_SUCCESS);
  }
  expect(treeOf(cacheDir)).toEqual([
    '.glance-cache-tools',
    '.glance-cache-tools/locks',
    '.glance-cache-tools/locks/glance-cache-cleaner',
    '.glance-cache-tools/locks/glance-cache-manage',
    '.glance-cache-tools/locks/glance-cache-pruner',
    '.glance-cache-tools/runs',
    '.glance-cache-tools/runs/glance-cache-cleaner.json',
    '.glance-cache-tools/runs/glance-cache-pruner.json',
    'cache.db',
    'glance-cache-clean',
    'glance-cache-prune',
    'incomplete',
    'invalid',
    'queue',
    `queue/${queued}`,
  ]);
  for (const path of ['cache', 'tools.log', ...treeOf(cacheDir).map((entry) => join('cache', entry))]) {
    const { kind, mode, uid, gid } = readEntry(dir, path);
    const { user } = stack;
    expect({ path, mode, uid, gid }).toEqual({
      path,
      mode: kind === 'folder' ? '0750' : '0640',
      uid: user.uid,
      gid: user.gid,
    });
  }

  // glance-api works with the index, the folders, the locks and the queue that were made for it.
  const node = await stack.startGlanceNode({ lockPath: false, workers: 1 }, name);
  const client = await stack.connect(node);
  expect(await client.listQueued()).toEqual([queued]);
  const [image] = await uploadImages(client, [200_000]);
  if (image === undefined) throw new Error('no image');
  await cacheImages(client, node, [image]);
  await hit(client, node, image);
  await client.queueImage(other);
  expect(await client.request('DELETE', `/v2/queued_images/${queued}`)).toMatchObject({ ok: true });
  expect(readCache(cacheDir).queue.map((entry) => entry.name)).toEqual([other]);
  expect(await runOurs(node, 'glance-cache-pruner', ['--max-size', '0'], { as })).toMatchObject(SILENT_SUCCESS);
  await cacheImages(client, node, [image]);
  await stack.stopGlance(node);
});

rootDescribe('without rights', () => {
  test.each(['755', '750'])(
    'a stranger gets a clear refusal and changes nothing when the cache has mode %s',
    async (mode) => {
      const { cacheDir } = makeCache(`strange-${mode}`);
      const [id = ''] = addImages(cacheDir, longUnused(3, 1000));
      giveToGlance(cacheDir, Number.parseInt(mode, 8));
      const cacheConf = writeCacheConf(cacheDir, { image_cache_max_size: 0 });
      const before = factsOf(cacheDir);
      for (const [program, ...args] of [
        ['glance-cache-pruner'],
        ['glance-cache-cleaner'],
        ['glance-cache-manage', 'list-cached'],
        ['glance-cache-manage', '-f', 'queue-image', randomUUID()],
        ['glance-cache-manage', '-f', 'delete-cached-image', id],
        ['glance-cache-manage', '-f', 'delete-all-cached-images'],
        ['glance-cache-manage', '-f', 'delete-all-queued-images'],
      ] as const) {
        const { exitCode, stdout, stderr } = await runOurs({ cacheConf }, program, args, { as: STRANGER });
        expect({ command: [program, ...args].join(' '), exitCode, stdout }).toEqual({
          command: [program, ...args].join(' '),
          exitCode: 4,
          stdout: '',
        });
        expect(stderr).toMatch(
          /^ERROR: Cannot [^\n]*"[^\n]*(permission denied|unable to open)[^\n]*\nhint: Run it as [^\n]+\n$/i,
        );
        expect(stderr).toContain(cacheDir);
      }
      expect(factsOf(cacheDir)).toEqual(before);
    },
  );

  test('a program that root runs does no more than Glance could when folders belong to root', async () => {
    // As Debian's package makes /var/lib/glance/image-cache: the folders in it are root's.
    const { cacheDir, cacheConf } = makeCache('as-packaged');
    const [id = ''] = addImages(cacheDir, longUnused(1, 1000));
    for (const folder of ['incomplete', 'invalid', 'queue']) {
      chownSync(join(cacheDir, folder), 0, 0);
      chmodSync(join(cacheDir, folder), 0o755);
    }
    const image = readCache(cacheDir);
    for (const as of USERS) {
      for (const [program, ...args] of [
        ['glance-cache-manage', '-f', 'queue-image', randomUUID()],
        ['glance-cache-manage', '-f', 'delete-cached-image', id],
        ['glance-cache-pruner', '--max-size', '0'],
      ] as const) {
        const { exitCode, stderr } = await runOurs({ cacheConf }, program, args, { as });
        expect(exitCode).toBe(4);
        expect(stderr).toMatch(/^ERROR: Cannot [^\n]*permission denied[^\n]*\nhint: [^\n]+\n$/i);
      }
    }
    const { images, rows, queue } = readCache(cacheDir);
    expect({ images, rows, queue }).toEqual({ images: image.images, rows: image.rows, queue: [] });
  });
});

test('a cron job of Glance finds its default files, does its work and is silent', async () => {
  const { cacheDir } = makeCache('cron');
  addImages(cacheDir, longUnused(5, 1000));
  writeFileSync(join(cacheDir, 'invalid', randomUUID()), 'x');
  const home = join(stack.stateDir, 'cron-home');
  mkdirSync(join(home, '.glance'), { recursive: true });
  // Both: else glance-api.conf would be that of this machine. What the cache's own file says wins.
  const write = (name: string, maxSize: number): void =>
    writeFileSync(
      join(home, '.glance', name),
      confText({ DEFAULT: { debug: 'true', image_cache_dir: cacheDir, image_cache_max_size: maxSize } }),
    );
  write('glance-api.conf', 10 ** 9);
  write('glance-cache.conf', 2500);
  for (const path of [home, join(home, '.glance')]) giveToGlance(path, 0o755);
  giveToGlance(join(cacheDir, 'invalid', readdirSync(join(cacheDir, 'invalid'))[0] ?? ''), 0o640);

  for (const program of ['glance-cache-pruner', 'glance-cache-cleaner']) {
    const argv = [stack.nodeBinary, join(stack.programsDir, 'bin', `${program}.cjs`)];
    // Debian's cron gives a job of /etc/cron.d these and no others.
    const env = { HOME: home, LOGNAME: stack.user.name, PATH: '/usr/bin:/bin', SHELL: '/bin/sh' };
    expect(await run(argv, { as: stack.user, env })).toMatchObject(SILENT_SUCCESS);
  }
  const { images, rows, invalid } = readCache(cacheDir);
  expect({ images: images.length, rows: rows.length, invalid }).toEqual({ images: 2, rows: 2, invalid: [] });
});
