// Images that lie in Glance's file store on this machine, and files there that are not to be trusted.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import type { CloudImage } from '../support/cloud/cloud.js';
import { contentOf } from '../support/cloud/contents.js';
import { answerNext, before, isDownload, ofImage } from '../support/cloud/scripted.ts';
import { entriesOf } from '../support/directory-state.ts';
import { stallAfter } from '../support/http-answers.ts';
import {
  expectRecovery,
  FETCHED,
  itemsOf,
  MIB,
  type PrefetchFixture,
  usePrefetch,
} from '../support/prefetch-fixture.ts';
import { AS_ROOT, success, UNPRIVILEGED, withoutTime } from '../support/run-program.ts';

const prefetch = usePrefetch();

const [ONE, TWO] = [idOf('1'), idOf('2')];
const SIZE = MIB + 3;
const CONTENT = contentOf(ONE, SIZE);
/** As long as the image, and something else. */
const DAMAGED = contentOf(TWO, SIZE);

async function queued(changes: Partial<CloudImage> = {}): Promise<PrefetchFixture> {
  const it = await prefetch({ images: [{ id: ONE, sizeBytes: SIZE, ...changes }] });
  it.queue(ONE);
  return it;
}

/** A directory of a store with a file in it. */
function store(it: PrefetchFixture, name: string, content: Uint8Array | undefined): string {
  const folder = join(it.cache.base, name);
  mkdirSync(folder);
  if (content !== undefined) writeFileSync(join(folder, ONE), content, { mode: 0o640 });
  return folder;
}

/** How often bytes were asked for of Glance. */
function downloads(it: PrefetchFixture): number {
  return it.rangesOf(ONE).length;
}

/** Configurations in which the directory `good` is the one to take the image from, and `bad` has it damaged. */
const CONFIGURED: Readonly<Record<string, (good: string, bad: string) => readonly string[]>> = {
  filesystem_store_datadir: (good) => ['[glance_store]', `filesystem_store_datadir = ${good}/`],
  'filesystem_store_datadirs without priorities': (good, bad) => [
    '[glance_store]',
    `filesystem_store_datadirs = ${good}`,
    `filesystem_store_datadirs = ${bad}`,
  ],
  'filesystem_store_datadirs with priorities': (good, bad) => [
    '[glance_store]',
    `filesystem_store_datadirs = ${bad}:99`,
    `filesystem_store_datadirs = ${good}:100`,
  ],
  'one of several backends': (good, bad) => [
    'enabled_backends = slow:rbd, fast:file',
    '[glance_store]',
    `filesystem_store_datadir = ${bad}`,
    'default_backend = slow',
    '[slow]',
    'rbd_store_pool = images',
    '[fast]',
    `filesystem_store_datadir = ${good}`,
  ],
  'several backends of which the first does not have the image': (good) => [
    'enabled_backends = first:file, second:file',
    '[first]',
    'filesystem_store_datadir = /nonexistent/images',
    '[second]',
    `filesystem_store_datadirs = ${good}:1`,
  ],
};

describe.concurrent('a store that has the image', () => {
  for (const [what, lines] of Object.entries(CONFIGURED)) {
    test(`the prefetcher takes the image from the store, and leaves that as it is, when it is configured by ${what}`, async () => {
      const it = await queued();
      const good = store(it, 'good', CONTENT);
      it.cache.configure(...lines(good, store(it, 'bad', DAMAGED)));
      const untouched = entriesOf(good);
      const plan = itemsOf(await it.run(['--dry-run', '--format', 'json']));
      expect(plan).toMatchObject([{ image_id: ONE, result: 'planned', source: 'store', fetched: SIZE }]);
      await expectRecovery(it, ONE);
      expect(downloads(it)).toBe(0);
      expect(entriesOf(good)).toEqual(untouched);
    });
  }

  test('the prefetcher takes the image from the store when an earlier run was killed while it downloaded it', async () => {
    const it = await queued();
    answerNext(it.cloud, isDownload, stallAfter(500_000, CONTENT));
    const running = it.start(['--stall-timeout', '1h']);
    await it.partReaches(ONE, 500_000);
    running.process.kill('SIGKILL');
    await running.ended;
    it.cache.configure('[glance_store]', `filesystem_store_datadir = ${store(it, 'good', CONTENT)}`);
    await expectRecovery(it, ONE);
    expect(downloads(it)).toBe(1);
  });

  test('the prefetcher ends when SIGTERM comes while it copies, and the next run begins the copy anew', async () => {
    const it = await queued();
    it.cache.configure('[glance_store]', `filesystem_store_datadir = ${store(it, 'good', CONTENT)}`);
    const running = it.start(['--limit-rate', '100KiB']);
    await it.partReaches(ONE, 1000);
    running.process.kill('SIGTERM');
    expect((await running.ended).code).toBe(143);
    await expectRecovery(it, ONE);
    expect(downloads(it)).toBe(0);
  });
});

/** What may lie at the place of an image that is not to be taken, nor waited for. */
const UNUSABLE: Readonly<Record<string, (path: string, it: PrefetchFixture) => void>> = {
  'is missing': () => undefined,
  'is shorter than the image': (path) => writeFileSync(path, CONTENT.subarray(1)),
  'is longer than the image': (path) => writeFileSync(path, Buffer.concat([CONTENT, CONTENT])),
  'is a link to the image': (path, it) => symlinkSync(join(store(it, 'elsewhere', CONTENT), ONE), path),
  'is a FIFO': (path) => void execFileSync('mkfifo', [path]),
  'is a folder': (path) => mkdirSync(path),
};

/** Told by its size alone where Glance knows that. */
const OF_WRONG_SIZE = ['is shorter than the image', 'is longer than the image'];

describe.concurrent('a store to be left alone', () => {
  for (const [what, make] of Object.entries(UNUSABLE)) {
    test(`the prefetcher downloads the image, silently, when its file in the store ${what}`, async () => {
      const it = await queued(OF_WRONG_SIZE.includes(what) ? {} : { overrides: { size: null } });
      const folder = store(it, 'store', undefined);
      make(join(folder, ONE), it);
      it.cache.configure('[glance_store]', `filesystem_store_datadir = ${folder}`);
      await expectRecovery(it, ONE);
      expect(downloads(it)).toBe(1);
    });
  }

  test('the prefetcher downloads the image and warns when its file in the store is damaged', async () => {
    const it = await queued();
    const folder = store(it, 'store', DAMAGED);
    it.cache.configure('[glance_store]', `filesystem_store_datadir = ${folder}`);
    const run = await it.run(['--format', 'json']);
    expect(run.code).toBe(0);
    expect(itemsOf(run)).toMatchObject([{ image_id: ONE, result: 'done', source: 'http', fetched: 2 * SIZE }]);
    expect(withoutTime(run.stderr)).toMatch(
      new RegExp(
        `^WARNING \\S+ \\[-\\] fetch ${ONE}: Cannot use the bytes of image ${ONE}: their sha512 is .*; downloading it instead of copying "${join(folder, ONE)}"\n$`,
      ),
    );
    expect(it.stateOf(ONE)).toEqual(FETCHED);
  });

  test('the prefetcher downloads an image that nobody can check when its file became shorter after the look at it', async () => {
    const it = await prefetch({
      images: [
        { id: TWO, sizeBytes: 10 },
        { id: ONE, sizeBytes: SIZE, digest: 'none' },
      ],
    });
    it.queue(TWO, ONE);
    const folder = store(it, 'store', CONTENT);
    it.cache.configure('[glance_store]', `filesystem_store_datadir = ${folder}`);
    before(it.cloud, ofImage(TWO, isDownload), () => truncateSync(join(folder, ONE), SIZE - 1));
    const { code, stderr } = await it.run(['-j', '1']);
    expect(code).toBe(0);
    expect(stderr).toContain(`they are ${SIZE - 1} B, not ${SIZE} B; downloading it instead of copying "`);
    expect(it.stateOf(ONE)).toEqual(FETCHED);
  });

  for (const [what, lock] of Object.entries({
    directory: (folder: string) => chmodSync(folder, 0),
    file: (folder: string) => chmodSync(join(folder, ONE), 0),
  })) {
    test(`the prefetcher downloads the image when it may not read the ${what} of the store`, async () => {
      const it = await queued();
      const folder = store(it, 'store', CONTENT);
      it.cache.configure('[glance_store]', `filesystem_store_datadir = ${folder}`);
      it.cache.handTo(UNPRIVILEGED);
      lock(folder);
      try {
        // Root takes the rights of the cache's owner before it looks there.
        for (const as of AS_ROOT ? [UNPRIVILEGED, { uid: 0, gid: 0 }] : [UNPRIVILEGED]) {
          const run = await it.run(['--format', 'json', '--image', ONE], { as });
          expect(run.code).toBe(0);
          expect(itemsOf(run)).toMatchObject([{ image_id: ONE, result: 'done', source: 'http' }]);
          expect(run.stderr.replace(/^.* WARNING .*; downloading it instead of copying .*\n/, '')).toBe('');
          expect(it.stateOf(ONE)).toEqual(FETCHED);
          expect(await it.manage(['-f', 'delete-cached-image', ONE])).toEqual(success());
        }
      } finally {
        chmodSync(folder, 0o755);
      }
    });
  }
});
