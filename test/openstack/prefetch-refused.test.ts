import { readFileSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { type ApplicationCredential, IdentityAdmin } from './support/identity.ts';
import { type TestImage, uploadImages } from './support/images.ts';
import { runOurs, SILENT_SUCCESS, USERS } from './support/on-node.ts';
import { openrc } from './support/openrc.ts';
import { freePort } from './support/ports.ts';
import { errorOf, expectOnlyCached, partsOf } from './support/prefetch.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { issueToken } from './support/token.ts';
import { useStack } from './support/use-stack.ts';

// Who cannot log in, or may not see images, fetches nothing and loses nothing: the queue is as it was, and the exit code
// says whose fault it is. No secret is ever told.

type Env = Readonly<Record<string, string>>;

const stack = useStack();
const { admin } = stack.accounts;
const login = openrc(stack);
const { OS_PROJECT_NAME: _project, OS_PROJECT_DOMAIN_ID: _domain, ...noScope } = login;
const WRONG = 'a-wrong-secret-of-mine';
let node: GlanceNode;
let strict: GlanceNode;
let client: GlanceClient;
let images: readonly TestImage[];
let identity: IdentityAdmin;
let credential: ApplicationCredential;
let unscoped: string;
let dead: string;

beforeAll(async () => {
  node = await stack.startGlanceNode({ workers: 1 });
  strict = await stack.startGlanceNode({ workers: 1, extraConf: '[oslo_policy]\nenforce_scope = true' });
  client = await stack.connect(node);
  images = await uploadImages(client, [100_000, 1]);
  identity = await IdentityAdmin.connect(stack);
  credential = await identity.createApplicationCredential('refused');
  unscoped = await issueToken(stack.keystoneUrl, admin, 'unscoped');
  await identity.grantDomain();
  dead = `http://127.0.0.1:${await freePort()}/v3`;
});

beforeEach(async () => {
  await client.request('DELETE', '/v2/cache');
  for (const { id } of images) await client.queueImage(id);
});

/** Demands that a run fetches nothing and leaves the queue, for this reason. */
async function expectRefused(
  env: Env,
  refusal: { readonly exitCode: number; readonly code: string; readonly says: string },
  as: (typeof USERS)[number] = 'glance',
): Promise<void> {
  const result = await runOurs(node, 'glance-cache-prefetcher', ['--retries', '0', '--format', 'json'], { env, as });
  const { exitCode, stdout, stderr } = result;
  const { code, message, hint, exit_code } = errorOf(result);
  expect({ exitCode, exit_code, code }).toEqual({
    exitCode: refusal.exitCode,
    exit_code: refusal.exitCode,
    code: refusal.code,
  });
  expect(message).toMatch(/^Cannot /);
  expect(`${message} ${hint}`).toContain(refusal.says);
  expectOnlyCached(
    node,
    [],
    images.map(({ id }) => id),
  );
  expect(partsOf(node)).toEqual([]);
  for (const secret of [admin.password, WRONG, credential.secret, unscoped]) {
    expect(`${stdout}${stderr}${readFileSync(node.cacheLog, 'utf8')}`).not.toContain(secret);
  }
}

describe.each(USERS)('run by %s', (as) => {
  test.each<readonly [string, () => Env, string]>([
    ['a wrong password', () => ({ ...login, OS_PASSWORD: WRONG }), 'user "admin"'],
    ['a user that is not known', () => ({ ...login, OS_USERNAME: 'nobody' }), 'user "nobody"'],
    ['a project that is not known', () => ({ ...login, OS_PROJECT_NAME: 'nowhere' }), 'role in the project'],
    ["a project that is another user's", () => ({ ...login, OS_PROJECT_NAME: 'demo' }), 'role in the project'],
    [
      'a token that is none',
      () => ({ OS_AUTH_URL: stack.keystoneUrl, OS_TOKEN: WRONG, OS_PROJECT_ID: identity.projectId }),
      'the bearer of the given token',
    ],
    [
      'an application credential with a wrong secret',
      () => ({
        OS_AUTH_URL: stack.keystoneUrl,
        OS_APPLICATION_CREDENTIAL_ID: credential.id,
        OS_APPLICATION_CREDENTIAL_SECRET: WRONG,
      }),
      'application credential ID',
    ],
    [
      'a fixed token that Glance does not take',
      () => ({ OS_AUTH_TYPE: 'admin_token', OS_TOKEN: WRONG, OS_ENDPOINT: stack.node.url }),
      stack.node.url,
    ],
  ])('%s is refused', async (_what, env, says) => {
    await expectRefused(env(), { exitCode: 7, code: 'AUTH_REFUSED', says }, as);
  });
});

test.each<readonly [string, () => Env, Omit<Parameters<typeof expectRefused>[1], 'exitCode'>]>([
  ['no credentials', () => ({}), { code: 'CONFIG_CREDENTIALS', says: 'no credentials are given' }],
  ['no password', () => ({ ...login, OS_PASSWORD: '' }), { code: 'CONFIG_CREDENTIALS', says: 'OS_PASSWORD' }],
  [
    'no domain',
    () => ({ ...login, OS_USER_DOMAIN_ID: '' }),
    { code: 'CONFIG_CREDENTIALS', says: 'OS_USER_DOMAIN_NAME' },
  ],
  ['a login for no project', () => noScope, { code: 'CONFIG_CREDENTIALS', says: 'project_id' }],
  [
    'a token for no project',
    () => ({ OS_AUTH_URL: stack.keystoneUrl, OS_TOKEN: unscoped }),
    { code: 'CONFIG_CREDENTIALS', says: 'project_id' },
  ],
  [
    'a path where no Keystone is',
    () => ({ ...login, OS_AUTH_URL: `${stack.keystoneUrl}/nothing` }),
    { code: 'CONFIG_ENDPOINT', says: '/v3/nothing' },
  ],
  [
    'an endpoint where no Glance is',
    () => ({ ...login, OS_IMAGE_ENDPOINT_OVERRIDE: stack.keystoneUrl }),
    { code: 'CONFIG_ENDPOINT', says: 'is not the Image API' },
  ],
  [
    'a region that is not there',
    () => ({ ...login, OS_REGION_NAME: 'RegionNine' }),
    { code: 'CONFIG_ENDPOINT', says: '"RegionNine"' },
  ],
])('%s is an error of the configuration', async (_what, env, refusal) => {
  await expectRefused(env(), { exitCode: 3, ...refusal });
});

test('a Keystone that is down is an error of the remote side', async () => {
  await expectRefused(
    { ...login, OS_AUTH_URL: dead },
    { exitCode: 8, code: 'REMOTE_UNREACHABLE', says: new URL(dead).host },
  );
});

test('a Glance that is down is an error of the remote side', async () => {
  const gone = await stack.startGlanceNode({ workers: 1 });
  await stack.stopGlance(gone);
  const env = { ...login, OS_IMAGE_ENDPOINT_OVERRIDE: gone.url };
  await expectRefused(env, { exitCode: 8, code: 'REMOTE_UNREACHABLE', says: new URL(gone.url).host });
});

describe.each<readonly [string, Env]>([
  ['a domain by ID', { ...noScope, OS_DOMAIN_ID: 'default' }],
  ['a domain by name', { ...noScope, OS_DOMAIN_NAME: 'Default' }],
  ['the system', { ...noScope, OS_SYSTEM_SCOPE: 'all' }],
])('a login for %s', (_what, env) => {
  test('is good enough for a Glance that goes by roles alone', async () => {
    expect(await runOurs(node, 'glance-cache-prefetcher', [], { env })).toMatchObject(SILENT_SUCCESS);
    expectOnlyCached(node, images);
  });

  test('is refused by a Glance that wants a project, and takes no image for deleted', async () => {
    // To such a login it says 404 about each image, although that has the role of an admin.
    const override = { OS_IMAGE_ENDPOINT_OVERRIDE: strict.url };
    await expectRefused({ ...env, ...override }, { exitCode: 7, code: 'AUTH_FORBIDDEN', says: 'Log in to a project' });
    expect(await runOurs(node, 'glance-cache-prefetcher', [], { env: { ...login, ...override } })).toMatchObject(
      SILENT_SUCCESS,
    );
  });
});

test('no secret is told with --debug', async () => {
  const { exitCode, stdout, stderr } = await runOurs(node, 'glance-cache-prefetcher', ['--debug'], { env: login });
  expect(exitCode).toBe(0);
  const told = `${stdout}${stderr}${readFileSync(node.cacheLog, 'utf8')}`;
  expect(told).toContain('Credentials are from the environment, auth_type password');
  expect(told).not.toContain(admin.password);
  // Every token of Keystone's begins so.
  expect(told).not.toMatch(/gAAAA/);
});
