import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ConfigSource } from '../../../../src/settings/load.ts';
import { OPTIONS } from '../../../../src/settings/options.ts';
import { type Configuration, readConfiguration } from '../../../../src/use-cases/check/files/read-configuration.ts';
import { useTempDir } from '../../../support/temp-dir.ts';

const dir = useTempDir();

/** Writes files below the home, where they are default ones: each says where the cache is. */
function write(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(join(dir(), name, '..'), { recursive: true });
    writeFileSync(join(dir(), name), `[DEFAULT]\nimage_cache_dir = /${name}\n`);
  }
}

function read(...sources: readonly ConfigSource[]): Configuration {
  return readConfiguration({
    program: 'glance-cache-manage',
    env: {},
    flags: [],
    homeDir: dir(),
    cwd: dir(),
    sources: sources.map(({ kind, path }) => ({ kind, path: join(dir(), path) })),
  });
}

const file = (path: string): ConfigSource => ({ kind: 'file', path });

/** Which files each of the three reads, relative to the home. */
function readers({ settings, glanceApi, cachePrograms }: Configuration): readonly (readonly string[] | undefined)[] {
  return [settings, glanceApi, cachePrograms].map((view) =>
    view?.files.flatMap((path) => (path.startsWith(dir()) ? path.slice(dir().length + 1) : [])),
  );
}

describe('readConfiguration()', () => {
  test('reads the default files as each program does', () => {
    write('glance.conf', 'glance-api.conf', 'glance-cache.conf');
    write('glance.conf.d/a.conf', 'glance-api.conf.d/b.conf', 'glance-cache-manage.conf.d/c.conf');
    const configuration = read();
    expect(readers(configuration)).toEqual([
      [
        'glance.conf',
        'glance-api.conf',
        'glance-cache.conf',
        'glance.conf.d/a.conf',
        'glance-cache-manage.conf.d/c.conf',
      ],
      ['glance.conf', 'glance-api.conf', 'glance.conf.d/a.conf', 'glance-api.conf.d/b.conf'],
      ['glance.conf', 'glance-cache.conf', 'glance.conf.d/a.conf', 'glance-cache-manage.conf.d/c.conf'],
    ]);
    expect(configuration.glanceApi?.settings.get(OPTIONS.imageCacheDir)).toBe('/glance-api.conf.d/b.conf');
    expect(configuration.glanceApi?.ownFile).toBe(join(dir(), 'glance-api.conf'));
    expect(configuration.cachePrograms?.ownFile).toBe(join(dir(), 'glance-cache.conf'));
  });

  test('tells whose a file is by its name when files are named', () => {
    write('x/my-api.conf', 'x/common.conf', 'x/my-cache.conf');
    expect(readers(read(file('x/my-api.conf'), file('x/common.conf'), file('x/my-cache.conf')))).toEqual([
      ['x/my-api.conf', 'x/common.conf', 'x/my-cache.conf'],
      ['x/my-api.conf', 'x/common.conf'],
      ['x/common.conf', 'x/my-cache.conf'],
    ]);
  });

  test('takes the one file that is named for everybody when its name tells nothing', () => {
    write('all.conf');
    expect(readers(read(file('all.conf')))).toEqual([['all.conf'], ['all.conf'], ['all.conf']]);
  });

  test("takes glance-api's file beside that of the cache when that alone is named", () => {
    write('x/glance-cache.conf');
    expect(readers(read(file('x/glance-cache.conf')))).toEqual([
      ['x/glance-cache.conf'],
      undefined,
      ['x/glance-cache.conf'],
    ]);
    write('x/glance-api.conf');
    expect(readers(read(file('x/glance-cache.conf')))).toEqual([
      ['x/glance-cache.conf'],
      ['x/glance-api.conf'],
      ['x/glance-cache.conf'],
    ]);
  });

  test('gives named folders to everybody', () => {
    write('glance-api.conf', 'd/z.conf');
    const [ours, api] = readers(read({ kind: 'dir', path: 'd' }));
    expect([ours, api]).toEqual([
      ['glance-api.conf', 'd/z.conf'],
      ['glance-api.conf', 'd/z.conf'],
    ]);
  });

  test('finds the paste file by the name of the last file, beside it', () => {
    write('x/glance-api.conf', 'x/site-api.conf');
    writeFileSync(join(dir(), 'x/glance-api-paste.ini'), 'one');
    expect(read(file('x/glance-api.conf')).paste).toMatchObject({ kind: 'read', text: 'one', isRelative: false });
    expect(read(file('x/glance-api.conf'), file('x/site-api.conf')).paste).toMatchObject({
      kind: 'missing',
      name: 'site-api-paste.ini',
      isNamed: false,
    });
  });

  test('takes the paste file that is named, and says so where it is not absolute or not there', () => {
    write('glance-api.conf');
    const name = (path: string): void =>
      writeFileSync(join(dir(), 'glance-api.conf'), `[paste_deploy]\nconfig_file = ${path}\n`);
    writeFileSync(join(dir(), 'my.ini'), 'mine');
    name(join(dir(), 'my.ini'));
    expect(read().paste).toMatchObject({ kind: 'read', text: 'mine', isRelative: false });
    name('my.ini');
    expect(read().paste).toMatchObject({ kind: 'read', text: 'mine', isRelative: true });
    name('/nonexistent/my.ini');
    expect(read().paste).toEqual({ kind: 'missing', name: '/nonexistent/my.ini', folders: [], isNamed: true });
    name(dir());
    expect(read().paste).toEqual({ kind: 'unreadable', path: dir(), reason: 'it is a directory' });
  });

  test('goes by flags and environment for these programs alone', () => {
    write('glance-api.conf');
    const configuration = readConfiguration({
      program: 'glance-cache-manage',
      env: { OS_DEFAULT__IMAGE_CACHE_DIR: '/env' },
      flags: [],
      homeDir: dir(),
      cwd: dir(),
      sources: [],
    });
    expect(configuration.settings.get(OPTIONS.imageCacheDir)).toBe('/env');
    expect(configuration.glanceApi?.settings.get(OPTIONS.imageCacheDir)).toBe('/glance-api.conf');
  });
});
