import { describe, expect, test } from 'vitest';
import { storeFolders } from '../../../src/settings/store-folders.ts';
import { failure, settingsOf } from './settings-of.ts';

function foldersOf(text: string, env: Readonly<Record<string, string>> = {}): readonly string[] {
  return storeFolders(settingsOf({ files: [text], env }));
}

describe('storeFolders() of the one store', () => {
  test('is where Glance keeps images by default', () => {
    expect(foldersOf('')).toEqual(['/var/lib/glance/images']);
  });

  test('is filesystem_store_datadir when that is set', () => {
    expect(foldersOf('[glance_store]\nfilesystem_store_datadir = /srv/images\n')).toEqual(['/srv/images']);
  });

  test('is none when filesystem_store_datadir is empty', () => {
    expect(foldersOf('[glance_store]\nfilesystem_store_datadir =\n')).toEqual([]);
  });

  test('is every one of filesystem_store_datadirs, those of higher priority first, others as they are given', () => {
    const lines = ['/a', '/b:100', '/c:200', '/d:100', '/e:0'].map((value) => `filesystem_store_datadirs = ${value}\n`);
    expect(foldersOf(`[glance_store]\n${lines.join('')}`)).toEqual(['/c', '/b', '/d', '/a', '/e']);
  });

  test('is filesystem_store_datadirs, not the default beside it', () => {
    expect(foldersOf('[glance_store]\nfilesystem_store_datadirs = /a\n')).toEqual(['/a']);
    expect(foldersOf('[glance_store]\nfilesystem_store_datadir =\nfilesystem_store_datadirs = /a\n')).toEqual(['/a']);
  });

  test.each([
    ['/srv/a:b', ['/srv/a:b']],
    ['/srv/a:b:10', ['/srv/a:b']],
    ['/srv/a:', ['/srv/a']],
    ['/srv/a : 10 ', ['/srv/a']],
    ['/srv/a:-1', ['/srv/a']],
    ['/srv/2024', ['/srv/2024']],
    [':10', []],
  ])('reads %j as glance_store does, which splits at the last colon', (value, expected) => {
    expect(foldersOf(`[glance_store]\nfilesystem_store_datadirs = ${value}\n`)).toEqual(expected);
  });

  test('puts a priority below zero behind none', () => {
    const env = { OS_GLANCE_STORE__FILESYSTEM_STORE_DATADIRS: '/a:-1,/b,/c:5' };
    expect(foldersOf('', env)).toEqual(['/c', '/b', '/a']);
  });
});

describe('storeFolders() of several stores', () => {
  test('is those of every store of files, in the order of enabled_backends', () => {
    const text = [
      '[DEFAULT]',
      'enabled_backends = fast:file, remote:rbd, cheap:filesystem, web:http',
      '[cheap]',
      'filesystem_store_datadirs = /cheap/b:1',
      'filesystem_store_datadirs = /cheap/a:2',
      '[fast]',
      'filesystem_store_datadir = /fast',
      '[remote]',
      'filesystem_store_datadir = /never',
      '[glance_store]',
      'filesystem_store_datadir = /old',
    ];
    expect(foldersOf(text.join('\n'))).toEqual(['/fast', '/cheap/a', '/cheap/b']);
  });

  test('has the default of a store that says nothing, and each folder once', () => {
    const text = '[DEFAULT]\nenabled_backends = a:file,b:file\n[glance_store]\nfilesystem_store_datadir = /old\n';
    expect(foldersOf(text)).toEqual(['/var/lib/glance/images']);
  });

  test('has what backend_defaults says for a store that says nothing', () => {
    const backends = '[DEFAULT]\nenabled_backends = a:file,b:file,c:file\n[b]\nfilesystem_store_datadir = /b\n';
    const one = '[backend_defaults]\nfilesystem_store_datadir = /one\n';
    expect(foldersOf(`${backends}${one}`)).toEqual(['/one', '/b']);
    const several = '[backend_defaults]\nfilesystem_store_datadirs = /x:1\nfilesystem_store_datadirs = /y:2\n';
    expect(foldersOf(`${backends}${several}[c]\nfilesystem_store_datadirs = /c\n`)).toEqual(['/y', '/x', '/c']);
  });

  test('is none when no store is of files', () => {
    expect(foldersOf('[DEFAULT]\nenabled_backends = remote:rbd\n')).toEqual([]);
  });

  test('is the one store when enabled_backends is empty, as it is to Glance', () => {
    expect(foldersOf('[DEFAULT]\nenabled_backends =\n[glance_store]\nfilesystem_store_datadir = /one\n')).toEqual([
      '/one',
    ]);
  });

  test('is CONFIG_VALUE when enabled_backends cannot be read', () => {
    expect(failure(() => foldersOf('[DEFAULT]\nenabled_backends = fast\n'))).toMatchObject({ code: 'CONFIG_VALUE' });
  });
});
