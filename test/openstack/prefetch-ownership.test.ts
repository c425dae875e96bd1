import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCache, readEntry } from './support/cache.ts';
import { hit, type TestImage, uploadImages } from './support/images.ts';
import { addImages, giveToGlance, longUnused, makeCache, writeCacheConf } from './support/made-cache.ts';
import { runOurs, SILENT_SUCCESS, USERS } from './support/on-node.ts';
import { openrc } from './support/openrc.ts';
import { cacheFacts, errorOf, NO_STORE, partsOf, prefetch, startPrefetch, untilPart } from './support/prefetch.ts';
import { canSwitchUser } from './support/service-user.ts';
import { useStack } from './support/use-stack.ts';

// Whoever runs the prefetcher: what it makes belongs to Glance, which can work with it; who has no rights gets nowhere.

const stack = useStack();
const STRANGER = 12_345;
const rootDescribe = describe.skipIf(!canSwitchUser);
let image: TestImage;
let large: TestImage;

beforeAll(async () => {
  [image, large] = (await uploadImages(await stack.connect(), [200_000, 8_000_000])) as [TestImage, TestImage];
});

test.each(USERS)('a cache that %s prefetches into before there was any is one of Glance', async (as) => {
  const name = `prefetched-${as}`;
  const dir = join(stack.stateDir, 'nodes', name);
  const cacheDir = join(dir, 'cache');
  mkdirSync(dir);
  giveToGlance(dir, 0o755);
  const cacheConf = writeCacheConf(cacheDir, { log_file: join(dir, 'tools.log') });
  // Neither looking nor an empty queue makes a cache.
  for (const args of [[], ['--dry-run', '--image', image.id]]) {
    expect(await prefetch({ cacheConf }, args, { as })).toMatchObject({ exitCode: 0, stderr: '' });
  }
  expect(existsSync(cacheDir)).toBe(false);

  expect(await prefetch({ cacheConf }, ['--image', image.id], { as, env: NO_STORE })).toMatchObject(SILENT_SUCCESS);
  const tree = readdirSync(cacheDir, { recursive: true, encoding: 'utf8' }).sort();
  expect(tree).toEqual(
    [
      '.glance-cache-tools',
      '.glance-cache-tools/locks',
      '.glance-cache-tools/locks/glance-cache-prefetcher',
      '.glance-cache-tools/prefetch',
      '.glance-cache-tools/runs',
      '.glance-cache-tools/runs/glance-cache-prefetcher.json',
      image.id,
      'cache.db',
      'glance-cache',
      'incomplete',
      'invalid',
      'queue',
    ].sort(),
  );
  for (const path of ['cache', 'tools.log', ...tree.map((entry) => join('cache', entry))]) {
    const { kind, mode, uid, gid } = readEntry(dir, path);
    const { user } = stack;
    const expected = kind === 'folder' ? '0750' : '0640';
    expect({ path, mode, uid, gid }).toEqual({ path, mode: expected, uid: user.uid, gid: user.gid });
  }

  const node = await stack.startGlanceNode({ lockPath: false, workers: 1 }, name);
  const client = await stack.connect(node);
  await hit(client, node, image);
  expect(await client.listCached()).toMatchObject([{ image_id: image.id, hits: 1, size: image.sizeBytes }]);
  await client.deleteCachedImage(image.id);
  expect(readCache(cacheDir)).toMatchObject({ images: [], rows: [] });
  await stack.stopGlance(node);
});

rootDescribe('without rights', () => {
  test.each(['755', '750'])(
    'a stranger fetches nothing and changes nothing when the cache has mode %s',
    async (mode) => {
      const place = makeCache(`strange-prefetch-${mode}`);
      addImages(place.cacheDir, longUnused(1, 1000));
      giveToGlance(place.cacheDir, Number.parseInt(mode, 8));
      const before = cacheFacts(place);
      for (const args of [['--image', image.id], []]) {
        const refused = await prefetch(place, args, { as: STRANGER });
        if (args.length === 0 && mode === '755') {
          // The queue can be read, and is empty.
          expect(refused).toMatchObject(SILENT_SUCCESS);
          continue;
        }
        expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
        expect(refused.stderr).toMatch(/^ERROR: Cannot [^\n]*permission denied[^\n]*\nhint: Run it as [^\n]+\n$/i);
        expect(refused.stderr).toContain(place.cacheDir);
      }
      expect(cacheFacts(place)).toEqual(before);
    },
  );

  test('folders of the cache that belong to root keep the prefetcher from its work, whoever runs it', async () => {
    // As Debian's package makes /var/lib/glance/image-cache.
    const place = makeCache('as-packaged-prefetch');
    for (const folder of ['incomplete', 'invalid', 'queue']) {
      chownSync(join(place.cacheDir, folder), 0, 0);
      chmodSync(join(place.cacheDir, folder), 0o755);
    }
    const marker = join(place.cacheDir, 'queue', image.id);
    writeFileSync(marker, '');
    for (const as of USERS) {
      const refused = await prefetch(place, ['--format', 'json'], { as });
      expect({ exitCode: refused.exitCode, code: errorOf(refused).code }).toEqual({
        exitCode: 4,
        code: 'CACHE_PERMISSION',
      });
      expect(existsSync(marker)).toBe(true);
    }
  });
});

test.each(USERS)('a link in place of a part leads %s nowhere', async (as) => {
  const place = makeCache(`linked-${as}`);
  const target = join(stack.stateDir, `target-${as}`);
  writeFileSync(target, 'not to be touched');
  giveToGlance(target, 0o666);
  const folder = join(place.cacheDir, '.glance-cache-tools', 'prefetch');
  mkdirSync(folder, { recursive: true });
  for (const path of ['.glance-cache-tools', '.glance-cache-tools/prefetch'])
    giveToGlance(join(place.cacheDir, path), 0o750);
  symlinkSync(target, join(folder, `${image.id}.part`));
  const before = readEntry(stack.stateDir, `target-${as}`);
  const { exitCode } = await prefetch(place, ['--image', image.id], { as, env: NO_STORE });
  expect(exitCode).toBe(4);
  const { accessedSec, ...after } = readEntry(stack.stateDir, `target-${as}`);
  expect(before).toMatchObject(after);
});

test('a run goes on when its cache is emptied by Glance in the middle of it', async () => {
  const node = await stack.startGlanceNode({ workers: 1 });
  const client = await stack.connect(node);
  await client.queueImage(large.id);
  const running = startPrefetch(node, ['--limit-rate', '8MB'], { env: { ...openrc(stack), ...NO_STORE } });
  await untilPart(node, large.id, { bytes: 2_000_000, of: running });
  // It takes whatever lies in the folders that it knows.
  await client.request('DELETE', '/v2/cache');
  expect(await running.result).toMatchObject(SILENT_SUCCESS);
  await hit(client, node, large);
  expect(partsOf(node)).toEqual([]);
  expect(await runOurs(node, 'glance-cache-pruner', ['--max-size', '0'])).toMatchObject(SILENT_SUCCESS);
  expect(readCache(node.cacheDir)).toMatchObject({ images: [], rows: [] });
});
