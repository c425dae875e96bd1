// Root on a cache that is Glance's: what is made belongs to Glance, and what Glance could not touch stays untouched.
import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { contentOf } from '../support/cloud/contents.js';
import { answerNext, isDownload } from '../support/cloud/scripted.ts';
import { entriesOf, pathsBelow } from '../support/directory-state.ts';
import { cutAfter } from '../support/http-answers.ts';
import { partPath } from '../support/parts.ts';
import {
  expectRecovery,
  FETCHED,
  MIB,
  PASSWORD,
  type PrefetchFixture,
  usePrefetch,
} from '../support/prefetch-fixture.ts';
import { AS_ROOT, success, UNPRIVILEGED } from '../support/run-program.ts';

const prefetch = usePrefetch();

const [ONE, TWO] = [idOf('1'), idOf('2')];
const ROOT = { uid: 0, gid: 0 };

/** A cache of Glance's with two queued images. */
async function queued(): Promise<PrefetchFixture> {
  const it = await prefetch({ images: [ONE, TWO].map((id) => ({ id, sizeBytes: MIB })) });
  it.queue(ONE, TWO);
  it.cache.handTo(UNPRIVILEGED);
  return it;
}

/** Owner and mode of everything in the cache. */
function owned(it: PrefetchFixture): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pathsBelow(it.cache.root).map((path) => {
      const { uid, gid, mode } = lstatSync(join(it.cache.root, path));
      return [path, `${uid === UNPRIVILEGED.uid && gid === UNPRIVILEGED.gid} ${(mode & 0o777).toString(8)}`];
    }),
  );
}

/** What lies where the programs work, planted by somebody who has Glance's rights. */
const PLANTED: Readonly<Record<string, (it: PrefetchFixture, target: string) => void>> = {
  'the folder of the parts': (it, target) => {
    mkdirSync(it.cache.layout.tools);
    symlinkSync(target, it.cache.layout.parts);
  },
  'a part': (it, target) => {
    mkdirSync(it.cache.layout.parts, { recursive: true });
    symlinkSync(join(target, 'old'), partPath(it.cache.layout, ONE));
  },
  'the image itself': (it, target) => symlinkSync(join(target, 'old'), join(it.cache.root, ONE)),
};

describe.skipIf(!AS_ROOT)('root (only root can become somebody else)', () => {
  test.concurrent('everything that is made belongs to the owner of the cache and has the modes of Glance', async () => {
    const it = await queued();
    answerNext(it.cloud, isDownload, cutAfter(1000, contentOf(ONE, MIB)));
    expect((await it.run(['--retries', '0', '-j', '1'], { as: ROOT })).code).toBe(10);
    expect(owned(it)).toEqual({
      '.glance-cache-tools': 'true 750',
      '.glance-cache-tools/locks': 'true 750',
      '.glance-cache-tools/locks/glance-cache-prefetcher': 'true 640',
      '.glance-cache-tools/prefetch': 'true 750',
      [`.glance-cache-tools/prefetch/${ONE}.json`]: 'true 640',
      [`.glance-cache-tools/prefetch/${ONE}.part`]: 'true 640',
      '.glance-cache-tools/runs': 'true 750',
      '.glance-cache-tools/runs/glance-cache-prefetcher.json': 'true 640',
      [TWO]: 'true 640',
      'cache.db': expect.stringContaining('true ') as string,
      'glance-cache': 'true 640',
      incomplete: expect.stringContaining('true ') as string,
      invalid: expect.stringContaining('true ') as string,
      queue: expect.stringContaining('true ') as string,
      [`queue/${ONE}`]: 'true 640',
    });
    // What root has begun, Glance's user can go on with.
    expect(await it.run([], { as: UNPRIVILEGED })).toEqual(success());
    expect([it.stateOf(ONE), it.stateOf(TWO)]).toEqual([FETCHED, FETCHED]);
  });

  test.concurrent('a missing cache directory belongs to the owner of the folder that it is made in', async () => {
    const it = await queued();
    rmSync(it.cache.root, { recursive: true });
    expect(await it.cache.run('prefetcher', ['--image', ONE], { env: it.env, as: ROOT })).toEqual(success());
    expect(it.stateOf(ONE)).toEqual(FETCHED);
    expect(new Set(Object.values(owned(it)))).toEqual(new Set(['true 750', 'true 640']));
    const { uid, mode } = lstatSync(it.cache.root);
    expect([uid, mode & 0o777]).toEqual([UNPRIVILEGED.uid, 0o750]);
  });

  test.concurrent('root reads credentials that the owner of the cache may not, and that one may not', async () => {
    const it = await queued();
    const { OS_AUTH_URL: authUrl = '' } = it.env;
    const clouds = join(it.cache.base, 'root-only');
    mkdirSync(clouds);
    const auth = { auth_url: authUrl, username: 'glance', password: PASSWORD, project_name: 'service' };
    const domains = { user_domain_name: 'Default', project_domain_name: 'Default' };
    const text = JSON.stringify({ clouds: { mine: { auth: { ...auth, ...domains } } } });
    writeFileSync(join(clouds, 'clouds.yaml'), text);
    chmodSync(clouds, 0o700);
    it.env = { OS_CLOUD: 'mine', OS_CLIENT_CONFIG_FILE: join(clouds, 'clouds.yaml') };
    const refused = await it.run([], { as: UNPRIVILEGED });
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toMatch(/^ERROR: Cannot .+\nhint: .+\n$/);
    expect(await it.run([], { as: ROOT })).toEqual(success());
    expect([it.stateOf(ONE), it.stateOf(TWO)]).toEqual([FETCHED, FETCHED]);
  });

  for (const [what, plant] of Object.entries(PLANTED)) {
    test.concurrent(`a link that the cache's owner planted leads root nowhere when it is ${what}`, async () => {
      const it = await queued();
      const target = join(it.cache.base, 'of-root');
      mkdirSync(target);
      writeFileSync(join(target, 'old'), 'old');
      plant(it, target);
      it.cache.handTo(UNPRIVILEGED);
      for (const path of [target, join(target, 'old')]) chmodSync(path, 0o777);
      const before = entriesOf(target);
      const { code, stdout, stderr } = await it.cache.run('prefetcher', ['--image', ONE], { env: it.env, as: ROOT });
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
      expect(stderr).toMatch(
        /^ERROR: Cannot .+: it is not a (?:regular file|folder)\nhint: Move it out of the way.*\n$/,
      );
      expect(entriesOf(target)).toEqual(before);
      expect(readFileSync(join(target, 'old'), 'utf8')).toBe('old');
      expect(it.cache.names('queue')).toEqual([ONE, TWO]);
    });
  }

  test.concurrent('a journal that is a link is neither read nor written to', async () => {
    const it = await queued();
    const target = join(it.cache.base, 'journal');
    writeFileSync(target, '{}');
    mkdirSync(it.cache.layout.parts, { recursive: true });
    symlinkSync(target, partPath(it.cache.layout, ONE, 'json'));
    it.cache.handTo(UNPRIVILEGED);
    const { code } = await it.run(['--image', ONE], { as: ROOT });
    expect(readFileSync(target, 'utf8')).toBe('{}');
    expect(code).toBe(4);
    rmSync(partPath(it.cache.layout, ONE, 'json'));
    await expectRecovery(it, ONE);
  });
});
