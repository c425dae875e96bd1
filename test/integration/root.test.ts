import { chmodSync, lstatSync, mkdirSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { pathsBelow } from '../support/directory-state.ts';
import { AS_ROOT, success, UNPRIVILEGED } from '../support/run-program.ts';

const cache = useCache();

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];

/** Owner and mode of everything that the programs have made in the cache. */
function made(): Readonly<Record<string, string>> {
  const paths = pathsBelow(cache().root).filter((path) => !/^[0-9a-f-]{36}$/.test(path));
  return Object.fromEntries(
    paths.map((path) => {
      const { uid, gid, mode } = lstatSync(join(cache().root, path));
      return [path, `${uid}:${gid} ${(mode & 0o7777).toString(8)}`];
    }),
  );
}

/** Runs every program once, with something to do for each. */
async function runAll(): Promise<void> {
  expect(await cache().manage('-f', 'queue-image', TWO)).toEqual(success());
  expect(await cache().run('pruner', [])).toEqual(success());
  expect(await cache().run('cleaner', [])).toEqual(success());
}

describe.skipIf(!AS_ROOT)('root (only root can become somebody else)', () => {
  for (const [whose, owner] of Object.entries({ glance: UNPRIVILEGED, root: { uid: 0, gid: 0 } })) {
    test(`everything belongs to the owner of the cache and has the modes of Glance when that is ${whose}`, async () => {
      cache().configure('image_cache_max_size = 0');
      cache().addImage(ONE);
      cache().replaceIndex(() => undefined);
      for (const folder of ['incomplete', 'invalid', 'queue'] as const) rmdirSync(cache().layout.areas[folder]);
      cache().handTo(owner);
      await runAll();
      const { uid, gid } = owner;
      expect(made()).toEqual({
        '.glance-cache-tools': `${uid}:${gid} 750`,
        '.glance-cache-tools/locks': `${uid}:${gid} 750`,
        '.glance-cache-tools/locks/glance-cache-cleaner': `${uid}:${gid} 640`,
        '.glance-cache-tools/locks/glance-cache-manage': `${uid}:${gid} 640`,
        '.glance-cache-tools/locks/glance-cache-pruner': `${uid}:${gid} 640`,
        '.glance-cache-tools/runs': `${uid}:${gid} 750`,
        '.glance-cache-tools/runs/glance-cache-cleaner.json': `${uid}:${gid} 640`,
        '.glance-cache-tools/runs/glance-cache-pruner.json': `${uid}:${gid} 640`,
        'cache.db': `${uid}:${gid} 640`,
        'glance-cache-clean': `${uid}:${gid} 640`,
        'glance-cache-prune': `${uid}:${gid} 640`,
        incomplete: `${uid}:${gid} 750`,
        invalid: `${uid}:${gid} 750`,
        queue: `${uid}:${gid} 750`,
        [`queue/${TWO}`]: `${uid}:${gid} 640`,
      });
    });
  }

  test('a missing cache directory belongs to the owner of the folder that it is made in', async () => {
    const parent = join(cache().base, 'glance');
    mkdirSync(parent);
    cache().handTo(UNPRIVILEGED);
    cache().configureExactly('[DEFAULT]', `image_cache_dir = ${parent}/image/cache`);
    expect(await cache().manage('-f', 'queue-image', TWO)).toEqual(success());
    const { uid, mode } = lstatSync(join(parent, 'image', 'cache', 'queue'));
    expect([uid, mode & 0o7777]).toEqual([UNPRIVILEGED.uid, 0o750]);
  });

  for (const [what, plant] of Object.entries({
    '.glance-cache-tools': (target: string) => symlinkSync(target, cache().layout.tools),
    '.glance-cache-tools/locks': (target: string) => {
      mkdirSync(cache().layout.tools);
      symlinkSync(target, cache().layout.locks);
    },
    'a lock of ours': (target: string) => {
      mkdirSync(cache().layout.locks, { recursive: true });
      symlinkSync(join(target, 'new'), join(cache().layout.locks, 'glance-cache-pruner'));
    },
    'a lock of Glance': (target: string) => symlinkSync(join(target, 'new'), join(cache().root, 'glance-cache-prune')),
    'the index': (target: string) => cache().replaceIndex((path) => symlinkSync(join(target, 'new'), path)),
  })) {
    test(`a link that the cache's owner planted leads root nowhere when it is ${what}`, async () => {
      const target = join(cache().base, 'of-root');
      plant(target);
      cache().handTo(UNPRIVILEGED);
      mkdirSync(target, { mode: 0o755 });
      writeFileSync(join(target, 'old'), '');
      const { code } = await cache().run('pruner', []);
      expect(code).toBe(4);
      expect(pathsBelow(target)).toEqual(['old']);
    });
  }

  test('root reads a configuration that the owner of the cache may not, and a log goes where root may write', async () => {
    cache().configure('image_cache_max_size = 0');
    cache().addImage(ONE);
    cache().handTo(UNPRIVILEGED);
    chmodSync(cache().conf, 0o600);
    cache().handTo({ uid: 0, gid: 0 });
    chmodSync(cache().base, 0o755);
    const logs = join(cache().base, 'logs');
    mkdirSync(logs, { mode: 0o700 });
    expect(await cache().run('pruner', ['--log-dir', logs])).toEqual(success());
    expect(readFileSync(join(logs, 'glance-cache-pruner.log'), 'utf8')).toContain(`remove ${ONE}: done`);
  });

  test('the cleaner goes by a shorter stall time when root sees every process, and refuses it otherwise', async () => {
    cache().addFile('incomplete', THREE, { ageSec: 7200 });
    cache().handTo(UNPRIVILEGED);
    const plan = await cache().run('cleaner', ['--dry-run', '--format', 'json']);
    // In a container not even root sees all of them.
    const { blindness } = JSON.parse(plan.stdout) as { readonly blindness: string | null };
    const { code } = await cache().run('cleaner', ['--stall-time', '1h']);
    expect(code).toBe(blindness === null ? 0 : 2);
    expect(cache().names('incomplete')).toEqual(blindness === null ? [] : [THREE]);
  });
});
