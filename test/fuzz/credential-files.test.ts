// clouds.yaml and secure.yaml are written by hand, and YAML has more to it than hands expect. Whatever is in them: a run
// logs in, or ends with 3 and says where to look, in bounded time, and tells no secret.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { typeNamed } from '../../src/credentials/auth-types.ts';
import { AUTH_OPTIONS } from '../../src/settings/options/keystone.ts';
import { type CacheFixture, idOf, useCache } from '../support/cache-fixture.ts';
import { callOn } from '../support/call-in-process.ts';
import { damaged, pieceSomewhere } from '../support/damage.ts';
import { expectHarmless } from '../support/harmless.ts';
import { ESCAPES } from '../support/hostile-text.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import type { RunResult } from '../support/run-program.ts';

const cache = useCache();

const SECRET = 'open-sesame-open';

const CLOUDS = `# clouds
clouds:
  prod: &prod
    auth:
      auth_url: http://127.0.0.1:1/v3
      username: glance
      project_name: service
      user_domain_name: Default
      project_domain_name: Default
    regions: [RegionOne, {name: RegionTwo, values: {interface: internal}}]
    region_name: RegionOne
    verify: true
    cacert: ca.pem
  test:
    <<: *prod
    profile: public
`;
const SECURE = `clouds:\n  prod:\n    auth:\n      password: '${SECRET}'\n`;

/** Runs with these files. */
function login(it: CacheFixture, clouds: string | Uint8Array, secure: string | Uint8Array): Promise<RunResult> {
  const cwd = join(it.base, 'cwd');
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, 'clouds.yaml'), clouds);
  writeFileSync(join(cwd, 'secure.yaml'), secure);
  return callOn(it, 'prefetcher', ['--os-cloud', 'prod', '--retries', '0'], { cwd });
}

/** Expects that a run ends as foreseen, and tells no secret. */
function expectClear(run: RunResult): void {
  expectHarmless(run, [], [3, 8]);
  expect(run.stderr).not.toContain(SECRET);
  expect(run.stderr).toMatch(
    run.code === 3 ? /clouds|secure|credentials|cloud "prod"|region|Cannot use|Cannot read/ : /127\.0\.0\.1/,
  );
}

const SSO = `clouds:
  prod:
    auth_type: v3oidcpassword
    auth:
      auth_url: http://127.0.0.1:1/v3
      identity_provider: sso
      protocol: openid
      client_id: glance-cache
      username: glance
      openid_scope: openid profile
      access_token_type: id_token
      discovery_endpoint: http://127.0.0.1:1/.well-known/openid-configuration
      access_token_endpoint: http://127.0.0.1:1/token
      project_name: service
      project_domain_name: Default
`;
const SSO_SECURE = `clouds:\n  prod:\n    auth:\n      client_secret: '${SECRET}'\n      password: '${SECRET}'\n`;

const anchors = (count: number, times: number): string =>
  Array.from(
    { length: count },
    (_, at) =>
      `a${at}: &a${at} [${Array(times)
        .fill(at === 0 ? 'x' : `*a${at - 1}`)
        .join(', ')}]`,
  ).join('\n');
const merges = (count: number): string =>
  Array.from(
    { length: count },
    (_, at) => `m${at}: &m${at} {<<: [${at === 0 ? '{a: 1}' : `*m${at - 1}, *m${at - 1}`}], k${at}: 1}`,
  ).join('\n');

/** Whole files that have it in for their reader. */
const BOMBS: Readonly<Record<string, string>> = {
  'aliases that unfold to billions': `${anchors(12, 9)}\n${CLOUDS}`,
  'merges that unfold to billions': `${merges(40)}\n${CLOUDS}`,
  'an alias of itself': `clouds: &c {prod: *c}`,
  'a merge with itself': 'clouds: {prod: &p {<<: *p}}',
  'lists in lists': `clouds: ${'['.repeat(20_000)}`,
  'lists in lists that end': `clouds: ${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  'mappings in mappings': `clouds: ${'{a: '.repeat(20_000)}1${'}'.repeat(20_000)}`,
  'mappings in mappings of a cloud': `clouds: {prod: {auth: ${'{a: '.repeat(3000)}1${'}'.repeat(3000)}}}`,
  'indentation without end': Array.from({ length: 3000 }, (_, depth) => `${' '.repeat(depth)}k:`).join('\n'),
  'dashes without end': '- '.repeat(20_000),
  'keys of the language': 'clouds: {prod: {auth: {__proto__: {password: x}, constructor: 1, toString: 2}}}',
  'a key that is a mapping': 'clouds: {? {a: b} : c, prod: {? [x] : y}}',
  tags: 'clouds: !!python/object/apply:os.system ["reboot"]',
  'a binary': 'clouds: {prod: {auth: {password: !!binary "////"}}}',
  NUL: CLOUDS.replace('ca.pem', '"ca\\0.pem"'),
  'NUL in a URL': CLOUDS.replace('http://127.0.0.1:1/v3', '"http://127.0.0.1:1/\\0"'),
  'a URL that paints': CLOUDS.replace('http://127.0.0.1:1/v3', '"http://\\e[31m/"'),
  'a name that paints': CLOUDS.replace('glance', '"\\e]52;c;eA==\\a\\N"'),
  'many documents': `${CLOUDS}---\n${CLOUDS}---\n`,
  'a directive': `%YAML 9.9\n%TAG ! tag:x,2000:\n---\n${CLOUDS}`,
  'long lines': `clouds: {prod: {auth: {auth_url: ${'x'.repeat(1_000_000)}}}}`,
};

for (const [what, text] of Object.entries(BOMBS)) {
  test(`the prefetcher ends as foreseen when clouds.yaml has ${what}`, async () => {
    const it = cache();
    it.addMarker(idOf('1'));
    expectClear(await login(it, text, SECURE));
  });
}

const piece = fc.oneof(
  fc.constantFrom(
    '&a ',
    '*a ',
    '<<: ',
    '!x ',
    '!!null ',
    '? ',
    ': ',
    '- ',
    '| \n',
    '> \n',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '\t',
    '#',
    '%',
    '---\n',
  ),
  fc.constantFrom(
    '\0',
    '\r',
    '\ufeff',
    '\u0085',
    '\u2028',
    '{region_name}',
    '{',
    '}}',
    '~',
    '\n  ',
    '\n',
    '1e999',
    '*prod',
    '&prod',
    '@',
    '`',
  ),
  fc.constantFrom(...ESCAPES),
  fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
);
test.each([
  ['a user of Keystone', CLOUDS.replace('    cacert: ca.pem\n', ''), SECURE],
  ['a user of an identity provider', SSO, SSO_SECURE],
])(
  'the prefetcher ends as foreseen whatever happens to clouds.yaml and secure.yaml of %s',
  async (_what, ofUser, secrets) => {
    const it = cache();
    it.addMarker(idOf('1'));
    const damages = fc.array(pieceSomewhere(piece, 20), { maxLength: 4 });
    const round = fc.asyncProperty(damages, damages, async (ofClouds, ofSecure) => {
      const run = await login(it, damaged(ofUser, ofClouds), damaged(secrets, ofSecure));
      expectClear(run);
    });
    await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(80, 10_000) });
  },
  patienceMs(60_000),
);

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(...ESCAPES, '\0', '%s%n', '../../etc/passwd', '{region_name}', '$(reboot)', ' ', 'x'.repeat(100_000)),
  fc.constantFrom('http://127.0.0.1:1', 'http://[', 'file:///etc/shadow', 'https://\u202e/', 'v3password', ','),
);

test.each([
  'v3oidcclientcredentials',
  'v3oidcpassword',
  'v3oidcaccesstoken',
  'v3oidcdeviceauthz',
  'v3totp',
  'v3multifactor',
  'http_basic',
])(
  'the prefetcher ends as foreseen whatever texts the options of %s are',
  async (type) => {
    const it = cache();
    it.addMarker(idOf('1'));
    const taken = AUTH_OPTIONS.filter(({ name }) => typeNamed(type)?.takes.includes(name) === true);
    const isUrl = (name: string): boolean => /endpoint$|^auth_url$/.test(name);
    // Most logins are to get as far as to the first request.
    const texts = taken.map(({ name, secret }) => {
      const usual = fc.constant(isUrl(name) ? 'http://127.0.0.1:1/x' : secret === true ? SECRET : 'a');
      const some = secret === true ? fc.string({ maxLength: 5 }).map((text) => `${SECRET}${text}`) : hostile;
      return fc.option(fc.oneof({ arbitrary: usual, weight: 8 }, { arbitrary: some, weight: 1 }), {
        nil: undefined,
        freq: 12,
      });
    });
    const round = fc.asyncProperty(fc.tuple(...texts), hostile, async (values, stray) => {
      const auth = Object.fromEntries(taken.map(({ name }, at) => [name, values[at]]));
      const cloud = { auth_type: type, auth: { ...auth, [stray]: stray }, interface: 'public' };
      const run = await login(it, JSON.stringify({ clouds: { prod: cloud } }), '');
      expectHarmless(run, [], [3, 8]);
      expect(run.stderr).not.toContain(SECRET);
    });
    await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(40, 5000) });
  },
  patienceMs(60_000),
);
