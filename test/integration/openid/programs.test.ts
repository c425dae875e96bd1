// The programs fetch an image with a token that came from an identity provider, with settings from every source.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { idOf } from '../../support/cache-fixture.ts';
import { visit } from '../../support/openid/browser.ts';
import { hurry } from '../../support/openid/hurry.ts';
import { type OpenIdProvider, startProvider } from '../../support/openid/provider.js';
import { trusting } from '../../support/openid/use-providers.ts';
import { FETCHED, type PrefetchFixture, QUEUED, usePrefetch } from '../../support/prefetch-fixture.ts';
import { type RunningProgram, type RunOptions, success } from '../../support/run-program.ts';

const prefetch = usePrefetch();
let provider: OpenIdProvider;

beforeAll(async () => {
  provider = await startProvider();
  hurry(provider);
});

afterAll(() => provider.close());

const ONE = idOf('1');
const SECRET = 'cache secret';

/** A cloud that trusts the provider, and one image to fetch. */
async function beside(): Promise<PrefetchFixture> {
  const it = await prefetch({ images: [{ id: ONE, sizeBytes: 5000 }], federation: trusting(provider) });
  it.queue(ONE);
  for (const secret of [SECRET, 'wonderland', 'builder']) it.hide(secret);
  return it;
}

type Options = Readonly<Record<string, string>>;

const FEDERATED: Options = { identity_provider: 'sso', protocol: 'openid' };
const PROJECT: Options = { project_name: 'service', project_domain_name: 'Default' };
const CLIENT: Options = { client_id: 'glance-cache', client_secret: SECRET };

/** The endpoints, by the document or one by one. */
const FOUND = (): Options => ({ discovery_endpoint: provider.discoveryUrl });
const GIVEN = (): Options => ({
  access_token_endpoint: provider.tokenUrl,
  device_authorization_endpoint: provider.deviceUrl,
});

/** A token that somebody else got. */
async function accessToken(): Promise<string> {
  const response = await fetch(provider.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'password',
      client_id: 'public',
      username: 'alice',
      password: 'wonderland',
      scope: 'openid',
    }),
  });
  return ((await response.json()) as { readonly access_token: string }).access_token;
}

const WAYS: Readonly<Record<string, () => Options | Promise<Options>>> = {
  v3oidcclientcredentials: () => ({ ...CLIENT, ...FOUND() }),
  v3oidcpassword: () => ({ ...CLIENT, ...GIVEN(), username: 'alice', password: 'wonderland' }),
  v3oidcaccesstoken: async () => ({ access_token: await accessToken() }),
};

/** What says how to log in: part of the environment, and of the command line. */
type Source = (it: PrefetchFixture, authType: string, auth: Options) => readonly [env: Options, args?: string[]];

const SOURCES: Readonly<Record<string, Source>> = {
  'the environment': (_it, authType, auth) => [
    Object.fromEntries(
      Object.entries({ auth_type: authType, ...auth }).map(([name, text]) => [`OS_${name.toUpperCase()}`, text]),
    ),
  ],
  'clouds.yaml': (it, authType, auth) => {
    const path = join(it.cache.base, 'clouds.yaml');
    writeFileSync(path, stringify({ clouds: { sso: { auth_type: authType, auth } } }), { mode: 0o600 });
    return [{ OS_CLIENT_CONFIG_FILE: path, OS_CLOUD: 'sso' }];
  },
  'a configuration file': (it, authType, auth) => {
    const lines = Object.entries({ auth_type: authType, ...auth }).map(([name, text]) => `${name} = ${text}`);
    it.cache.configure('[cache_tools]', ...lines);
    return [{}];
  },
  flags: (it, authType, { client_secret: secret, password, access_token: token, ...auth }) => {
    const path = join(it.cache.base, 'secure.yaml');
    const secrets = { client_secret: secret, password, access_token: token };
    writeFileSync(path, stringify({ clouds: { sso: { auth: secrets } } }), { mode: 0o600 });
    const cloud = join(it.cache.base, 'clouds.yaml');
    writeFileSync(cloud, stringify({ clouds: { sso: { auth_type: authType, auth: {} } } }));
    const flags = Object.entries(auth).map(([name, text]) => `--os-${name.replaceAll('_', '-')}=${text}`);
    return [{ OS_CLIENT_CONFIG_FILE: cloud, OS_CLIENT_SECURE_FILE: path }, ['--os-cloud', 'sso', ...flags]];
  },
};

for (const [authType, way] of Object.entries(WAYS)) {
  for (const [what, source] of Object.entries(SOURCES)) {
    test.concurrent(`the prefetcher fetches an image as ${authType} from ${what}`, async () => {
      const it = await beside();
      const own = await way();
      it.hide(own['access_token'] ?? SECRET);
      const auth = { auth_url: it.cloud.keystoneUrl, ...FEDERATED, ...PROJECT, ...own };
      const [env, args = []] = source(it, authType, auth);
      it.env = env;
      expect(await it.run(args)).toEqual(success());
      expect(it.stateOf(ONE)).toEqual(FETCHED);
    });
  }
}

/** As people have it in their shell. */
function deviceLogin(it: PrefetchFixture): Options {
  const auth = { auth_url: it.cloud.keystoneUrl, ...FEDERATED, ...PROJECT, client_id: 'public', ...GIVEN() };
  const [env] = SOURCES['the environment']?.(it, 'v3oidcdeviceauthz', auth) ?? [{}];
  return { ...env, OS_CODE_CHALLENGE_METHOD: 'S256' };
}

const SCRIPT = '/usr/bin/script';

/** A terminal of its own, whatever the tests run on; what is on it comes as standard output. */
const IN_TERMINAL: Pick<RunOptions, 'within' | 'stdin'> = {
  within: [
    'sh',
    '-c',
    `for word; do line="$line '$word'"; done; exec ${SCRIPT} --quiet --return --flush --command "$line" /dev/null`,
    'sh',
  ],
  stdin: null,
};

/** What is on the terminal, once there is a code on it. */
function codeOn({ process, ended }: RunningProgram): Promise<{ readonly page: string; readonly code: string }> {
  return new Promise((resolve, reject) => {
    let text = '';
    process.stdout?.on('data', (piece: string) => {
      text += piece;
      const [, page, code] = /open (\S+) on any device, and enter the code (\S+)\r?\n/.exec(text) ?? [];
      if (page !== undefined && code !== undefined) resolve({ page, code });
    });
    ended.then(({ stdout }) => reject(new Error(`No code was shown: ${stdout}`)), reject);
  });
}

describe.skipIf(!existsSync(SCRIPT))('on a terminal (needs script of util-linux)', () => {
  test.concurrent('the prefetcher fetches an image after a person has logged in elsewhere', async () => {
    const it = await beside();
    it.env = deviceLogin(it);
    const running = it.start([], IN_TERMINAL);
    const { page, code } = await codeOn(running);
    await visit(page, { code });
    running.process.stdin?.end();
    const { code: exitCode, stdout } = await running.ended;
    expect(stdout).toContain('Waiting for that, 10 min at most');
    expect(exitCode).toBe(0);
    expect(it.stateOf(ONE)).toEqual(FETCHED);
  });

  test.concurrent('the prefetcher says who turned the login down', async () => {
    const it = await beside();
    it.env = deviceLogin(it);
    const running = it.start([], IN_TERMINAL);
    const { page, code } = await codeOn(running);
    await visit(page, { code, turnsDown: true });
    running.process.stdin?.end();
    const { code: exitCode, stdout } = await running.ended;
    expect(stdout).toContain('it says "access_denied: End-User aborted interaction" (HTTP 400)');
    expect(exitCode).toBe(7);
    expect(it.stateOf(ONE)).toEqual(QUEUED);
  });

  test.concurrent('the prefetcher ends at once when somebody types Ctrl-C while it waits', async () => {
    const it = await beside();
    it.env = deviceLogin(it);
    const running = it.start([], IN_TERMINAL);
    await codeOn(running);
    running.process.stdin?.end('\x03');
    expect(await running.ended).toMatchObject({ code: 130 });
    expect(it.stateOf(ONE)).toEqual(QUEUED);
  });
});

test.concurrent('the prefetcher says what to do where nobody is at a terminal', async () => {
  const it = await beside();
  it.env = deviceLogin(it);
  const { code, stderr } = await it.run();
  expect(code).toBe(3);
  expect(stderr).toContain('auth_type v3oidcdeviceauthz needs somebody at a terminal\nhint: Run it in a terminal');
  expect(it.cloud.requests.filter(({ method }) => method === 'POST')).toEqual([]);
});

test.concurrent('the prefetcher tells what a provider says, what to check, and no secret', async () => {
  const it = await beside();
  const auth = { auth_url: it.cloud.keystoneUrl, ...FEDERATED, ...PROJECT, ...CLIENT, ...FOUND() };
  const [env] = SOURCES['the environment']?.(it, 'v3oidcclientcredentials', auth) ?? [{}];
  it.env = { ...env, OS_CLIENT_SECRET: 'a wrong secret' };
  it.hide('a wrong secret');
  const { code, stderr } = await it.run(['--debug']);
  expect(code).toBe(7);
  expect(stderr).toContain(
    `ERROR: Cannot log in at the identity provider "${provider.tokenUrl}" as client "glance-cache": it says "invalid_client: client authentication failed" (HTTP 401)\nhint: Check the client and its secret`,
  );
});

test.concurrent('no log has what went to the provider, or came from it', async () => {
  const it = await beside();
  const auth = { auth_url: it.cloud.keystoneUrl, ...FEDERATED, ...PROJECT, ...CLIENT, ...FOUND() };
  const own = { ...auth, username: 'bob', password: 'builder', idp_otp_key: 'totp', passcode: '246810' };
  [it.env] = SOURCES['the environment']?.(it, 'v3oidcpassword', own) ?? [{}];
  const log = join(it.cache.base, 'x.log');
  const { code, stderr } = await it.run(['--debug', '-v', '--log-file', log]);
  expect(code).toBe(0);
  const bearers = it.cloud.requests.flatMap(({ headers }) => headers.authorization ?? []);
  expect(bearers).toHaveLength(1);
  const told = `${it.read(log)}${stderr}`;
  expect(told).toContain('as user "bob" through "sso"');
  for (const bearer of bearers) expect(told).not.toContain(bearer.slice('Bearer '.length));
  expect(told).not.toContain('246810');
});

test.concurrent('a command on the node finds an image by its name with a token of the provider', async () => {
  const it = await prefetch({
    images: [{ id: ONE, name: 'Debian 12', sizeBytes: 10 }],
    federation: trusting(provider),
  });
  const auth = { auth_url: it.cloud.keystoneUrl, ...FEDERATED, ...PROJECT, ...CLIENT, ...FOUND() };
  [it.env] = SOURCES['the environment']?.(it, 'v3oidcclientcredentials', auth) ?? [{}];
  expect(await it.manage(['-f', 'queue-image', 'Debian 12'])).toMatchObject({ code: 0 });
  expect(it.stateOf(ONE)).toEqual(QUEUED);
});
