import { describe, expect, test } from 'vitest';
import { AUTH_FLAGS, authFlagsGiven, MANAGE_AUTH_FLAGS, PROVIDER_FLAGS } from '../../../src/cli/auth-flags.ts';
import { spellingsOf } from '../../../src/cli/flag.ts';
import { MANAGE } from '../../../src/cli/manage.ts';
import { parseArguments } from '../../../src/cli/parse-arguments.ts';
import type { Program } from '../../../src/cli/program.ts';
import { AUTH_OPTIONS } from '../../../src/settings/options/keystone.ts';
import { thrownBy } from '../../support/thrown.ts';

const NOTHING: Pick<Program, 'summary' | 'commands' | 'examples' | 'run'> = {
  summary: 'A program of a test.',
  commands: [],
  examples: [],
  run: () => Promise.resolve(),
};

/** A program with the flags that the prefetcher has. */
const OWN: Program = { ...NOTHING, name: 'own', groups: [AUTH_FLAGS, PROVIDER_FLAGS] };

/** A program with all flags that there are beside those of the stock glance-cache-manage. */
const STOCK: Program = {
  ...NOTHING,
  name: 'stock',
  groups: [MANAGE_AUTH_FLAGS, PROVIDER_FLAGS],
};

function given(program: Program, args: readonly string[]) {
  const request = parseArguments(program, args);
  if (request.kind !== 'run') throw new Error('Expected a run');
  const { flags, cloud } = authFlagsGiven(request.args);
  return { cloud, ...Object.fromEntries(Array.from(flags, ([key, { text }]) => [key, text])) };
}

function origins(program: Program, args: readonly string[]): readonly string[] {
  const request = parseArguments(program, args);
  if (request.kind !== 'run') throw new Error('Expected a run');
  return Array.from(authFlagsGiven(request.args).flags.values(), ({ origin }) => origin);
}

describe.each([
  ['a program of which the stock one has none', OWN],
  ['glance-cache-manage', STOCK],
])('authFlagsGiven() of %s', (_what, program) => {
  test.each(AUTH_OPTIONS.map(({ name, aliases = [] }) => [name, aliases] as const))(
    'has a flag for %s, under its former names too',
    (name, aliases) => {
      for (const spelled of [name, ...aliases]) {
        expect(given(program, [`--os-${spelled.replaceAll('_', '-')}`, 'x'])).toEqual({
          cloud: undefined,
          [name]: 'x',
        });
      }
    },
  );

  test.each([
    ['--os-auth-type', 'auth_type'],
    ['--os-auth-plugin', 'auth_type'],
    ['--os-region-name', 'region_name'],
    ['--os-interface', 'interface'],
    ['--os-endpoint-type', 'interface'],
    ['--os-cacert', 'cacert'],
    ['--os-cert', 'cert'],
    ['--os-key', 'key'],
    ['--os-image-endpoint-override', 'endpoint_override'],
    ['--os-endpoint-override', 'endpoint_override'],
    ['--os-application_credential_id', 'application_credential_id'],
    ['--os-application_credential_name', 'application_credential_name'],
    ['--os-application_credential_secret', 'application_credential_secret'],
  ])('takes %s', (flag, key) => {
    expect(given(program, [`${flag}=x`])).toEqual({ cloud: undefined, [key]: 'x' });
  });

  test('takes a cloud and a switch', () => {
    expect(given(program, ['--os-cloud', 'prod', '--insecure'])).toEqual({ cloud: 'prod', insecure: 'true' });
  });

  test('takes the token cache for no option of the login', () => {
    expect(given(program, ['--os-token-cache', '--os-token', 'x'])).toEqual({ cloud: undefined, token: 'x' });
  });

  test('takes empty values for flags that were not given', () => {
    expect(given(program, ['--os-cloud=', '--os-username=', '--os-project-id= '])).toEqual({ cloud: undefined });
  });

  test('takes the last of several values', () => {
    expect(given(program, ['--os-username', 'a', '--os-user-name', 'b'])).toEqual({ cloud: undefined, username: 'b' });
  });
});

describe('authFlagsGiven()', () => {
  test.each([
    ['-A', 'token'],
    ['--os_auth_token', 'token'],
    ['--auth_token', 'token'],
    ['-I', 'username'],
    ['--os_username', 'username'],
    ['-K', 'password'],
    ['--os_password', 'password'],
    ['-R', 'region_name'],
    ['--os_region_name', 'region_name'],
    ['--os_project_id', 'project_id'],
    ['--os_tenant_id', 'project_id'],
    ['-T', 'project_name'],
    ['--os_project_name', 'project_name'],
    ['--os_tenant_name', 'project_name'],
    ['-N', 'auth_url'],
    ['--os_auth_url', 'auth_url'],
  ])('takes the stock spelling %s in glance-cache-manage', (flag, key) => {
    expect(given(MANAGE, ['list-cached', flag, 'x'])).toEqual({ cloud: undefined, [key]: 'x' });
    expect(given(STOCK, [flag, 'x'])).toEqual({ cloud: undefined, [key]: 'x' });
  });

  test('takes a strategy of the stock tool, and no other', () => {
    expect(given(STOCK, ['-k', '-S', 'NoAuth'])).toEqual({
      cloud: undefined,
      insecure: 'true',
      auth_strategy: 'noauth',
    });
    expect(thrownBy(() => parseArguments(STOCK, ['-S', 'basic']))).toMatchObject({ code: 'USAGE' });
  });

  test('names a flag as the help of the program does', () => {
    expect(origins(OWN, ['--os-auth-token', 't', '--os-tenant-name', 'p'])).toEqual([
      '--os-project-name',
      '--os-token',
    ]);
    expect(origins(STOCK, ['--os-token', 't', '-T', 'p', '-k'])).toEqual([
      '--insecure',
      '--os-auth-token',
      '--os-project-name',
    ]);
  });

  test.each([
    ['--os-us', 'is ambiguous'],
    ['--os-auth', 'is ambiguous'],
  ])('leaves the abbreviation %s ambiguous, as it was', (flag, message) => {
    expect((thrownBy(() => parseArguments(STOCK, [flag, 'x'])) as Error).message).toContain(message);
  });

  test.each([
    ['--os-pa', 'password'],
    ['--os-r', 'region_name'],
    ['--os-d', 'domain_id'],
    ['--os-usern', 'username'],
    ['--os-project-i', 'project_id'],
    ['--os-auth-u', 'auth_url'],
    ['--os-auth-t', 'token'],
  ])('leaves the abbreviation %s to the stock flag', (flag, key) => {
    expect(given(STOCK, [flag, 'x'])).toEqual({ cloud: undefined, [key]: 'x' });
  });
});

describe('AUTH_FLAGS', () => {
  test('has every spelling once, all of them beyond the stock programs', () => {
    const spellings = AUTH_FLAGS.flags.flatMap(spellingsOf);
    expect(new Set(spellings).size).toBe(spellings.length);
    expect(AUTH_FLAGS.flags.every(({ beyondStock }) => beyondStock === true)).toBe(true);
  });
});

describe('MANAGE_AUTH_FLAGS', () => {
  test('has every spelling of the others, and once, with those of the stock tool first', () => {
    const spellings = MANAGE_AUTH_FLAGS.flags.flatMap(spellingsOf);
    expect(new Set(spellings).size).toBe(spellings.length);
    for (const spelling of AUTH_FLAGS.flags.flatMap(spellingsOf)) expect(spellings).toContain(spelling);
    const firstNew = MANAGE_AUTH_FLAGS.flags.findIndex(({ beyondStock }) => beyondStock === true);
    expect(MANAGE_AUTH_FLAGS.flags.slice(0, firstNew).map(({ names }) => names.at(-1))).toContain('--os-username');
    expect(MANAGE_AUTH_FLAGS.flags.slice(firstNew).every(({ beyondStock }) => beyondStock === true)).toBe(true);
  });
});
