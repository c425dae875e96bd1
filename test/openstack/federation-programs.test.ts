import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { visit } from '../support/openid/browser.ts';
import { clockSetAhead } from '../support/program-clock.ts';
import { TLS } from '../support/tls.ts';
import type { GlanceClient } from './support/api.ts';
import { readCache } from './support/cache.ts';
import { tokenOf } from './support/federation-access-token.ts';
import { startOnTerminal, type TerminalRun } from './support/federation-terminal.ts';
import { cacheImages, type TestImage, uploadImages } from './support/images.ts';
import { authVariables, LoginTrial, type Place } from './support/login-trial.ts';
import { SILENT_SUCCESS, USERS } from './support/on-node.ts';
import { expectCached } from './support/prefetch.ts';
import type { ProgramName } from './support/programs.ts';
import { PythonProcess } from './support/python-process.ts';
import { FEDERATED, useFederation } from './support/use-federation.ts';
import { useStack } from './support/use-stack.ts';

// All programs with one set of credentials, that of somebody whom Keystone knows from an identity provider only; and
// keystoneauth with the same files, for which it was written.

const stack = useStack();
const federation = useFederation(stack);
let trial: LoginTrial;
let client: GlanceClient;
let image: TestImage;

const NAME = 'an image for federated users';

beforeAll(async () => {
  trial = await LoginTrial.start(stack);
  client = await stack.connect(trial.node);
  [image] = (await uploadImages(client, [100_000], { name: NAME })) as [TestImage];
});

beforeEach(async () => {
  await client.request('DELETE', '/v2/cache');
});

type Options = Readonly<Record<string, string>>;

const options = (): Options => ({
  auth_url: federation().fronts.both,
  ...federation().path,
  project_name: stack.accounts.admin.project,
  project_domain_name: 'Default',
  discovery_endpoint: federation().provider.discoveryUrl,
});

/** A cloud of clouds.yaml, as keystoneauth takes it: with each way only the options that it has. */
const cloudWith = (auth_type: string, more: Options): object => ({
  auth_type,
  auth: { ...options(), ...more },
  cacert: federation().cacert,
  region_name: stack.region,
});
const inClouds = (auth_type: string, more: Options): Place => ({
  env: { ...trial.clouds(cloudWith(auth_type, more)), OS_CLOUD: 'test' },
});
const job = (): Place => inClouds('v3oidcclientcredentials', FEDERATED.job);
const bearer = async (): Promise<Place> => {
  const access_token = await tokenOf(federation().provider, FEDERATED.job);
  const { discovery_endpoint: _document, ...auth } = options();
  const cloud = { auth_type: 'v3oidcaccesstoken', auth: { ...auth, access_token }, cacert: federation().cacert };
  return { env: { ...trial.clouds(cloud), OS_CLOUD: 'test' } };
};
const person = (): Place => inClouds('v3oidcpassword', { ...FEDERATED.cli, ...FEDERATED.admin });

type Someone = readonly [who: string, login: () => Place | Promise<Place>];

const SOMEBODY: readonly Someone[] = [
  ['a client', job],
  ['a user', person],
  ['the bearer of a token', bearer],
];

test.each([
  ...USERS.map((as) => [...(SOMEBODY[0] as Someone), as] as const),
  ...SOMEBODY.slice(1).map((someone) => [...someone, 'glance'] as const),
])('as %s of the provider an image is queued by its name, and fetched', async (_who, login, as) => {
  const given = { place: await login(), as };
  const queued = await trial.runProgram('glance-cache-manage', ['--force', 'queue-image', NAME], given);
  expect(queued).toMatchObject(SILENT_SUCCESS);
  expect(readCache(trial.node.cacheDir).queue.map(({ name }) => name)).toEqual([image.id]);
  expect(await trial.runProgram('glance-cache-prefetcher', [], given)).toMatchObject(SILENT_SUCCESS);
  expectCached(trial.node, image);
});

test('glance-api says over the network what is in its cache', async () => {
  await cacheImages(client, trial.node, [image]);
  const run = await trial.runProgram('glance-cache-manage', ['--host', trial.node.url, 'list-cached'], {
    place: job(),
  });
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  expect(run.stdout).toContain(image.id);
});

test('an image is queued over the network, and fetched by glance-api', async () => {
  const run = await trial.runProgram(
    'glance-cache-manage',
    ['--force', '--host', trial.node.url, 'queue-image', image.id],
    { place: job() },
  );
  expect(run).toMatchObject(SILENT_SUCCESS);
  await expect.poll(async () => (await client.listCached()).map(({ image_id }) => image_id)).toEqual([image.id]);
});

test('check finds nothing wrong with the login', async () => {
  const run = await trial.runProgram('glance-cache-manage', ['check', '--format', 'json'], { place: job() });
  const { items } = JSON.parse(run.stdout) as { readonly items: readonly { readonly check: string }[] };
  expect(items.filter(({ check }) => check.includes('login'))).toEqual([]);
});

test('the cleaner learns of Glance what is stale', async () => {
  const [gone] = (await uploadImages(client, [1000])) as [TestImage];
  await cacheImages(client, trial.node, [image, gone]);
  // The cache of this node does not hear of it.
  await (await stack.connect()).deleteImage(gone.id);
  const { env } = job();
  // What was cached a moment ago is left alone.
  const later = clockSetAhead(trial.node.dir, 90);
  const args = ['--stale', '--dry-run', '--format', 'json'];
  const run = await trial.runProgram('glance-cache-cleaner', args, { place: { env: { ...env, ...later } } });
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  const { items } = JSON.parse(run.stdout) as { readonly items: readonly object[] };
  expect(items).toMatchObject([{ image_id: gone.id, reason: 'deleted', result: 'planned' }]);
});

test.each(SOMEBODY)('keystoneauth gets in as %s with the same clouds.yaml', async (_who, login) => {
  const { env = {} } = await login();
  const python = PythonProcess.start('federation_keystoneauth.py', [JSON.stringify(env)]);
  expect(JSON.parse(await python.line())).toEqual({
    endpoint: expect.stringContaining(stack.node.url) as string,
    images: expect.arrayContaining([image.id]) as string[],
  });
  await python.end();
});

test('check tells of a login that fails in the words of whoever refuses it', async () => {
  const place = inClouds('v3oidcpassword', { ...FEDERATED.cli, ...FEDERATED.admin, password: 'not the password' });
  const run = await trial.runProgram('glance-cache-manage', ['check', '--format', 'json'], { place });
  const { items } = JSON.parse(run.stdout) as { readonly items: readonly { check: string; message: string }[] };
  expect(items.find(({ check }) => check === 'login-fails')?.message).toMatch(/it says "invalid_grant/);
  expect(run.exitCode).toBe(3);
  expect(`${run.stdout}${run.stderr}`).not.toContain('not the password');
});

describe('v3oidcdeviceauthz on a terminal', () => {
  const device = (more: Options): Options => ({ ...options(), auth_type: 'v3oidcdeviceauthz', ...more });
  const inVariables = (given: Options): Place => ({ env: authVariables({ ...given, cacert: federation().cacert }) });

  let screens = 0;

  function start(name: ProgramName, args: readonly string[], place: Place): TerminalRun & { readonly screen: string } {
    screens += 1;
    const screen = join(trial.node.dir, `screen-${screens}`);
    const { env, flags } = trial.given(place);
    const config = ['--config-file', trial.node.cacheConf];
    return { screen, ...startOnTerminal(name, [...config, ...args, ...flags], { env, screen }) };
  }

  /** Does what the terminal asks for; the code is typed, or comes with the page. */
  async function confirm({ untilShown }: TerminalRun, { isTyped }: { readonly isTyped: boolean }): Promise<void> {
    const [, page = '', code = ''] = await untilShown(/open (\S+) on any device, and enter the code (\S+)\r?\n/);
    const [, pageWithCode = ''] = await untilShown(/or open (\S+)\r?\n/);
    const { username: user } = FEDERATED.admin;
    const last = await visit(isTyped ? page : pageWithCode, { code, user, ca: TLS.ca });
    expect(last).toContain('You are logged in');
  }

  async function turnDown({ untilShown }: TerminalRun): Promise<void> {
    const [, pageWithCode = ''] = await untilShown(/or open (\S+)\r?\n/);
    await visit(pageWithCode, { code: '', turnsDown: true, ca: TLS.ca });
  }

  beforeAll(async () => {
    // Keystone answers 409 where two first logins of a user meet.
    const list = ['--host', trial.node.url, 'list-cached'];
    expect(await trial.runProgram('glance-cache-manage', list, { place: person() })).toMatchObject({ exitCode: 0 });
  });

  // Each of them waits some seconds before it asks the provider whether somebody has answered.
  test('somebody confirms logins, with settings in all places, and turns one down', async () => {
    await cacheImages(client, trial.node, [image]);
    await client.queueImage(trial.image.id);
    const fetching = start(
      'glance-cache-prefetcher',
      [],
      inVariables({ ...device(FEDERATED.publicCli), code_challenge_method: 'S256' }),
    );
    const list = ['--host', trial.node.url, 'list-cached'];
    const listing = start('glance-cache-manage', list, inClouds('v3oidcdeviceauthz', FEDERATED.cli));
    const refused = start('glance-cache-manage', list, inVariables(device(FEDERATED.cli)));
    const { discovery_endpoint: _document, ...explicit } = device(FEDERATED.cli);
    const cleaning = start('glance-cache-cleaner', ['--stale', '--dry-run'], {
      conf: {
        keystone_authtoken: {
          ...explicit,
          access_token_endpoint: federation().provider.tokenUrl,
          device_authorization_endpoint: federation().provider.deviceUrl,
          cafile: federation().cacert,
        },
      },
    });
    await confirm(fetching, { isTyped: true });
    await confirm(listing, { isTyped: false });
    await confirm(cleaning, { isTyped: true });
    await turnDown(refused);
    for (const running of [fetching, listing, cleaning]) {
      const { exitCode, stdout } = await running.result;
      expect(exitCode, stdout).toBe(0);
      expect(stdout).not.toMatch(/ERROR|WARNING|hint:/);
    }
    await trial.takeFetched();
    expect((await listing.result).stdout).toContain(image.id);
    const { exitCode, stdout } = await refused.result;
    expect(exitCode).toBe(7);
    expect(stdout).toMatch(
      /\nERROR: Cannot log in at the identity provider [^\n]*it says "access_denied[^\n]*\nhint: /,
    );
  });

  test('without a terminal it is told that somebody has to be there', async () => {
    const refused = await trial.run(inVariables(device(FEDERATED.cli)));
    expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
    expect(refused.stderr).toMatch(/^ERROR: Cannot log in [^\n]*needs somebody at a terminal\nhint: /);
  });
});
