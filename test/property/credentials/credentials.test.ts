import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { typeNamed } from '../../../src/credentials/auth-types.ts';
import type { OptionKey } from '../../../src/credentials/source.ts';
import { CacheError } from '../../../src/errors/cache-error.ts';
import { AUTH_OPTIONS } from '../../../src/settings/options/keystone.ts';
import { useTempDir } from '../../support/temp-dir.ts';
import { type Given, resolved, write } from '../../unit/credentials/resolved.ts';

const dir = useTempDir();

const NAMES = AUTH_OPTIONS.map(({ name }) => name);
const SECRET = /s3cret/;
const IDENTITIES = [
  'username',
  'user_id',
  'token',
  'application_credential_id',
  'endpoint',
  'client_id',
  'access_token',
];

/** Some options of a source; each text begins with the name of the source, and those of secrets tell that they are. */
function optionsOf(source: string): fc.Arbitrary<Readonly<Record<string, string>>> {
  const tail = fc.stringMatching(/^[a-z0-9]{1,6}$/);
  const texts = AUTH_OPTIONS.map(({ name, secret }) => {
    const prefix = `${source}-${secret === true ? 's3cret' : name}-`;
    return fc.option(
      tail.map((text) => [name, `${prefix}${text}`] as const),
      { nil: undefined },
    );
  });
  return fc.tuple(...texts).map((pairs) => Object.fromEntries(pairs.filter((pair) => pair !== undefined)));
}

/** One that lacks nothing. */
function completeOf(source: string): fc.Arbitrary<Readonly<Record<string, string>>> {
  const user = fc.constantFrom(['user_id'], ['username', 'user_domain_id'], ['username', 'user_domain_name']);
  const project = fc.constantFrom([], ['project_id'], ['project_name', 'project_domain_name']);
  return fc
    .tuple(user, project)
    .map((parts) =>
      Object.fromEntries(['auth_url', 'password', ...parts.flat()].map((key) => [key, `${source}-${key}`])),
    );
}

interface Sources {
  readonly env: Readonly<Record<string, string>> | undefined;
  readonly own: Readonly<Record<string, string>> | undefined;
  readonly service: Readonly<Record<string, string>> | undefined;
  readonly cloud: Readonly<Record<string, string>> | undefined;
}

function givenOf({ env, own, service, cloud }: Sources): Given {
  const section = (name: string, options: Readonly<Record<string, string>> = {}): string =>
    [`[${name}]`, ...Object.entries(options).map(([key, text]) => `${key} = ${text}`), ''].join('\n');
  write(dir(), 'clouds.yaml', JSON.stringify({ clouds: { c: { auth: cloud ?? {} } } }));
  return {
    dir: dir(),
    ...(cloud === undefined ? {} : { cloud: 'c' }),
    env: Object.fromEntries(Object.entries(env ?? {}).map(([key, text]) => [`OS_${key.toUpperCase()}`, text])),
    conf: section('cache_tools', own) + section('keystone_authtoken', service),
  };
}

/** By rank. */
const SOURCES = ['cloud', 'env', 'own', 'service'] as const;

function someOf(make: (source: string) => fc.Arbitrary<Readonly<Record<string, string>>>): fc.Arbitrary<Sources> {
  const some = (source: string) => fc.option(make(source), { nil: undefined });
  return fc.record({ env: some('env'), own: some('own'), service: some('service'), cloud: some('cloud') });
}

describe('resolveCredentials()', () => {
  test('takes everything from the highest source when all are complete', async () => {
    await fc.assert(
      fc.asyncProperty(someOf(completeOf), async (sources) => {
        const highest = SOURCES.find((source) => sources[source] !== undefined);
        fc.pre(highest !== undefined);
        const { credentials } = await resolved(givenOf(sources));
        expect(credentials.auth).toEqual(sources[highest]);
      }),
    );
  });

  test('takes nothing from a source below the one it uses, or fails over that one', async () => {
    await fc.assert(
      fc.asyncProperty(someOf(optionsOf), async (sources) => {
        const names = (source: (typeof SOURCES)[number]): boolean => {
          const options = sources[source];
          if (source === 'cloud' || options === undefined) return options !== undefined;
          const keys = Object.keys(options);
          return (
            keys.some((key) => IDENTITIES.includes(key) || key.startsWith('application_credential')) ||
            (source === 'own' && keys.includes('auth_url'))
          );
        };
        const highest = SOURCES.find(names);
        const error = await resolved(givenOf(sources)).then(
          ({ credentials }) => {
            for (const text of Object.values(credentials.auth)) expect(text.startsWith(`${highest}-`)).toBe(true);
          },
          (thrown: unknown) => thrown,
        );
        if (error === undefined) return;
        expect(error).toBeInstanceOf(CacheError);
        if (!(error instanceof CacheError)) return;
        expect(error.code).toBe('CONFIG_CREDENTIALS');
        const title = {
          cloud: 'cloud "c"',
          env: 'the environment',
          own: '[cache_tools]',
          service: '[keystone_authtoken]',
        };
        expect(error.message).toContain(highest === undefined ? 'no credentials' : title[highest]);
      }),
    );
  });

  test('tells no secret, whether it succeeds or fails', async () => {
    const flags = fc.option(optionsOf('flag'), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(someOf(optionsOf), flags, async (sources, given) => {
        const request = { ...givenOf(sources), flags: (given ?? {}) as Partial<Record<OptionKey, string>> };
        const told = await resolved(request).then(
          ({ credentials, secrets, warnings, notes }) => {
            for (const { name, secret } of AUTH_OPTIONS) {
              const text = credentials.auth[name];
              if (secret === true && text !== undefined) expect(secrets).toContain(text);
            }
            return [credentials.source, warnings, notes];
          },
          (error: unknown) => {
            if (!(error instanceof CacheError)) throw error;
            return [error.message, error.hint, error.details, error.cause];
          },
        );
        expect(JSON.stringify(told)).not.toMatch(SECRET);
      }),
    );
  });

  test('lets a flag be the value of its option, wherever the login uses it', async () => {
    const flag = fc.constantFrom(...NAMES.filter((name) => !name.startsWith('default_domain')));
    await fc.assert(
      fc.asyncProperty(completeOf('env'), flag, async (env, name) => {
        const request = givenOf({ env, own: undefined, service: undefined, cloud: undefined });
        const outcome = await resolved({ ...request, flags: { [name]: 'flag-value' } }).catch(
          (error: unknown) => error,
        );
        if (outcome instanceof CacheError) return;
        const { auth, authType } = (outcome as Awaited<ReturnType<typeof resolved>>).credentials;
        const domains = ['user_domain_id', 'user_domain_name', 'project_domain_id', 'project_domain_name'] as const;
        const isShared = name.startsWith('domain_') && domains.some((domain) => auth[domain] === 'flag-value');
        const isUseless =
          typeNamed(authType)?.takes.includes(name) === false ||
          (name.startsWith('user_domain') && 'user_id' in auth) ||
          (name.startsWith('project_domain') && !('project_name' in auth)) ||
          (name.startsWith('domain_') && 'user_id' in auth && 'project_id' in auth);
        expect(auth[name] === 'flag-value' || isShared || isUseless).toBe(true);
      }),
    );
  });
});
