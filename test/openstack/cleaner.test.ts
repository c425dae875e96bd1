import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { readCache } from './support/cache.ts';
import { cacheImages, hit, rowOf, type TestImage, uploadImages } from './support/images.ts';
import { runOurs, SILENT_SUCCESS, USERS } from './support/on-node.ts';
import { type PausedDownload, pauseDownload } from './support/paused-download.ts';
import { canSwitchUser } from './support/service-user.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// glance-cache-cleaner beside a glance-api that writes: never a file that is still written, and every file that is not.

const stack = useStack();
// Without root's rights nobody's files but one's own can be seen.
const rootTest = test.skipIf(!canSwitchUser);
const TWO_DAYS_SEC = 2 * 86_400;
let node: GlanceNode;
let client: GlanceClient;
let image: TestImage;
let paused: PausedDownload | undefined;

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
  [image] = (await uploadImages(client, [48_000_000])) as [TestImage];
});

afterEach(async () => {
  paused?.abort();
  paused = undefined;
  await expect.poll(() => readCache(node.cacheDir).incomplete).toEqual([]);
  await client.request('DELETE', '/v2/cache');
  await runOurs(node, 'glance-cache-cleaner');
});

/** Makes a file look as if nothing had been written to it for two days. */
function age(file: string): void {
  const then = Date.now() / 1000 - TWO_DAYS_SEC;
  utimesSync(file, then, then);
}

interface Told {
  readonly blindness: string | null;
  readonly items: readonly { readonly image_id: string; readonly action: string; readonly reason: string }[];
}

async function clean(as: 'root' | 'glance', ...args: string[]): Promise<Told> {
  const { exitCode, stdout, stderr } = await runOurs(node, 'glance-cache-cleaner', [...args, '--format', 'json'], {
    as,
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout) as Told;
}

interface Holder {
  readonly pid: number;
  readonly command: string;
  readonly writes: boolean;
}

async function holdersOf(id: string): Promise<readonly Holder[]> {
  const { stdout } = await runOurs(node, 'glance-cache-manage', ['list-incomplete', '--format', 'json'], {
    as: USERS[0] ?? 'glance',
  });
  const rows = JSON.parse(stdout) as { image_id: string; held_open: boolean | null; holders: Holder[] }[];
  const row = rows.find(({ image_id }) => image_id === id);
  expect(row?.held_open).toBe(true);
  return row?.holders ?? [];
}

test.each(USERS)(
  'glance-cache-cleaner leaves the file of a paused download when it looks two days old and %s runs it',
  async (as) => {
    paused = await pauseDownload(client, node, image);
    age(paused.file);

    const { blindness, items } = await clean(as);
    expect(items).toMatchObject([{ image_id: image.id, action: 'keep', reason: 'held-open' }]);
    // A cron job says nothing of it, and a run for this image alone or with a shorter time does not take it either.
    expect(await runOurs(node, 'glance-cache-cleaner', [], { as })).toMatchObject(SILENT_SUCCESS);
    expect(await clean(as, '--image', image.id)).toMatchObject({ items: [{ action: 'keep', reason: 'held-open' }] });
    // In some sandboxes not even root may look into every process; a shorter time is refused then, see below.
    if (blindness === null) {
      expect(await clean(as, '--stall-time', '1s')).toMatchObject({ items: [{ action: 'keep', reason: 'held-open' }] });
    }
    expect(existsSync(paused.file)).toBe(true);

    expect(await paused.resume()).toBe(image.sha256);
    expect(await rowOf(node, image.id)).toMatchObject({ size: image.sizeBytes, hits: 0 });
    // The second client gets it from the cache, byte for byte.
    await hit(client, node, image);
    expect(readCache(node.cacheDir)).toMatchObject({ incomplete: [], invalid: [], images: [{ name: image.id }] });
  },
);

test('list-incomplete names the glance-api that writes a file', async () => {
  paused = await pauseDownload(client, node, image);
  for (const as of USERS) {
    const { stdout, stderr, exitCode } = await runOurs(node, 'glance-cache-manage', ['list-incomplete'], { as });
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toMatch(new RegExp(`${image.id} .*\\| glance-api \\(\\d+\\) writes +\\|`));
  }
  const [holder, ...others] = await holdersOf(image.id);
  expect(others).toEqual([]);
  expect(readFileSync(`/proc/${holder?.pid}/cmdline`, 'utf8')).toContain(node.apiConf);
});

rootTest('glance-cache-cleaner refuses a shorter stall time when it cannot see who writes', async () => {
  paused = await pauseDownload(client, node, image);
  age(paused.file);
  const refused = await runOurs(node, 'glance-cache-cleaner', ['--stall-time', '1h'], { as: 'glance' });
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
  expect(refused.stderr).toMatch(
    /^ERROR: Cannot clean with a stall time of 3600 s: .*\nhint: Leave out --stall-time, or run it as root/,
  );
  expect(existsSync(paused.file)).toBe(true);
});

test.each(USERS)('glance-cache-cleaner removes what an aborted download leaves when %s runs it', async (as) => {
  paused = await pauseDownload(client, node, image);
  paused.abort();
  await expect.poll(() => readCache(node.cacheDir).incomplete, { timeout: 10_000 }).toEqual([]);
  expect(readCache(node.cacheDir)).toMatchObject({ images: [], rows: [], invalid: [{ name: image.id }] });

  const listed = await runOurs(node, 'glance-cache-manage', ['list-invalid'], { as });
  expect(listed.stdout).toMatch(new RegExp(`^Found 1 invalid images\\.\\.\\.\n[^]*${image.id}`));
  const { items } = await clean(as);
  expect(items).toMatchObject([{ image_id: image.id, action: 'remove', reason: 'invalid' }]);
  expect(readCache(node.cacheDir)).toMatchObject({ images: [], rows: [], invalid: [], incomplete: [] });
  await cacheImages(client, node, [image]);
  await hit(client, node, image);
});

test.each(USERS)(
  'glance-cache-cleaner removes the file of a killed glance-api once it has stalled when %s runs it',
  async (as) => {
    paused = await pauseDownload(client, node, image);
    const [holder] = await holdersOf(image.id);
    // The worker that writes; its parent starts another one.
    process.kill(holder?.pid ?? 0, 'SIGKILL');
    // Glance sends cold downloads without a length, and undici takes a cut chunked body on a connection to be closed for
    // a whole one: nothing but the digest tells.
    expect(await paused.resume().catch(() => 'cut')).not.toBe(image.sha256);
    expect(await clean(as)).toMatchObject({ items: [{ image_id: image.id, action: 'keep', reason: 'not-stalled' }] });
    // While the file lies there glance-api does not cache the image: it believes that somebody else does.
    await expect.poll(async () => client.downloadImage(image.id).then(({ length }) => length)).toBe(image.sizeBytes);
    expect(readCache(node.cacheDir)).toMatchObject({ images: [], incomplete: [{ name: image.id }] });

    age(paused.file);
    expect(await clean(as, '--dry-run')).toMatchObject({ items: [{ image_id: image.id, action: 'remove' }] });
    expect(existsSync(paused.file)).toBe(true);
    expect(await clean(as)).toMatchObject({ items: [{ image_id: image.id, action: 'remove', reason: 'stalled' }] });
    expect(readCache(node.cacheDir)).toMatchObject({ images: [], rows: [], incomplete: [], invalid: [] });
    await cacheImages(client, node, [image]);
    await hit(client, node, image);
  },
);

test('glance-cache-cleaner leaves images, queue and index alone', async () => {
  await cacheImages(client, node, [image]);
  await client.queueImage((await uploadImages(client, [1]))[0]?.id ?? '');
  const { images, queue, rows } = readCache(node.cacheDir);
  for (const as of USERS) expect(await runOurs(node, 'glance-cache-cleaner', [], { as })).toMatchObject(SILENT_SUCCESS);
  const after = readCache(node.cacheDir);
  expect(after.images.map(({ name }) => name)).toEqual(images.map(({ name }) => name));
  expect({ queue: after.queue, rows: after.rows }).toEqual({ queue, rows });
  expect(existsSync(join(node.cacheDir, image.id))).toBe(true);
});
