import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { entriesOf } from '../support/directory-state.ts';
import { failure, success } from '../support/run-program.ts';
import { CALLS, fillSome, ONE, THREE, TWO } from '../support/some-of-all.ts';

const cache = useCache();

const fill = (): void => fillSome(cache());

const OWN = 'Name a directory that holds nothing but the cache, as in image_cache_dir = /var/lib/glance/image-cache';
const GLANCES = 'Name the directory that glance-api uses, as in image_cache_dir = /var/lib/glance/image-cache';

/** A value of image_cache_dir that no program may touch; made in the folder of the test. */
const PLACES: readonly (readonly [what: string, make: (base: string) => string, state: string, hint: string])[] = [
  ['the root', () => '/', 'it is the root of the file system', OWN],
  ['the root, by another name', () => '/tmp/..', 'it is the root of the file system', OWN],
  [
    'the root, by a link',
    (base) => {
      symlinkSync('/', join(base, 'link'));
      return join(base, 'link');
    },
    'it is the root of the file system',
    OWN,
  ],
  ['the home', (base) => join(base, 'home'), 'it is a home directory', OWN],
  ['the home, by another name', (base) => `${base}/home/../home/`, 'it is a home directory', OWN],
  ['a file', (base) => join(base, 'glance-cache.conf'), 'it is not a directory', GLANCES],
  ['a device', () => '/dev/null', 'it is not a directory', GLANCES],
  [
    'below a file',
    (base) => join(base, 'glance-cache.conf', 'cache'),
    '"BASE/glance-cache.conf" is not a directory',
    GLANCES,
  ],
];

describe('image_cache_dir', () => {
  for (const [what, make, state, hint] of PLACES) {
    test(`every command ends with 3 and makes nothing when the directory is ${what}`, async () => {
      const { base, home, conf } = cache();
      const place = make(base);
      cache().configureExactly('[DEFAULT]', `image_cache_dir = ${place}`, 'image_cache_max_size = 0');
      const before = entriesOf(base);
      const told = state.replace('BASE', base);
      const expected = failure(3, `Cannot use image_cache_dir "${place}" from ${conf}:2: ${told}`, hint);
      for (const [program, args] of CALLS) expect(await cache().run(program, args), args.join(' ')).toEqual(expected);
      expect(entriesOf(base)).toEqual(before);
      expect(readdirSync(home)).toEqual([]);
      expect(existsSync('/incomplete')).toBe(false);
    });
  }

  test('every program works on the directory that a link leads to', async () => {
    fill();
    symlinkSync('cache', join(cache().base, 'link'));
    cache().configureExactly('[DEFAULT]', `image_cache_dir = ${cache().base}/link`, 'image_cache_max_size = 0');
    expect(await cache().run('pruner', [])).toEqual(success());
    expect(cache().names('cached')).toEqual([]);
  });
});

describe('folders', () => {
  for (const folder of ['incomplete', 'invalid', 'queue'] as const) {
    for (const what of ['link', 'file'] as const) {
      test(`no program follows or replaces ${folder} when it is a ${what}`, async () => {
        fill();
        const path = cache().layout.areas[folder];
        const aside = join(cache().base, 'aside');
        renameSync(path, aside);
        writeFileSync(join(aside, idOf('9')), 'precious');
        if (what === 'link') symlinkSync(aside, path);
        else writeFileSync(path, '');
        const before = [entriesOf(aside), cache().rows(), cache().names('cached')];
        const hint = `Move it out of the way; glance-api and these programs create the folder when they need it: sudo mv /test/cache/${folder} /var/tmp/`;
        const expected = failure(4, `Cannot use "${path}": it is not a folder`, hint);
        expect(await cache().run('pruner', [])).toEqual(expected);
        expect(await cache().manage('-f', 'delete-cached-image', ONE)).toEqual(expected);
        expect(await cache().manage('-f', 'queue-image', TWO)).toEqual(expected);
        const list = { incomplete: 'list-incomplete', invalid: 'list-invalid', queue: 'list-queued' }[folder];
        expect(await cache().manage(list)).toEqual(expected);
        expect((await cache().run('cleaner', [])).code).toBe(4);
        expect([entriesOf(aside), cache().rows(), cache().names('cached')]).toEqual(before);
      });
    }
  }

  test('the pruner touches no entry that is no image when the cache has to be empty', async () => {
    fill();
    const target = join(cache().base, 'target');
    writeFileSync(target, 'precious');
    symlinkSync(target, join(cache().root, TWO));
    mkdirSync(join(cache().root, THREE));
    execFileSync('mkfifo', [join(cache().root, idOf('4'))]);
    for (const name of ['lost+found', 'glance-cache', `${ONE}.tmp`, idOf('a').toUpperCase(), 'x\u001b[31m']) {
      writeFileSync(join(cache().root, name), '');
    }
    const strangers = cache()
      .names('cached')
      .filter((name) => name !== ONE);
    const { code, stdout } = await cache().run('pruner', ['-v']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      `Left alone, as none of the cache's: ${ONE}.tmp, ${TWO}, ${THREE}, ${idOf('4')}, ${idOf('a').toUpperCase()}, lost+found, x\\x1b[31m.\n`,
    );
    expect(await cache().manage('-f', 'delete-all-cached-images')).toEqual(success());
    expect(cache().names('cached')).toEqual(strangers);
  });

  test('queue-image says that something is there when a link of that name is in the queue', async () => {
    symlinkSync('/etc/passwd', join(cache().layout.areas.queue, ONE));
    const run = await cache().manage('-f', 'queue-image', ONE);
    expect(run).toEqual({ code: 0, stdout: '', stderr: `Not queued: image ${ONE} is there already\n` });
  });
});
