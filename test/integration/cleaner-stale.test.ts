// glance-cache-cleaner --stale: images of a loopback cloud, cached as they are, then deleted, deactivated or replaced in
// it; and a Glance that is away, hides them, is another one, or says what it should not.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import type { CloudImage } from '../support/cloud/cloud.js';
import { contentOf } from '../support/cloud/contents.js';
import { answerAll, before, isLogin, isLookup, ofImage, type Which } from '../support/cloud/scripted.ts';
import { neverAnswer, send } from '../support/http-answers.ts';
import type { Answer } from '../support/loopback-server.ts';
import { loginOf, type PrefetchFixture, usePrefetch } from '../support/prefetch-fixture.ts';
import { clockSetAhead } from '../support/program-clock.ts';
import { type RunOptions, type RunResult, success } from '../support/run-program.ts';

const prefetch = usePrefetch();

const [ONE, TWO, THREE, FOUR, FIVE] = [idOf('1'), idOf('2'), idOf('3'), idOf('4'), idOf('5')];
const SIZE = 3000;
const OLD = { overrides: { updated_at: '2020-01-01T00:00:00Z' } };

const isList: Which = ({ service, path }) => service === 'glance' && path.endsWith('/images');
const isGlance: Which = ({ service }) => service === 'glance';

/** A cloud with images, all of them cached, whole. */
async function cached(...images: readonly CloudImage[]): Promise<PrefetchFixture> {
  const it = await prefetch({ images: images.map((image) => ({ sizeBytes: SIZE, ...OLD, ...image })) });
  for (const { id } of images) {
    writeFileSync(join(it.cache.root, id), contentOf(id, SIZE), { mode: 0o640 });
    it.cache.addRow(id, { size: SIZE });
  }
  return it;
}

function start(it: PrefetchFixture, args: readonly string[], options: RunOptions = {}) {
  // Two minutes later, when all has settled and the token still holds.
  const env = { ...it.env, ...clockSetAhead(it.cache.base, 120), ...options.env };
  const running = it.cache.start('cleaner', args, { ...options, env });
  const ended = running.ended.then((result) => {
    it.checkText(result.stdout + result.stderr);
    return result;
  });
  return { ...running, ended };
}

function clean(it: PrefetchFixture, args: readonly string[] = ['--stale'], options: RunOptions = {}) {
  return start(it, args, options).ended;
}

/** What the cache holds, and its index. */
function imagesIn({ cache }: PrefetchFixture): readonly unknown[] {
  expect(cache.rowIds()).toEqual(cache.names('cached'));
  return cache.names('cached');
}

function itemsIn({ stdout }: RunResult): readonly unknown[] {
  const { items } = JSON.parse(stdout) as { items: { image_id: string; result: string; reason: string | null }[] };
  return items.map(({ image_id, result, reason }) => [image_id, result, reason]);
}

describe.concurrent('glance-cache-cleaner --stale', () => {
  test('removes what was deleted, deactivated or replaced elsewhere, silently, and keeps what is hidden or not its own', async () => {
    const it = await cached(
      { id: ONE },
      { id: TWO, status: 'deactivated' },
      { id: THREE, overrides: { updated_at: '2090-01-01T00:00:00Z', os_hash_value: 'a'.repeat(128) } },
      { id: FOUR, hidden: true },
      { id: FIVE, visibility: 'community', owner: 'project-demo' },
    );
    it.cloud.images.delete(ONE);
    it.cache.addFile('invalid', FOUR);
    const dry = await clean(it, ['--stale', '--dry-run', '--format', 'json']);
    expect(dry.code).toBe(0);
    expect(itemsIn(dry)).toEqual([
      [FOUR, 'planned', 'invalid'],
      [ONE, 'planned', 'deleted'],
      [TWO, 'planned', 'deactivated'],
      [THREE, 'planned', 'replaced'],
    ]);
    expect(imagesIn(it)).toHaveLength(5);
    expect(await clean(it)).toEqual(success());
    expect([imagesIn(it), it.cache.names('invalid')]).toEqual([[FOUR, FIVE], []]);
    const { stdout } = await clean(it, ['--stale', '--verbose']);
    expect(stdout).toBe(
      `Nothing to remove from ${it.cache.root}.\nAsked Glance about 2 cached images. None is stale.\n`,
    );
  });

  test('says how much was read, how much went, and that pins stay', async () => {
    const it = await cached({ id: ONE }, { id: TWO, overrides: {} });
    it.cloud.images.delete(ONE);
    const pins = join(it.cache.root, '.glance-cache-tools/pinned');
    mkdirSync(pins, { recursive: true });
    writeFileSync(join(pins, ONE), '');
    const { stdout } = await clean(it, ['--stale', '--verbose']);
    expect(stdout).toContain(`Nothing to remove from ${it.cache.root}.
Asked Glance about 2 cached images, and read 1 image of 3000 B to compare.
Removed 1 stale image from ${it.cache.root}, 3000 B.
1 of them is pinned; the pin stays.
`);
    expect(stdout).toMatch(/\| 1{8}-\S+ \| remove \| done +\| deleted in Glance \| +3000 B \|/);
    expect(readFileSync(join(pins, ONE), 'utf8')).toBe('');
    const { stale } = JSON.parse((await clean(it, ['--stale', '--format', 'json'])).stdout) as { stale: unknown };
    expect(stale).toEqual({ checked_images: 1, stale_images: 0, pinned_images: 0, read_images: 0, read_bytes: 0 });
  });

  test('asks nobody unless it is told to, by a flag or in the configuration', async () => {
    const it = await cached({ id: ONE }, { id: TWO });
    it.cloud.images.delete(ONE);
    const json = await clean(it, ['--format', 'json', '--os-auth-type', 'nonsense']);
    expect(json).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({ stale: null, items: [] });
    expect(it.cloud.requests).toEqual([]);
    it.cache.configure('[cache_tools]', 'stale = yes');
    expect(await clean(it, [])).toEqual(success());
    expect(imagesIn(it)).toEqual([TWO]);
  });

  test('asks nobody when nothing is cached', async () => {
    const it = await cached();
    expect(await clean(it)).toEqual(success());
    expect(it.cloud.requests).toEqual([]);
  });

  test.each<readonly [string, Which, Answer, number]>([
    ['fails', isGlance, send(500), 8],
    ['forbids lists', isList, send(403), 7],
    ['shows the page of a load balancer', isGlance, send(200, '<html>All is well</html>'), 8],
    ['says 404 to all', isGlance, send(404), 8],
    ['has a Keystone that fails', isLogin, send(503), 8],
  ])('removes nothing, and cleans all the same, when Glance %s', async (_what, which, answer, code) => {
    const it = await cached({ id: ONE }, { id: TWO });
    it.cloud.images.delete(ONE);
    it.cache.addFile('invalid', THREE);
    answerAll(it.cloud, which, answer);
    const first = await clean(it, ['--stale', '--retries', '0']);
    expect([first.code, first.stdout]).toEqual([10, '']);
    expect(first.stderr).toMatch(/^ERROR: Cannot do everything: 1 of 2 items failed: Cannot .*\nhint: .*\n$/);
    expect(it.cache.names('invalid')).toEqual([]);
    expect((await clean(it, ['--stale', '--retries', '0'])).code).toBe(code);
    expect(imagesIn(it)).toEqual([ONE, TWO]);
  });

  test('removes nothing when Glance is away, or stalls', async () => {
    const it = await cached({ id: ONE }, { id: TWO });
    it.cloud.images.delete(ONE);
    const end = answerAll(it.cloud, isList, neverAnswer());
    const stalled = await clean(it, ['--stale', '--retries', '0', '--stall-timeout', '1', '--format', 'json']);
    expect([stalled.code, JSON.parse(stalled.stderr)]).toMatchObject([8, { error: { code: 'REMOTE_STALLED' } }]);
    expect(JSON.parse(stalled.stdout)).toMatchObject({ stale: null, items: [] });
    end();
    await it.cloud.close();
    expect((await clean(it, ['--stale', '--retries', '0'])).code).toBe(8);
    expect(imagesIn(it)).toEqual([ONE, TWO]);
  });

  test('removes what is certain, and ends with 10, when Glance fails for one', async () => {
    const it = await cached({ id: ONE }, { id: TWO }, { id: THREE });
    for (const id of [ONE, TWO]) it.cloud.images.delete(id);
    answerAll(it.cloud, ofImage(ONE, isLookup), send(500, 'the token was gAAAA'));
    const run = await clean(it, ['--stale', '--retries', '0', '--format', 'json']);
    expect(run.code).toBe(10);
    expect(itemsIn(run)).toEqual([
      [ONE, 'failed', null],
      [TWO, 'done', 'deleted'],
    ]);
    expect(imagesIn(it)).toEqual([ONE, THREE]);
  });

  test('repeats no token that a server repeats', async () => {
    const it = await cached({ id: ONE }, { id: TWO });
    it.cloud.images.delete(ONE);
    answerAll(it.cloud, ofImage(ONE, isLookup), (request, response) => {
      response.writeHead(500).end(`cannot take ${String(request.headers['x-auth-token'])}`);
    });
    const run = await clean(it, ['--stale', '--retries', '0', '--format', 'json', '--debug']);
    expect([run.code, itemsIn(run)]).toEqual([8, [[ONE, 'failed', null]]]);
  });

  test('removes nothing for an account without an admin role, not even what it is shown', async () => {
    const it = await cached({ id: ONE }, { id: TWO, status: 'deactivated' }, { id: THREE, visibility: 'private' });
    it.cloud.images.delete(ONE);
    const env = loginOf(it.cloud, { username: 'demo', password: 'demo-secret', project: 'demo' });
    const { code, stderr } = await clean(it, ['--stale'], { env });
    expect(code).toBe(7);
    expect(stderr).toBe(
      'ERROR: Cannot look for stale images: the account has no role called "admin", so what Glance does not show it may be there all the same\n' +
        'hint: Log in as somebody with that role, such as the service user of glance-api; what there is: openstack role assignment list --names --auth-user\n',
    );
    expect(imagesIn(it)).toEqual([ONE, TWO, THREE]);
  });

  test('removes nothing when the credentials are for another cloud, unless it is told to', async () => {
    const it = await cached({ id: ONE }, { id: TWO });
    const other = await prefetch({ images: [{ id: THREE }] });
    const { code, stderr } = await clean(it, ['--stale', '--format', 'json'], { env: loginOf(other.cloud) });
    expect([code, JSON.parse(stderr)]).toMatchObject([
      4,
      { error: { code: 'CACHE_STALE_LIMIT', details: { checked_images: 2, known_images: 0 } } },
    ]);
    expect(imagesIn(it)).toEqual([ONE, TWO]);
    expect(await clean(it, ['--stale', '--stale-limit', '100%'], { env: loginOf(other.cloud) })).toEqual(success());
    expect(imagesIn(it)).toEqual([]);
  });

  test('ends with 3 without credentials, once it has cleaned', async () => {
    const it = await cached({ id: ONE });
    it.cache.addFile('invalid', TWO);
    const env = clockSetAhead(it.cache.base, 120);
    expect((await it.cache.run('cleaner', ['--stale'], { env })).code).toBe(10);
    expect((await it.cache.run('cleaner', ['--stale'], { env })).code).toBe(3);
    expect(it.cache.names('invalid')).toEqual([]);
  });

  test('looks at the images alone that are named', async () => {
    const it = await cached({ id: ONE }, { id: TWO }, { id: THREE });
    for (const id of [ONE, TWO]) it.cloud.images.delete(id);
    expect(await clean(it, ['--stale', '--image', TWO])).toEqual(success());
    expect(imagesIn(it)).toEqual([ONE, THREE]);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends soon, and removes nothing, when %s comes while Glance is asked', async (signal, code) => {
    const it = await cached({ id: ONE }, { id: TWO });
    it.cloud.images.delete(ONE);
    const asked = new Promise<void>((resolve) => before(it.cloud, isLookup, () => resolve()));
    answerAll(it.cloud, isLookup, neverAnswer());
    const running = start(it, ['--stale']);
    await asked;
    running.process.kill(signal);
    expect(await running.ended).toMatchObject({
      code,
      stderr: `ERROR: Stopped by ${signal}: 0 items done until then\nhint: Run it again to do the rest: <this command>\n`,
    });
    expect(imagesIn(it)).toEqual([ONE, TWO]);
  });
});
