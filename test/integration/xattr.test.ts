// The programs on a cache whose index are the attributes of its files.
import { spawnSync } from 'node:child_process';
import {
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { ATTRIBUTES, attributeOf, setAttribute, WITHOUT_ATTRIBUTES } from '../support/attributes.ts';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { callOn } from '../support/call-in-process.ts';
import { clockSetAhead } from '../support/program-clock.ts';
import { AS_ROOT, failure, ROOT, type RunResult, success, UNPRIVILEGED } from '../support/run-program.ts';
import { useTempDir } from '../support/temp-dir.ts';

const [ONE, TWO, THREE, FOUR] = [idOf('1'), idOf('2'), idOf('3'), idOf('4')] as const;
const DAY = 86_400;

const cache = useCache(ATTRIBUTES.parent);
const elsewhere = useTempDir();

beforeEach(() => {
  rmSync(cache().layout.index);
  cache().configure('image_cache_driver = xattr');
});

/** An image as glance-api leaves it; rowless where it has no hits. */
function addImage(imageId: string, { hits, ageSec = DAY }: { readonly hits?: string; readonly ageSec?: number } = {}) {
  const path = cache().addFile('cached', imageId, { ageSec });
  if (hits !== undefined) setAttribute(path, 'user.hits', hits);
  return path;
}

const pathOf = (imageId: string): string => join(cache().root, imageId);
/** Sets as long a value as the file system takes: the kernel's limit is 64 KiB, that of ext4 a block. */
function setLong(path: string, name: string, fill: string | number): number {
  for (const length of [65_536, 16_000, 3000]) {
    try {
      setAttribute(path, name, Buffer.alloc(length, fill));
      return length;
    } catch {
      // The next one is shorter.
    }
  }
  return 0;
}

const hitsOf = (imageId: string): string | undefined => attributeOf(pathOf(imageId), 'user.hits');
const manage = (...args: readonly string[]): Promise<RunResult> => callOn(cache(), 'manage', args);

/** Runs a built program a minute later, when everything has settled. */
function runLater(program: 'manage' | 'pruner', ...args: readonly string[]): Promise<RunResult> {
  return cache().run(program, args, { env: clockSetAhead(cache().base, 90) });
}

async function listed(...args: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { code, stdout } = await manage(...args, '--format', 'json');
  expect(code).toBe(0);
  return JSON.parse(stdout) as readonly Readonly<Record<string, unknown>>[];
}

describe.skipIf(ATTRIBUTES.missing !== undefined)(`with image_cache_driver = xattr${WITHOUT_ATTRIBUTES}`, () => {
  test('list-cached lists every image file, with 0 hits where Glance has counted none', async () => {
    expect(await manage('list-cached')).toEqual(success('No cached images.\n'));
    addImage(ONE, { hits: '12' });
    addImage(TWO);
    utimesSync(pathOf(ONE), 1_700_000_000.75, 1_600_000_000.5);
    expect(await manage('list-cached', '--sort-column', 'hits:desc', '--format', 'csv')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        `^image_id,.*\n${ONE},2023-11-14T22:13:20(Z|\\+00:00)?,2020-09-13T12:26:40.*,1000,12\n${TWO},.*,1000,0\n$`,
      ) as string,
    });
  });

  test('stats has hits and times of the files, and takes one without hits for not listed', async () => {
    addImage(ONE, { hits: '4' });
    addImage(TWO);
    const { stdout } = await cache().manage('stats', '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      driver: 'xattr',
      total: { images: 2, hits: 4, most_used: { image_id: ONE, hits: 4 } },
      unlisted: { images: 1 },
      lost_rows: 0,
      forecast: { arrived_images: 2 },
    });
  });

  test('the driver may be written in any case', async () => {
    cache().configure('image_cache_driver = Xattr');
    addImage(ONE);
    expect(await listed('list-cached', '-c', 'hits')).toEqual([{ hits: 0 }]);
  });

  test('a missing cache directory is an empty cache', async () => {
    rmSync(cache().root, { recursive: true });
    expect(await manage('list-cached')).toEqual(success('No cached images.\n'));
    expect(await callOn(cache(), 'pruner', [])).toEqual(success());
  });

  test('the pruner removes what was not read for longest, and leaves the others as they are', async () => {
    addImage(ONE, { hits: '9', ageSec: 3 * DAY });
    addImage(TWO, { hits: '0', ageSec: DAY });
    addImage(THREE, { hits: '1', ageSec: 2 * DAY });
    const before = statSync(pathOf(TWO), { bigint: true });
    expect(await callOn(cache(), 'pruner', ['--max-size', '1500'])).toEqual(success());
    expect([cache().names('cached'), cache().names('invalid')]).toEqual([[TWO], []]);
    const { atimeNs, mtimeNs, ctimeNs } = before;
    expect(statSync(pathOf(TWO), { bigint: true })).toMatchObject({ atimeNs, mtimeNs, ctimeNs });
  });

  test('the pruner counts an image without hits by its times, and adopts it when it stays', async () => {
    addImage(ONE, { hits: '9' });
    addImage(TWO, { ageSec: 3 * DAY });
    addImage(THREE, { ageSec: 2 * DAY });
    const { atimeNs, mtimeNs } = statSync(pathOf(THREE), { bigint: true });
    expect(await runLater('pruner', '--max-size', '2500')).toEqual(success());
    expect(cache().names('cached')).toEqual([ONE, THREE]);
    expect([hitsOf(ONE), hitsOf(THREE)]).toEqual(['9', '0']);
    expect(statSync(pathOf(THREE), { bigint: true })).toMatchObject({ atimeNs, mtimeNs });
  });

  test.skipIf(!AS_ROOT)(
    'a file of somebody else hinders nothing, and it is told that it cannot be adopted',
    async () => {
      addImage(ONE, { hits: '9', ageSec: 3 * DAY });
      addImage(TWO, { ageSec: 2 * DAY });
      cache().handTo(UNPRIVILEGED);
      chownSync(pathOf(TWO), 0, 0);
      const run = await runLater('pruner', '--max-size', '1500', '--format', 'json');
      expect(run.code).toBe(10);
      expect(run.stderr).toContain(`Cannot write attributes of \\"${pathOf(TWO)}\\": permission denied (EACCES)`);
      expect((JSON.parse(run.stdout) as { items: unknown }).items).toMatchObject([
        { image_id: TWO, action: 'adopt', result: 'failed' },
        { image_id: ONE, action: 'remove', result: 'done' },
      ]);
      expect([cache().names('cached'), hitsOf(TWO)]).toEqual([[TWO], undefined]);
    },
  );

  test.skipIf(!AS_ROOT)('who may not read the images is told so, instead of that they have no hits', async () => {
    addImage(ONE, { hits: '9' });
    cache().handTo(UNPRIVILEGED);
    const run = await cache().run('manage', ['list-cached'], { as: { uid: 12_345, gid: 12_345 } });
    const hint = 'Run it as the user glance-api runs as, or as root: sudo <this command>';
    expect(run).toEqual(failure(4, `Cannot read attributes of "${pathOf(ONE)}": permission denied (EACCES)`, hint));
  });

  test('images are deleted, one and all', async () => {
    for (const imageId of [ONE, TWO, THREE]) addImage(imageId, { hits: '1' });
    expect(await manage('-f', 'delete-cached-image', TWO)).toMatchObject({ code: 0, stderr: '' });
    expect(cache().names('cached')).toEqual([ONE, THREE]);
    expect(await manage('-f', 'delete-all-cached-images')).toMatchObject({ code: 0, stderr: '' });
    expect([cache().names('cached'), cache().names('invalid')]).toEqual([[], []]);
  });

  test('hits that are no number are found, and mended', async () => {
    addImage(ONE, { hits: '7' });
    addImage(TWO, { hits: 'many' });
    const found = await runLater('manage', 'verify', '--format', 'json');
    expect(found.code).toBe(9);
    expect(JSON.parse(found.stdout)).toMatchObject({ items: [{ image_id: TWO, reason: 'odd-row', result: 'found' }] });
    const { atimeNs, mtimeNs } = statSync(pathOf(TWO), { bigint: true });
    expect(await runLater('manage', 'verify', '--repair')).toMatchObject({ code: 0, stderr: '' });
    expect([hitsOf(ONE), hitsOf(TWO)]).toEqual(['7', '0']);
    expect(statSync(pathOf(TWO), { bigint: true })).toMatchObject({ atimeNs, mtimeNs });
    expect(await runLater('manage', 'verify')).toEqual(success());
  });

  describe('and no image that has hits', () => {
    beforeEach(() => {
      for (const imageId of [ONE, TWO]) addImage(imageId);
    });

    test('nothing is concluded from it, and the way on is told', async () => {
      const run = await runLater('pruner', '--max-size', '0');
      expect(run).toEqual(
        failure(
          4,
          `Cannot prune "${cache().root}": no image in "${cache().root}" has the attribute user.hits, yet the directory holds 2 images`,
          'Check image_cache_driver in glance-api.conf, and what glance-api logs of it when it starts: it may use another one, and falls back to sqlite where it cannot use this one. If the driver is xattr and the index was lost, "glance-cache-manage verify --repair" enters the images into a new one',
        ),
      );
      expect(cache().names('cached')).toEqual([ONE, TWO]);
    });

    test('the rows of a sqlite index beside them are told, and one that is damaged is no hindrance', async () => {
      writeFileSync(cache().layout.index, 'no database'.repeat(1000));
      expect((await runLater('pruner', '--max-size', '0')).stderr).toContain('it may use another one');
      rmSync(cache().layout.index);
      cache().inIndex((db) => db.exec("CREATE TABLE cached_images (image_id); INSERT INTO cached_images VALUES ('x')"));
      cache().inIndex((db) => db.prepare('INSERT INTO cached_images VALUES (?)').run(ONE));
      const before = statSync(cache().layout.index).mtimeMs;
      expect((await runLater('pruner', '--max-size', '0')).stderr).toContain(
        `it uses sqlite, or did before, as "/test/cache/cache.db" lists an image`,
      );
      expect(statSync(cache().layout.index).mtimeMs).toBe(before);
    });

    test.each([
      ['pruner', ['--adopt']],
      ['manage', ['verify', '--repair']],
    ] as const)('%s %j gives them hits', async (program, args) => {
      const before = [ONE, TWO].map((imageId) => statSync(pathOf(imageId), { bigint: true }).atimeNs);
      expect(await runLater(program, ...args)).toMatchObject({ code: 0, stderr: '' });
      expect([hitsOf(ONE), hitsOf(TWO)]).toEqual(['0', '0']);
      expect([ONE, TWO].map((imageId) => statSync(pathOf(imageId), { bigint: true }).atimeNs)).toEqual(before);
      expect(await runLater('pruner')).toEqual(success());
    });
  });

  test('links, pipes, folders and values of any size and content are no hindrance', async () => {
    const hitsLength = setLong(addImage(ONE), 'user.hits', '1');
    symlinkSync(pathOf(ONE), pathOf(TWO));
    mkdirSync(pathOf(THREE));
    spawnSync('mkfifo', [pathOf(FOUR)]);
    const strange = cache().addFile('invalid', TWO, { ageSec: DAY });
    setAttribute(strange, 'user.error', Buffer.from('red: \u001b[31m\u202e\n\0', 'utf8'));
    const errorLength = setLong(cache().addFile('invalid', THREE), 'user.error', 0xff);
    expect(Math.min(hitsLength, errorLength)).toBeGreaterThan(2000);
    symlinkSync(strange, join(cache().layout.areas.invalid, FOUR));
    expect(await listed('list-cached', '-c', 'image_id', '-c', 'hits')).toEqual([{ image_id: ONE, hits: 0 }]);
    expect(await listed('list-invalid', '-c', 'image_id', '-c', 'error')).toEqual([
      { image_id: TWO, error: 'red: \u001b[31m\u202e\n\0' },
      { image_id: THREE, error: '\ufffd'.repeat(errorLength) },
    ]);
    for (const format of ['table', 'json', 'yaml', 'csv', 'value']) {
      const { stdout } = await manage('list-invalid', '-c', 'error', '--format', format);
      expect(stdout, format).not.toMatch(/[\u001b\0\u202e]/);
    }
    expect(await callOn(cache(), 'cleaner', [])).toEqual(success());
    expect(await manage('-f', 'delete-all-cached-images')).toMatchObject({ code: 0 });
    expect(cache().names('cached')).toEqual([TWO, THREE, FOUR]);
  });

  test('why an image is invalid is a column of list-invalid, of no value where nobody has said so', async () => {
    setAttribute(cache().addFile('invalid', ONE, { ageSec: 2 * DAY }), 'user.error', 'Checksum verification failed.');
    cache().addFile('invalid', TWO, { ageSec: DAY });
    expect(await listed('list-invalid')).toMatchObject([
      { image_id: ONE, error: 'Checksum verification failed.' },
      { image_id: TWO, error: null },
    ]);
    expect((await manage('list-invalid')).stdout).not.toContain('Checksum');
    cache().configure();
    expect(await listed('list-invalid', '-c', 'error')).toEqual([{ error: null }, { error: null }]);
  });

  test('a program without the optional package says so where it needs it, and works where it does not', async () => {
    for (const name of ['bin', 'dist', 'package.json']) {
      cpSync(join(ROOT, name), join(elsewhere(), name), { recursive: true });
    }
    // All that is not in the bundle, but that package.
    mkdirSync(join(elsewhere(), 'node_modules'));
    for (const name of readdirSync(join(ROOT, 'node_modules'))) {
      if (name !== 'fs-xattr') symlinkSync(join(ROOT, 'node_modules', name), join(elsewhere(), 'node_modules', name));
    }
    addImage(ONE, { hits: '1' });
    const run = (program: string, ...args: readonly string[]) => {
      const path = join(elsewhere(), 'bin', `glance-cache-${program}.cjs`);
      const env = { HOME: cache().home };
      const { status, stdout, stderr } = spawnSync(process.execPath, [path, '--config-file', cache().conf, ...args], {
        encoding: 'utf8',
        env,
      });
      return { code: status, stdout, stderr };
    };
    const message =
      'Cannot use image_cache_driver "xattr": the optional package fs-xattr, which reads attributes of files, is not installed';
    for (const [program, ...args] of [
      ['manage', 'list-cached'],
      ['manage', 'verify', '--repair'],
      ['pruner'],
    ] as const) {
      const { code, stdout, stderr } = run(program, ...args);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toMatch(`ERROR: ${message}\nhint: Its build needs Python, make and a C++ compiler`);
    }
    expect(run('cleaner')).toEqual(success());
    expect(run('manage', 'list-invalid')).toEqual(success('No invalid images.\n'));
    cache().configure();
    expect(run('pruner')).toEqual(success());
  });
});
