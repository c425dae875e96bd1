import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Credentials } from '../../../src/credentials/credentials.ts';
import { useTempDir } from '../../support/temp-dir.ts';
import { credentialsOf, write } from '../credentials/resolved.ts';
import { authSections } from './auth-examples.ts';
import { chapterOf, fencesOf } from './fences.ts';
import { ROOT } from './manual.ts';

// Whoever copies an example is logged in by it: each is read as the program reads it, the secret included.

const chapter = chapterOf(readFileSync(join(ROOT, 'README.md'), 'utf8'), 'Credentials');

/** The examples in a language. */
function examplesIn(wanted: string): readonly string[] {
  return fencesOf(chapter).flatMap(({ language, lines }) => (language === wanted ? [`${lines.join('\n')}\n`] : []));
}

const AUTH_URL = 'https://keystone.example.org:5000/v3';
const SECRET = 's3cr$et';
const APPLICATION_CREDENTIAL = {
  authType: 'v3applicationcredential',
  auth: { auth_url: AUTH_URL, application_credential_secret: SECRET },
};
const CLIENT = {
  authType: 'v3oidcclientcredentials',
  auth: { auth_url: AUTH_URL, client_secret: SECRET, project_name: 'service' },
};
const USER = { authType: 'password', auth: { auth_url: AUTH_URL, password: SECRET, project_name: 'service' } };

describe('README.md', () => {
  const dir = useTempDir();

  test('shows clouds that can be logged in to', async () => {
    const found: Credentials[] = [];
    for (const example of examplesIn('yaml')) {
      write(dir(), 'clouds.yaml', example);
      found.push(await credentialsOf({ dir: dir(), cloud: 'image-cache' }));
    }
    expect(found).toMatchObject([APPLICATION_CREDENTIAL, CLIENT]);
  });

  test('names every way to log in', () => {
    const named = new Set(Array.from(chapter.matchAll(/`(\w+)`/g), (match) => match[1]));
    expect(authSections().flatMap(({ names: [name = ''] }) => (named.has(name) ? [] : [name]))).toEqual([]);
  });

  test('shows an openrc file that is complete', async () => {
    const [example = '', ...others] = examplesIn('sh');
    expect(others).toEqual([]);
    const variables = Array.from(example.matchAll(/\b(OS_\w+)=(?:'([^']*)'|(\S+))/g), (match) => {
      const [, name = '', quoted, bare = ''] = match;
      return [name, quoted ?? bare] as const;
    });
    expect(await credentialsOf({ env: Object.fromEntries(variables) })).toMatchObject(USER);
  });

  test('shows a configuration for each section that credentials are taken from', async () => {
    const found = await Promise.all(examplesIn('ini').map((conf) => credentialsOf({ conf })));
    expect(found).toMatchObject([APPLICATION_CREDENTIAL, USER, USER]);
    const sections = found.map(({ source }) => /^\[\w+\]/.exec(source)?.[0]);
    expect(sections).toEqual(['[cache_tools]', '[DEFAULT]', '[keystone_authtoken]']);
  });
});
