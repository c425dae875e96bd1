import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FOLDERS } from '../../../../../src/use-cases/check/node/folders.ts';
import { INDEX_FILE } from '../../../../../src/use-cases/check/node/index-file.ts';
import { findGlanceUser } from '../../../../../src/use-cases/check/node/look/glance-user.ts';
import { OWNERS } from '../../../../../src/use-cases/check/node/owners.ts';
import { told, useCheckHost } from '../../../../support/check-host.ts';
import { imageIdOf, inIndex, putImage } from '../../../../support/seeded-cache.ts';

const host = useCheckHost();

describe('findGlanceUser()', () => {
  const user = () => findGlanceUser(host().context({ owner: { uid: 0, gid: 0 } }));

  test.each([
    ['a script of Python', ['/usr/bin/python3.11', '-s', '/usr/bin/glance-api', '--config-file', 'x']],
    ['a program of its own name', ['/usr/bin/glance-api']],
    ['uWSGI', ['/usr/bin/uwsgi_python3', '--ini', '/etc/glance/glance-api-uwsgi.ini']],
    ['Apache', ['(wsgi:glance-api)', '-k', 'start']],
  ])('takes the rights of a process: %s', (_what, words) => {
    host().run(7, ['/usr/bin/vi', '/usr/bin/glance-api'], { uid: 1 });
    host().run(811, words, { uid: 0 });
    host().run(812, words, { uid: 42_415, groups: [42_400, 777] });
    expect(user()).toEqual({
      name: '42415',
      uid: 42_415,
      gids: [42_400, 777],
      because: 'as process 812 does',
    });
  });

  test('takes the user of the unit where nothing runs, drop-ins over the unit', () => {
    host().write('/lib/systemd/system/glance-api.service', '[Unit]\nUser=no\n[Service]\nUser = root\n');
    expect(user()).toMatchObject({ uid: 0, because: '/lib/systemd/system/glance-api.service says so' });
    host().write('/etc/systemd/system/glance-api.service.d/user.conf', '[Service]\nUser=glance\n');
    expect(user()).toMatchObject({ name: 'glance', gids: [64_062, 777] });
  });

  test('takes the owner of the cache, then the account of that name, then nobody', () => {
    expect(findGlanceUser(host().context({ owner: { uid: 5, gid: 6 } }))).toMatchObject({ uid: 5, gids: [6] });
    expect(user()).toMatchObject({ uid: 64_062, because: 'there is such an account' });
    host().write('/etc/passwd', 'root:x:0:0::/:/bin/sh\n');
    expect(user()).toBeUndefined();
  });
});

describe('FOLDERS', () => {
  test('finds nothing in a cache as glance-api makes it', async () => {
    expect(await host().check(FOLDERS)).toEqual([]);
  });

  test('finds a cache that is missing, and tells how to make it', async () => {
    const { layout } = host();
    rmSync(layout.root, { recursive: true });
    const [finding, ...others] = await host().check(FOLDERS);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      check: 'cache-directory-missing',
      severity: 'warning',
      command: `install -d -o glance -g glance -m 0750 ${layout.root}`,
    });
  });

  test('finds folders that are missing, and links and files in place of folders', async () => {
    const { areas, tools } = host().layout;
    for (const area of [areas.incomplete, areas.queue, areas.invalid]) rmSync(area, { recursive: true });
    symlinkSync('/nowhere', areas.queue);
    writeFileSync(tools, '');
    const findings = await host().check(FOLDERS);
    expect(told(findings)).toEqual(['error not-a-folder', 'error not-a-folder', 'note cache-folder-missing']);
    expect(findings.map(({ message }) => message)).toEqual([
      `${JSON.stringify(areas.queue)} is a link, where the cache has a folder`,
      `${JSON.stringify(tools)} is no folder, where the cache has a folder`,
      `In the cache there is no ${JSON.stringify(areas.incomplete)}, no ${JSON.stringify(areas.invalid)}`,
    ]);
  });
});

describe('OWNERS', () => {
  test('finds nothing where all belongs to glance-api', async () => {
    host().runGlanceAsTester();
    putImage(host().layout, imageIdOf(1));
    expect(await host().check(OWNERS)).toEqual([]);
  });

  test('finds what belongs to others, and whether glance-api may use it all the same', async () => {
    const { layout } = host();
    host().run(812, ['/usr/bin/glance-api']);
    for (const number of [1, 2]) {
      putImage(layout, imageIdOf(number));
      chmodSync(join(layout.root, imageIdOf(number)), 0o600);
    }
    putImage(layout, imageIdOf(3));
    chmodSync(join(layout.root, imageIdOf(3)), 0o644);
    const findings = await host().check(OWNERS);
    expect(told(findings)).toEqual([
      'error locked-out', // folders
      'error locked-out', // images
      'error locked-out', // index
      'warning foreign-owner', // the image that all may read
    ]);
    expect(findings[1]?.message).toMatch(
      / and 1 more may not be opened by user "glance", as which glance-api runs \(as process 812 does\)$/,
    );
    expect(findings[1]?.command).toBe(`find ${layout.root} ! -user glance -exec chown -h glance:glance {} +`);
    expect(findings[3]?.command).toBe(`chown -h glance:glance ${join(layout.root, imageIdOf(3))}`);
  });

  test('finds a folder on the way that glance-api may not search', async () => {
    host().run(812, ['/usr/bin/glance-api']);
    const closed = join(host().root, 'var/lib');
    chmodSync(closed, 0o750);
    const findings = await host().check(OWNERS);
    expect(told(findings)).toEqual(['error locked-out']);
    expect(findings[0]?.command).toBe(`chmod o+x ${closed}`);
  });

  test('finds locks and tools that root has left', async () => {
    const { layout } = host();
    for (const path of [layout.root, ...Object.values(layout.areas)]) chmodSync(path, 0o777);
    chmodSync(layout.index, 0o666);
    host().run(812, ['/usr/bin/glance-api']);
    host().conf = ['[DEFAULT]', `image_cache_dir = ${layout.root}`];
    writeFileSync(join(layout.root, 'image_cache_db_init'), '', { mode: 0o644 });
    mkdirSync(layout.locks, { recursive: true, mode: 0o755 });
    const locked = (await host().check(OWNERS)).filter(({ severity }) => severity === 'error');
    expect(locked.map(({ message }) => /may not be (.*) by/.exec(message)?.[1])).toEqual(['locked', 'used']);
  });

  test('tells that nothing tells who glance-api is', async () => {
    host().write('/etc/passwd', '');
    expect(told(await host().check(OWNERS, { owner: { uid: 0, gid: 0 } }))).toEqual(['note glance-user-unknown']);
  });
});

describe('INDEX_FILE', () => {
  test('finds nothing about an index as Glance makes it, nor with another driver', async () => {
    expect(await host().check(INDEX_FILE)).toEqual([]);
    rmSync(host().layout.index);
    host().conf = ['[DEFAULT]', 'image_cache_driver = xattr'];
    expect(await host().check(INDEX_FILE)).toEqual([]);
  });

  test('finds an index that is missing, or is no file', async () => {
    const { index } = host().layout;
    rmSync(index);
    expect(told(await host().check(INDEX_FILE))).toEqual(['note index-missing']);
    mkdirSync(index);
    expect(told(await host().check(INDEX_FILE))).toEqual(['error index-no-file']);
  });

  test('finds an index in WAL mode', async () => {
    const { layout } = host();
    inIndex(layout, (db) => db.pragma('journal_mode = WAL'));
    expect(told(await host().check(INDEX_FILE))).toEqual(['warning index-write-ahead']);
  });

  test('finds a folder of the index in which glance-api may not work', async () => {
    const elsewhere = join(host().root, 'srv');
    mkdirSync(elsewhere, { mode: 0o755 });
    const layout = { ...host().layout, index: join(elsewhere, 'index.db') };
    const findings = await host().check(INDEX_FILE, { layout });
    expect(told(findings)).toEqual(['error locked-out']);
    expect(findings[0]?.command).toBe(`chown glance:glance ${elsewhere}`);
  });
});
