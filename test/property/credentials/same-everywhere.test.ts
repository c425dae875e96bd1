import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AUTH_TYPE_NAMES, typeNamed } from '../../../src/credentials/auth-types.ts';
import { overlayFlags } from '../../../src/credentials/overlay-flags.ts';
import type { CredentialSource } from '../../../src/credentials/source.ts';
import { CacheError } from '../../../src/errors/cache-error.ts';
import { AUTH_OPTIONS, type AuthOptionName } from '../../../src/settings/options/keystone.ts';
import { useTempDir } from '../../support/temp-dir.ts';
import { flagsOf, type Given, resolved, write } from '../../unit/credentials/resolved.ts';

const dir = useTempDir();

type Options = Readonly<Record<string, string>>;

const NAMES = AUTH_OPTIONS.map(({ name }) => name);
const text = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9 +%:;#=é'"-]{0,8}[a-z0-9]$/);

function optionsOf(names: readonly AuthOptionName[]): fc.Arbitrary<Options> {
  const entries = names.map((name) =>
    fc.option(text, { nil: undefined, freq: 4 }).map((value) => [name, value] as const),
  );
  return fc
    .tuple(...entries)
    .map((pairs) => Object.fromEntries(pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))));
}

/** Some options of one way to log in. */
const login = fc
  .constantFrom(...AUTH_TYPE_NAMES)
  .chain((type) => optionsOf(typeNamed(type)?.takes ?? []).map((options) => ({ type, options })));

const PLACES: Readonly<Record<string, (type: string, options: Options) => Given>> = {
  environment: (type, options) => ({
    env: {
      OS_AUTH_TYPE: type,
      ...Object.fromEntries(Object.entries(options).map(([key, value]) => [`OS_${key.toUpperCase()}`, value])),
    },
  }),
  cloud: (type, auth) => {
    write(dir(), 'clouds.yaml', JSON.stringify({ clouds: { c: { auth_type: type, auth } } }));
    return { dir: dir(), cloud: 'c' };
  },
  file: (type, options) => ({
    conf: [
      '[cache_tools]',
      ...Object.entries({ auth_type: type, ...options }).map(([key, value]) => `${key} = ${value}`),
      '',
    ].join('\n'),
  }),
  flags: (type, options) => ({ flags: { auth_type: type, ...options } }),
};

/** What comes of a login, without the words for its place. */
async function outcomeOf(given: Given): Promise<unknown> {
  try {
    const { credentials } = await resolved(given);
    return { authType: credentials.authType, auth: credentials.auth };
  } catch (error) {
    if (error instanceof CacheError) return error.code;
    throw error;
  }
}

describe('resolveCredentials()', () => {
  test('makes the same of a login wherever it is written', async () => {
    await fc.assert(
      fc.asyncProperty(login, async ({ type, options }) => {
        // A file of oslo.config means two things to log in to, where openstacksdk means the domain of user and project.
        fc.pre(
          !('project_id' in options || 'project_name' in options) ||
            !('domain_id' in options || 'domain_name' in options),
        );
        const outcomes = await Promise.all(Object.values(PLACES).map((place) => outcomeOf(place(type, options))));
        for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
      }),
      { numRuns: 300 },
    );
  });

  test('uses of a login no more than its way to log in takes, each value as it is given', async () => {
    await fc.assert(
      fc.asyncProperty(login, optionsOf(NAMES), async ({ type, options }, strays) => {
        const given = { ...strays, ...options };
        const outcome = await resolved(PLACES['environment']?.(type, given) ?? {}).catch((error: unknown) => error);
        if (outcome instanceof CacheError) return;
        const { auth, authType } = (outcome as Awaited<ReturnType<typeof resolved>>).credentials;
        for (const [name, value] of Object.entries(auth)) {
          if (authType !== 'v3multifactor') expect(typeNamed(type)?.takes).toContain(name);
          // A domain may stand for another one; a URL of version 2 is made one of version 3.
          if (!/domain/.test(name)) expect(value).toBe(given[name]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('overlayFlags()', () => {
  test('changes nothing when the same flags are laid over once more', () => {
    const source = (options: Options): CredentialSource => ({
      name: 'a test',
      given: flagsOf(options),
      spell: (key) => key,
      warnings: [],
      notes: [],
    });
    const any = fc.tuple(optionsOf(NAMES), fc.option(fc.constantFrom(...AUTH_TYPE_NAMES), { nil: undefined }));
    fc.assert(
      fc.property(any, optionsOf(NAMES), ([options, type], flags) => {
        const base = source(type === undefined ? options : { ...options, auth_type: type });
        const once = overlayFlags(base, flagsOf(flags));
        const texts = (given: CredentialSource['given']): unknown =>
          Object.fromEntries(Array.from(given, ([key, value]) => [key, value.text]));
        expect(texts(overlayFlags(once, flagsOf(flags)).given)).toEqual(texts(once.given));
      }),
      { numRuns: 1000 },
    );
  });
});
