/**
 * Shows the same for logins that go through an identity provider or take a passcode: nothing that the provider was told,
 * or has given, reaches an output, whatever the provider and Keystone answer.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { callOn } from '../support/call-in-process.ts';
import { answerAll, isLogin, isLookup, type Which } from '../support/cloud/scripted.ts';
import { sendJson } from '../support/http-answers.ts';
import type { Answer } from '../support/loopback-server.ts';
import { type OpenIdProvider, startProvider } from '../support/openid/provider.js';
import { trusting } from '../support/openid/use-providers.ts';
import { type PrefetchFixture, usePrefetch } from '../support/prefetch-fixture.ts';
import { patienceMs, rounds } from '../support/rounds.ts';
import type { ProgramName, RunResult } from '../support/run-program.ts';
import { answerFor, checkTold, FAILURES, OAUTH_FAILURES, textsOf } from './telling.ts';

const prefetch = usePrefetch();

const ONE = idOf('1');
const SECRETS = {
  client: `cAnAry-cs "<&%> \\ 1/+?=~`,
  user: `cAnAry-up "<\u00e9&%> \\ 2/+?=~`,
  passcode: 'cAnAry-one-time-97531864',
  accessToken: 'cAnAry-access-token-0123456789',
  idToken: 'cAnAry.id-token.0123456789',
  refreshToken: 'cAnAry-refresh-token-0123456789',
  keystone: `cAnAry-kp "<\u00e9&%> \\ 3/+?=~`,
};

/** What a login is made of beside what all of them have. */
type Options = Readonly<Record<string, string>>;

const BASE: Options = {
  identity_provider: 'sso',
  protocol: 'openid',
  project_name: 'service',
  project_domain_name: 'Default',
};

const LOGINS: Readonly<Record<string, (provider: OpenIdProvider) => Options>> = {
  'the secret of a client': ({ discoveryUrl }) => ({
    auth_type: 'v3oidcclientcredentials',
    client_id: 'cache',
    client_secret: SECRETS.client,
    discovery_endpoint: discoveryUrl,
  }),
  'a user of the provider with a passcode': ({ tokenUrl }) => ({
    auth_type: 'v3oidcpassword',
    client_id: 'cache',
    client_secret: SECRETS.client,
    access_token_endpoint: tokenUrl,
    username: 'carol',
    password: SECRETS.user,
    idp_otp_key: 'totp',
    passcode: SECRETS.passcode,
  }),
  'a public client that wants an ID token': ({ discoveryUrl }) => ({
    auth_type: 'v3oidcpassword',
    client_id: 'public',
    discovery_endpoint: discoveryUrl,
    username: 'carol',
    password: SECRETS.user,
    idp_otp_key: 'totp',
    passcode: SECRETS.passcode,
    access_token_type: 'id_token',
  }),
  'an access token': () => ({ auth_type: 'v3oidcaccesstoken', access_token: SECRETS.accessToken }),
  'a password and a passcode at Keystone': () => ({
    auth_type: 'v3multifactor',
    auth_methods: 'v3password,v3totp',
    username: 'glance',
    user_domain_name: 'Default',
    password: SECRETS.keystone,
    passcode: SECRETS.passcode,
  }),
};

/** Whatever a client is told by a provider that says yes. */
const GRANTED = sendJson(200, {
  access_token: SECRETS.accessToken,
  id_token: SECRETS.idToken,
  refresh_token: SECRETS.refreshToken,
  token_type: 'Bearer',
  expires_in: 60,
});

const isFederated: Which = ({ path }) => path.startsWith('/v3/OS-FEDERATION/');
const isRescoping: Which = (request) => isLogin(request) && !isFederated(request);

/** What a step of a login needs to be reached, and to go wrong. */
interface World {
  readonly it: PrefetchFixture;
  readonly provider: OpenIdProvider;
  readonly told: Set<string>;
}

const UNSCOPED = sendJson(
  201,
  { token: { expires_at: '2999-01-01T00:00:00.000000Z', methods: ['openid'] } },
  { 'x-subject-token': 'cAnAry-unscoped-token-0123456789' },
);

/** Makes one step go wrong, and those before it go well; what it gives back ends that. */
const STEPS: Readonly<Record<string, (world: World, answer: Answer) => readonly (() => void)[]>> = {
  'the document of the provider': ({ provider, told }, answer) => [
    answerFor(provider, new URL(provider.discoveryUrl).pathname, answer, told),
  ],
  'the token of the provider': ({ provider, told }, answer) => [answerFor(provider, '/token', answer, told)],
  'the federation of Keystone': ({ it, provider, told }, answer) => [
    answerFor(provider, '/token', GRANTED, told),
    answerAll(it.cloud, isFederated, answer),
  ],
  'the token of the project': ({ it, provider, told }, answer) => [
    answerFor(provider, '/token', GRANTED, told),
    answerAll(it.cloud, isFederated, UNSCOPED),
    answerAll(it.cloud, isRescoping, answer),
  ],
  Glance: ({ it }, answer) => [answerAll(it.cloud, isLookup, answer)],
};

/** The programs that log in, and what they write to a log. */
const CALLS: readonly (readonly [ProgramName, ...(readonly string[])])[] = [
  ['prefetcher', '--image', ONE],
  ['cleaner', '--stale'],
  ['manage', '--host', '127.0.0.1', '--port', '1', 'list-cached'],
  ['manage', 'check'],
  ['manage', 'queue-image', 'by-name'],
];

/** Each failure with one of the programs; in the long form with all of them. */
function someCalls(number: number): typeof CALLS {
  return CALLS.filter((_, at) => rounds(number % CALLS.length, at) === at);
}

describe.concurrent.each(Object.entries(LOGINS))('no run tells anything of %s', (_login, optionsOf) => {
  test.each(Object.entries(STEPS))(
    'when %s goes wrong in any way',
    async (step, breakStep) => {
      const provider = await startProvider({
        clients: [
          { client_id: 'cache', client_secret: SECRETS.client, grant_types: ['client_credentials', 'password'] },
          { client_id: 'public', token_endpoint_auth_method: 'none', grant_types: ['password'] },
          { client_id: 'keystone', client_secret: 'keystone secret', grant_types: [] },
        ],
        users: { carol: { password: SECRETS.user, passcode: SECRETS.passcode } },
      });
      onTestFinished(() => provider.close());
      const users = { carol: 'glance', cache: 'glance' };
      const federation = { ...trusting(provider), users };
      const it = await prefetch({ images: [{ id: ONE, sizeBytes: 1000 }], federation });
      it.cache.addImage(idOf('2'));
      it.cache.configure('[cache_tools]', 'stall_timeout = 1s', 'retries = 0');
      const told = new Set<string>();
      const options = { ...BASE, auth_url: it.cloud.keystoneUrl, ...optionsOf(provider) };
      const env = Object.fromEntries(Object.entries(options).map(([key, value]) => [`OS_${key.toUpperCase()}`, value]));
      let count = 0;
      const run = async ([program, ...args]: (typeof CALLS)[number]): Promise<RunResult> => {
        const log = join(it.cache.base, `${count++}.log`);
        const asJson = count % 2 === 0 ? ['--format', 'json', '--use-json'] : [];
        const all = [...asJson, '--debug', '--verbose', '--log-file', log, ...args];
        const result = await callOn(it.cache, program, all, { env });
        const texts = textsOf(it, result, existsSync(log) ? [log] : []);
        checkTold(it, [...Object.values(SECRETS), ...told], texts);
        return result;
      };
      const failures = Object.entries({ ...FAILURES, ...(step.includes('provider') ? OAUTH_FAILURES : {}) });
      for (const [number, [what, answer]] of failures.entries()) {
        const heal = breakStep({ it, provider, told }, answer);
        for (const call of someCalls(number)) {
          const { code, stderr } = await run(call);
          expect(code, `${what}: ${call.join(' ')}: ${stderr}`).not.toBe(1);
        }
        for (const end of heal) end();
        // Some failures are none to the login. What was fetched is not to be hashed: that takes the built program.
        await callOn(it.cache, 'manage', ['-f', 'delete-cached-image', ONE]);
      }
      if (step === 'Glance') await run(['prefetcher', '--image', ONE]);
      expect(it.cloud.requests.length + provider.requests.length).toBeGreaterThan(0);
    },
    patienceMs(120_000),
  );
});
