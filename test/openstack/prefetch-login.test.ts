import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApplicationCredential, IdentityAdmin } from './support/identity.ts';
import { authFlags, LoginTrial, type Place } from './support/login-trial.ts';
import { USERS } from './support/on-node.ts';
import { freePort } from './support/ports.ts';
import { issueToken } from './support/token.ts';
import { useStack } from './support/use-stack.ts';

// Every way to log in, from every place that credentials may be in, against the real Keystone: each time one image is
// fetched.

const stack = useStack();
const { admin } = stack.accounts;
const root = stack.keystoneUrl.replace(/\/v3$/, '');
let trial: LoginTrial;
let identity: IdentityAdmin;
let credential: ApplicationCredential;
let unscoped: string;
let dead: string;

beforeAll(async () => {
  trial = await LoginTrial.start(stack);
  identity = await IdentityAdmin.connect(stack);
  credential = await identity.createApplicationCredential('prefetcher');
  unscoped = await issueToken(stack.keystoneUrl, admin, 'unscoped');
  dead = `http://127.0.0.1:${await freePort()}`;
});

const user = { OS_USERNAME: admin.name, OS_PASSWORD: admin.password };
const project = { OS_PROJECT_NAME: admin.project };
const url = { OS_AUTH_URL: stack.keystoneUrl };
const domainNames = { OS_USER_DOMAIN_NAME: 'Default', OS_PROJECT_DOMAIN_NAME: 'Default' };
const domainIds = { OS_USER_DOMAIN_ID: 'default', OS_PROJECT_DOMAIN_ID: 'default' };
const login = {
  username: admin.name,
  password: admin.password,
  project_name: admin.project,
  user_domain_name: 'Default',
  project_domain_name: 'Default',
};
/** As up to Ussuri: without domains, which version 2 of Keystone's API did not know. */
const ussuri = { admin_user: admin.name, admin_password: admin.password, admin_tenant_name: admin.project };

const WAYS: Readonly<Record<string, () => Place>> = {
  'password with names and names of domains': () => ({ env: { ...url, ...user, ...project, ...domainNames } }),
  'password with names and IDs of domains': () => ({ env: { ...url, ...user, ...project, ...domainIds } }),
  'password with names and a default domain': () => ({
    env: { ...url, ...user, ...project, OS_DEFAULT_DOMAIN_ID: 'default' },
  }),
  'v3password with IDs': () => ({
    env: {
      ...url,
      OS_AUTH_TYPE: 'v3password',
      OS_USER_ID: identity.userId,
      OS_PASSWORD: admin.password,
      OS_PROJECT_ID: identity.projectId,
    },
  }),
  'password with the ID of the user and the name of the project': () => ({
    env: { ...url, OS_USER_ID: identity.userId, OS_PASSWORD: admin.password, ...project, ...domainNames },
  }),
  'a token for nothing and the name of a project': () => ({
    env: { ...url, OS_TOKEN: unscoped, ...project, OS_PROJECT_DOMAIN_ID: 'default' },
  }),
  'v3token with a token for a project and its ID': () => ({
    env: { ...url, OS_AUTH_TYPE: 'v3token', OS_TOKEN: identity.token, OS_PROJECT_ID: identity.projectId },
  }),
  'an application credential by ID': () => ({
    env: { ...url, OS_APPLICATION_CREDENTIAL_ID: credential.id, OS_APPLICATION_CREDENTIAL_SECRET: credential.secret },
  }),
  'v3applicationcredential by ID beside the rest of an openrc file': () => ({
    env: {
      ...url,
      ...project,
      ...domainNames,
      OS_USERNAME: admin.name,
      OS_AUTH_TYPE: 'v3applicationcredential',
      OS_APPLICATION_CREDENTIAL_ID: credential.id,
      OS_APPLICATION_CREDENTIAL_SECRET: credential.secret,
    },
  }),
  "v3oauth2clientcredential, a client of Keystone's OAuth 2.0 API": () => ({
    env: {
      ...url,
      OS_AUTH_TYPE: 'v3oauth2clientcredential',
      OS_OAUTH2_ENDPOINT: `${root}/v3/OS-OAUTH2/token`,
      OS_OAUTH2_CLIENT_ID: credential.id,
      OS_OAUTH2_CLIENT_SECRET: credential.secret,
    },
  }),
  'an application credential by name and user': () => ({
    env: {
      ...url,
      OS_APPLICATION_CREDENTIAL_NAME: credential.name,
      OS_APPLICATION_CREDENTIAL_SECRET: credential.secret,
      OS_USERNAME: admin.name,
      OS_USER_DOMAIN_NAME: 'Default',
    },
  }),
  'an application credential by name and ID of the user, as flags': () => ({
    args: authFlags({
      auth_url: stack.keystoneUrl,
      application_credential_name: credential.name,
      application_credential_secret: credential.secret,
      user_id: identity.userId,
    }),
  }),
  'admin_token with an endpoint': () => ({
    env: { OS_AUTH_TYPE: 'admin_token', OS_TOKEN: identity.token, OS_ENDPOINT: stack.node.url },
  }),
  'clouds.yaml with secure.yaml and --os-cloud': () => ({
    env: trial.clouds(
      { auth: { ...login, auth_url: stack.keystoneUrl, password: 'of nobody' }, region_name: stack.region },
      { auth: { password: admin.password } },
    ),
    args: ['--os-cloud', 'test'],
  }),
  'clouds.yaml with secure.yaml and OS_CLOUD': () => ({
    env: {
      ...trial.clouds(
        {
          auth_type: 'v3applicationcredential',
          auth: { auth_url: root, application_credential_id: credential.id },
          region_name: stack.region,
        },
        { auth: { application_credential_secret: credential.secret } },
      ),
      OS_CLOUD: 'test',
      // A cloud that is named is taken whole: nothing of this.
      OS_AUTH_URL: dead,
      OS_USERNAME: 'nobody',
    },
  }),
  'admin_user and so on in [DEFAULT]': () => ({ conf: { DEFAULT: { ...ussuri, auth_url: stack.keystoneUrl } } }),
  'OS_AUTH_URL over auth_url in [DEFAULT]': () => ({
    conf: { DEFAULT: { ...ussuri, auth_url: `${dead}/v3` } },
    env: { OS_AUTH_URL: root },
  }),
  'a section [keystone_authtoken]': () => ({
    conf: { keystone_authtoken: { ...login, auth_type: 'password', auth_url: stack.keystoneUrl } },
  }),
  'auth_section in [keystone_authtoken]': () => ({
    conf: {
      keystone_authtoken: { auth_section: 'someone' },
      someone: { ...login, auth_type: 'password', auth_url: stack.keystoneUrl },
    },
  }),
  'a section [cache_tools] before all others': () => ({
    conf: {
      DEFAULT: { admin_user: 'nobody', admin_password: 'nothing', admin_tenant_name: 'nowhere', auth_url: dead },
      cache_tools: { ...login, auth_url: stack.keystoneUrl, region_name: stack.region },
    },
  }),
  "glance-api's own configuration": () => ({
    args: ['--config-file', trial.node.apiConf, '--config-file', trial.node.cacheConf],
  }),
  'flags over an openrc file': () => ({
    env: { ...url, ...user, ...project, ...domainNames, OS_PASSWORD: 'of nobody', OS_PROJECT_ID: 'nowhere' },
    args: authFlags({ password: admin.password, project_id: identity.projectId }),
  }),
};

describe.each(USERS)('run by %s', (as) => {
  test.each(Object.keys(WAYS))('an image is fetched with %s', async (name) => {
    await trial.expectFetched(WAYS[name]?.() ?? {}, as);
  });
});

describe.each([
  ['the environment', (auth_url) => ({ env: { OS_AUTH_URL: auth_url, ...user, ...project, ...domainNames } })],
  ['flags', (auth_url) => ({ args: authFlags({ ...login, auth_url }) })],
  ['clouds.yaml', (auth_url) => ({ env: { ...trial.clouds({ auth: { ...login, auth_url } }), OS_CLOUD: 'test' } })],
  ['[DEFAULT]', (auth_url) => ({ conf: { DEFAULT: { ...ussuri, auth_url } } })],
  ['[keystone_authtoken]', (auth_url) => ({ conf: { keystone_authtoken: { ...login, auth_url } } })],
] as readonly [string, (authUrl: string) => Place][])('auth_url in %s', (_name, place) => {
  test.each(['', '/', '/v3', '/v3/'])('Keystone is found when it ends in "%s"', async (end) => {
    await trial.expectFetched(place(`${root}${end}`));
  });
});

test.runIf(USERS.includes('root'))(
  "files that only root may read count when root runs it, and are nobody else's",
  async () => {
    const home = join(stack.stateDir, 'login-home');
    const config = join(home, '.config', 'openstack');
    mkdirSync(config, { recursive: true });
    const write = (name: string, auth: object): void =>
      writeFileSync(join(config, name), JSON.stringify({ clouds: { prod: { auth } } }), { mode: 0o600 });
    const { password, ...others } = login;
    write('clouds.yaml', { ...others, auth_url: stack.keystoneUrl });
    write('secure.yaml', { password });
    const place = { env: { HOME: home }, args: ['--os-cloud', 'prod'] };
    await trial.expectFetched(place, 'root');
    const refused = await trial.run(place, 'glance');
    expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
    expect(refused.stderr).toContain(join(config, 'clouds.yaml'));
    expect(refused.stderr).not.toContain(password);
  },
);
