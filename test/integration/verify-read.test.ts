// glance-cache-manage verify with a look at the bytes: images of a loopback cloud, cached as they are, damaged, cut,
// deleted, hidden from the account, or without a hash.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import type { CloudImage } from '../support/cloud/cloud.js';
import { contentOf, hashOf } from '../support/cloud/contents.js';
import { answerAll, before, isLogin, isLookup, ofImage } from '../support/cloud/scripted.ts';
import { neverAnswer, send } from '../support/http-answers.ts';
import { loginOf, type PrefetchFixture, usePrefetch } from '../support/prefetch-fixture.ts';
import { clockSetAhead } from '../support/program-clock.ts';
import { type RunOptions, type RunResult, success, UNPRIVILEGED } from '../support/run-program.ts';

const prefetch = usePrefetch();

const [ONE, TWO, THREE, FOUR] = [idOf('1'), idOf('2'), idOf('3'), idOf('4')];
const SIZE = 300_000;

/** A cloud with images, all of them cached, whole. */
async function cached(...images: readonly CloudImage[]): Promise<PrefetchFixture> {
  const it = await prefetch({ images: images.map((image) => ({ sizeBytes: SIZE, ...image })) });
  for (const { id } of images) put(it, id, contentOf(id, SIZE));
  return it;
}

function put({ cache }: PrefetchFixture, imageId: string, bytes: Buffer): void {
  writeFileSync(join(cache.root, imageId), bytes, { mode: 0o640 });
  cache.addRow(imageId, { size: bytes.length });
}

/** Flips a bit in the middle of a file. */
function flip({ cache }: PrefetchFixture, imageId: string): void {
  const path = join(cache.root, imageId);
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(SIZE / 2) ^ 4, SIZE / 2);
  writeFileSync(path, bytes);
}

function start(it: PrefetchFixture, args: readonly string[], options: RunOptions = {}) {
  // Two minutes later, when all has settled and the token still holds.
  const env = { ...it.env, ...clockSetAhead(it.cache.base, 120), ...options.env };
  const running = it.cache.start('manage', ['verify', ...args], { ...options, env });
  const ended = running.ended.then((result) => {
    it.checkText(result.stdout + result.stderr);
    return result;
  });
  return { ...running, ended };
}

function verify(it: PrefetchFixture, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return start(it, args, options).ended;
}

interface Report {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly unverified: readonly Readonly<Record<string, unknown>>[];
  readonly read_images: number;
}

async function reportOf(
  it: PrefetchFixture,
  args: readonly string[] = ['--read-data'],
  options: RunOptions = {},
): Promise<Report & { readonly code: RunResult['code'] }> {
  const { code, stdout } = await verify(it, [...args, '--format', 'json'], options);
  return { code, ...(JSON.parse(stdout) as Report) };
}

describe.concurrent('glance-cache-manage verify --read-data', () => {
  test('is silent when all bytes are right, and says how many it has read to who wants to know', async () => {
    const it = await cached({ id: ONE }, { id: TWO, digest: 'md5' }, { id: THREE, status: 'deactivated' });
    expect(await verify(it, ['--read-data'])).toEqual(success());
    const { stdout } = await verify(it, ['--read-data', '--verbose']);
    expect(stdout).toMatch(`Checked 3 images in ${it.cache.root}: nothing is wrong.
Read 900000 B, and compared 3 images with Glance.
`);
  });

  test('finds an image with other bytes, and moves it to invalid/ with --repair', async () => {
    const it = await cached({ id: ONE }, { id: TWO });
    flip(it, ONE);
    const path = join(it.cache.root, ONE);
    const damaged = readFileSync(path);
    const report = await reportOf(it);
    expect(report).toMatchObject({
      code: 9,
      read_data: true,
      read_images: 2,
      read_bytes: 2 * SIZE,
      errors: 1,
      hints: 0,
    });
    expect(report.items).toMatchObject([
      {
        image_id: ONE,
        severity: 'error',
        reason: 'wrong-hash',
        action: 'retire',
        result: 'found',
        size: SIZE,
        expected: `sha512:${hashOf('sha512', ONE, SIZE)}`,
        found: expect.stringMatching(/^sha512:[0-9a-f]{128}$/) as unknown,
      },
    ]);
    // Without a look at the bytes nobody can know.
    expect(await verify(it, [])).toEqual(success());
    const dry = await verify(it, ['--read-data', '--repair', '--dry-run']);
    expect(dry.code).toBe(9);
    expect(dry.stdout).toMatch(/\| sha512:[0-9a-f]{12}\.\.\. \| sha512:[0-9a-f]{12}\.\.\. \|\n/);
    expect(dry.stderr).toContain('hint: Run "glance-cache-manage verify --repair --read-data"\n');
    expect(it.cache.names('invalid')).toEqual([]);

    const repair = await verify(it, ['--read-data', '--repair']);
    expect(repair).toMatchObject({ code: 0, stderr: '' });
    expect(repair.stdout).toContain(': 1 error; all of it is mended.\n');
    expect(repair.stdout).toContain('What was damaged lies in invalid/, until glance-cache-cleaner removes it.\n');
    expect([it.cache.names('cached'), it.cache.rowIds()]).toEqual([[TWO], [TWO]]);
    expect(readFileSync(join(it.cache.root, 'invalid', ONE)).equals(damaged)).toBe(true);
    expect(await verify(it, ['--read-data'])).toEqual(success());
    expect(await it.cache.run('cleaner', [])).toEqual(success());
    expect(it.cache.names('invalid')).toEqual([]);
  });

  test('finds an image that was cut, whatever its row says', async () => {
    const it = await cached({ id: ONE }, { id: TWO }, { id: THREE });
    writeFileSync(join(it.cache.root, ONE), contentOf(ONE, SIZE).subarray(0, 1000));
    writeFileSync(join(it.cache.root, TWO), contentOf(TWO, SIZE).subarray(0, 1000));
    it.cache.inIndex((db) => db.exec(`UPDATE cached_images SET size = 1000 WHERE image_id <> '${ONE}'`));
    const report = await reportOf(it);
    expect(report.code).toBe(9);
    const cut = { severity: 'error', reason: 'wrong-length', expected: String(SIZE), found: '1000' };
    expect(report.items).toMatchObject([
      { ...cut, image_id: ONE },
      { ...cut, image_id: TWO },
      // Its bytes are right: then it is the index that is wrong.
      { image_id: THREE, severity: 'hint', reason: 'wrong-size', expected: '1000', found: String(SIZE) },
    ]);
    expect((await verify(it, ['--read-data', '--repair'])).code).toBe(0);
    expect([it.cache.names('cached'), it.cache.names('invalid')]).toEqual([[THREE], [ONE, TWO]]);
    expect(it.cache.rows()).toMatchObject([{ image_id: THREE, size: SIZE }]);
  });

  test('takes an image that Glance has deleted for a hint, and removes it with --repair', async () => {
    const it = await cached({ id: ONE }, { id: TWO, status: 'pending_delete' }, { id: THREE });
    it.cloud.images.delete(ONE);
    const report = await reportOf(it);
    expect(report).toMatchObject({ code: 0, hints: 2, read_images: 1, unverified: [] });
    expect(report.items.map(({ image_id, reason, action }) => [image_id, reason, action])).toEqual([
      [ONE, 'deleted', 'remove'],
      [TWO, 'deleted', 'remove'],
    ]);
    expect((await verify(it, ['--read-data', '--repair'])).code).toBe(0);
    expect([it.cache.names('cached'), it.cache.names('invalid'), it.cache.rowIds()]).toEqual([[THREE], [], [THREE]]);
  });

  test('concludes nothing from what it may not see, and says how to see it', async () => {
    const it = await cached({ id: ONE, visibility: 'private' }, { id: TWO, digest: 'none' }, { id: THREE });
    const demo = { env: loginOf(it.cloud, { username: 'demo', password: 'demo-secret', project: 'demo' }) };
    const report = await reportOf(it, ['--read-data', '--repair'], demo);
    expect(report).toMatchObject({ code: 0, items: [], read_images: 1 });
    expect(report.unverified).toEqual([
      { image_id: ONE, reason: 'not-visible', error: null, message: null },
      { image_id: TWO, reason: 'no-hash', error: null, message: null },
    ]);
    const { code, stdout, stderr } = await verify(it, ['--read-data'], demo);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`Checked 3 images in ${it.cache.root}: nothing is wrong.
Read 300000 B, and compared 1 image with Glance.
Not compared, as Glance does not show them to this account: ${ONE}. An account with a role called "admin" sees all.
Not compared, as Glance has no hash of them: ${TWO}. To be sure of one, delete it from the cache: it is fetched again.
`);
    expect(it.cache.names('cached')).toEqual([ONE, TWO, THREE]);
  });

  test('reads the others, and ends with 10, when Glance fails for one', async () => {
    const it = await cached({ id: ONE }, { id: TWO });
    answerAll(it.cloud, ofImage(ONE, isLookup), send(500));
    const { code, stdout, stderr } = await verify(it, ['--read-data', '--retries', '0']);
    expect(code).toBe(10);
    expect(stdout).toContain(`Read 300000 B, and compared 1 image with Glance.
Not compared, because of errors: ${ONE}.
Cannot get image ${ONE}: `);
    expect(stderr).toMatch(/^ERROR: Cannot do everything: 1 of 2 items failed: Cannot get image /);
  });

  test('ends with 8 when Glance fails for all, and with 9 when there is damage as well', async () => {
    const it = await cached({ id: ONE }, { id: TWO });
    answerAll(it.cloud, isLookup, send(500));
    expect((await verify(it, ['--read-data', '--retries', '0'])).code).toBe(8);
    it.cache.addImage(THREE, { hits: 'many' });
    const report = await reportOf(it, ['--read-data', '--retries', '0']);
    expect(report).toMatchObject({ code: 9, errors: 1 });
    expect(report.unverified.map(({ image_id, error }) => [image_id, error])).toEqual([
      [ONE, 'REMOTE_STATUS'],
      [TWO, 'REMOTE_STATUS'],
      [THREE, 'REMOTE_STATUS'],
    ]);
  });

  test('ends with 4 when the files may not be read', async () => {
    const it = await cached({ id: ONE });
    chmodSync(join(it.cache.root, ONE), 0o000);
    chmodSync(it.cache.root, 0o755);
    const report = await reportOf(it, ['--read-data'], { as: UNPRIVILEGED });
    expect(report).toMatchObject({ code: 4, items: [], unverified: [{ image_id: ONE, error: 'CACHE_PERMISSION' }] });
  });

  test('tells once that nobody is let in, or that nobody is named', async () => {
    const it = await cached({ id: ONE }, { id: TWO });
    const wrong = await verify(it, ['--read-data'], { env: { OS_PASSWORD: 'mistyped' } });
    expect([wrong.code, wrong.stdout, it.cloud.requests.filter(isLogin)]).toMatchObject([7, '', { length: 1 }]);
    const env = clockSetAhead(it.cache.base, 120);
    const none = await it.cache.run('manage', ['verify', '--read-data'], { env });
    expect(none.code).toBe(3);
    expect(none.stderr).toMatch(/^ERROR: Cannot log in to Keystone: no credentials are given/);
    // Who does not want the bytes read needs none.
    expect(await it.cache.run('manage', ['verify'], { env })).toEqual(success());
  });

  test('reads the images alone that are named, or a group, or a share', async () => {
    const it = await cached(...[ONE, TWO, THREE, FOUR].map((id) => ({ id })));
    const asked = (): readonly unknown[] =>
      it.cloud.requests
        .filter(isLookup)
        .map(({ path }) => path.slice(-36))
        .sort();
    expect((await reportOf(it, ['--read-data', ONE])).read_images).toBe(1);
    expect(asked()).toEqual([ONE]);
    for (const group of ['1/2', '2/2']) expect((await reportOf(it, ['--read-data-subset', group])).code).toBe(0);
    expect(asked()).toEqual([ONE, ONE, TWO, THREE, FOUR]);
    expect((await reportOf(it, ['--read-data-subset', '50%'])).read_images).toBe(2);
    expect((await reportOf(it, ['--read-data-subset', '1%'])).read_images).toBe(1);
  });

  test('asks nobody when there is nothing to read', async () => {
    const it = await cached();
    expect((await reportOf(it)).read_images).toBe(0);
    expect(it.cloud.requests).toEqual([]);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('shows what it has found and ends as it should when %s comes while it reads', async (signal, code) => {
    const it = await cached({ id: ONE }, { id: TWO });
    it.cache.addFile('cached', THREE);
    const asked = new Promise<void>((resolve) => before(it.cloud, isLookup, () => resolve()));
    answerAll(it.cloud, isLookup, neverAnswer());
    const running = start(it, ['--read-data', '--repair']);
    await asked;
    running.process.kill(signal);
    const ended = await running.ended;
    expect(ended).toMatchObject({
      code,
      stderr: `ERROR: Stopped by ${signal}: 0 items done until then\nhint: Run it again to do the rest: <this command>\n`,
    });
    expect(ended.stdout).toContain(`Checked 3 images in ${it.cache.root}: 1 hint; mended 0 of 1.
Compared no image with Glance.
Not compared, as the run was stopped: ${ONE}, ${TWO}, ${THREE}. Run the command again.
`);
    expect(it.cache.rowIds()).toEqual([ONE, TWO]);
  });
});
