/**
 * The cloud and the identity provider that the documents have in their examples. An example is used as it stands, but for
 * the names of the hosts and for tokens and codes, which would have ended long ago.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetch } from 'undici';
import { afterAll, beforeAll } from 'vitest';
import type { CloudImage, CloudUser } from '../../support/cloud/cloud.js';
import { authorize } from '../../support/openid/browser.ts';
import { type OpenIdProvider, startProvider } from '../../support/openid/provider.js';
import { trusting } from '../../support/openid/use-providers.ts';
import { type PrefetchFixture, usePrefetch } from '../../support/prefetch-fixture.ts';
import type { Place } from '../../unit/docs/auth-examples.ts';

/** What is good as a passcode of the user, wherever an example leaves it to be asked for. */
export const PASSCODE = '246810';

const PASSWORD = 's3cr$et';
const DOMAIN = { id: 'default', name: 'Default' };
const PROJECT = { id: '0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f', name: 'service', domain: DOMAIN, roles: ['admin'] };
const USER: CloudUser = {
  id: '5f2c8d1e9b7a4c3f8e6d0a1b2c3d4e5f',
  name: 'image-cache',
  password: PASSWORD,
  // One for each login.
  passcodes: Array.from({ length: 100 }, () => PASSCODE),
  domain: DOMAIN,
  projects: [PROJECT],
};
const SERVICE_USER: CloudUser = {
  id: 'user-glance',
  name: 'glance',
  password: PASSWORD,
  domain: DOMAIN,
  projects: [PROJECT],
};
const APPLICATION_CREDENTIAL = {
  id: '8c1f3a0d52b94e6f9d7b0e4a6c2f5b31',
  name: 'image-cache',
  secret: PASSWORD,
  userId: USER.id,
  projectId: PROJECT.id,
};

const GRANTS = ['client_credentials', 'password', 'urn:ietf:params:oauth:grant-type:device_code'];
const REDIRECT_URI = 'https://localhost/';
const CLIENTS = [
  {
    client_id: 'image-cache',
    client_secret: PASSWORD,
    grant_types: [...GRANTS, 'authorization_code'],
    redirect_uris: [REDIRECT_URI],
    response_types: ['code'],
  },
  { client_id: 'image-cache-public', token_endpoint_auth_method: 'none', grant_types: GRANTS.slice(1) },
  { client_id: 'keystone', client_secret: 'keystone secret', grant_types: [] },
];
const PEOPLE = { alice: { password: 'w0nder$land' }, bob: { password: 'b0b$builds', passcode: '135791' } };

/** What stands for a token in the examples. */
const KEYSTONE_TOKEN = 'gAAAAABpIOz2w3xk';
const PROVIDER_TOKEN = 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln';
const CODE = 'SplxlOBeZQQYbYS6WxSbIA';

/** What makes a program use an example. */
export interface Use {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** The servers of the examples, and programs beside them. */
export interface ExampleCloud {
  readonly it: PrefetchFixture;
  /**
   * Puts an example where it belongs.
   *
   * @param example of a clouds.yaml the cloud `image-cache` is meant, unless it names another one
   */
  use(example: Example): Promise<Use>;
}

/** An example. */
export interface Example {
  /** Tells it from the others for its place. */
  readonly title: string;
  readonly place: Place;
  readonly text: string;
  readonly cloud?: string;
}

/**
 * Starts the servers, once for all tests of a file.
 *
 * @param images what there is to be fetched
 */
export function useExampleCloud(images: readonly CloudImage[]): () => ExampleCloud {
  const start = usePrefetch();
  let found: { readonly it: PrefetchFixture; readonly provider: OpenIdProvider } | undefined;
  const servers = () => {
    if (found === undefined) throw new Error('There are servers only while a test runs');
    return found;
  };
  beforeAll(async () => {
    const provider = await startProvider({ clients: CLIENTS, users: PEOPLE });
    const users = { alice: USER.name, bob: USER.name, 'image-cache': USER.name };
    const it = await start({
      users: [USER, SERVICE_USER],
      applicationCredentials: [APPLICATION_CREDENTIAL],
      federation: { ...trusting(provider), users },
      images,
    });
    found = { it, provider };
    // Nobody is to log in as anybody but the one in the example.
    it.env = {};
    for (const secret of [PASSWORD, PEOPLE.alice.password, PEOPLE.bob.password]) it.hide(secret);
    takeWithoutKeystone(it);
  });
  afterAll(() => found?.provider.close());
  return () => ({
    it: servers().it,
    async use({ place, title, text, cloud = 'image-cache' }) {
      const { it, provider } = servers();
      const cwd = join(it.cache.base, `${title} in ${place}`);
      mkdirSync(cwd);
      const file = join(cwd, place);
      writeFileSync(file, await onLoopback(text, it, provider));
      if (place === 'clouds.yaml') return { args: ['--os-cloud', cloud], env: {}, cwd };
      if (place === 'glance-cache.conf') return { args: ['--config-file', file], env: {}, cwd };
      return { args: [], env: exportedBy(file), cwd };
    },
  });
}

/** An image for each of some examples. */
export function imageAt(index: number): CloudImage {
  const id = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
  return { id, sizeBytes: 1000, name: `image ${index}` };
}

/** Lets Glance take whoever comes without a token of Keystone, as the examples do. */
function takeWithoutKeystone({ cloud }: PrefetchFixture): void {
  const basic = `Basic ${Buffer.from(`${USER.name}:${USER.password}`).toString('base64')}`;
  cloud.intercept(({ service, headers }) => {
    const { authorization, 'x-auth-token': token } = headers;
    const isTaken = authorization === basic || token === 'notused' || token === `${USER.id}:${PROJECT.id}`;
    if (service === 'glance' && isTaken) headers['x-auth-token'] = cloud.issueToken(USER.name);
    return false;
  });
}

async function onLoopback(text: string, { cloud }: PrefetchFixture, provider: OpenIdProvider): Promise<string> {
  return text
    .replaceAll('https://keystone.example.org:5000', cloud.keystoneUrl)
    .replaceAll('https://glance.example.org:9292', cloud.glanceUrl)
    .replaceAll('https://idp.example.org', provider.issuer)
    .replaceAll(KEYSTONE_TOKEN, cloud.issueToken(USER.name))
    .replaceAll(PROVIDER_TOKEN, await tokenOf(provider))
    .replaceAll(CODE, text.includes(CODE) ? await codeOf(provider) : CODE);
}

function codeOf({ issuer }: OpenIdProvider): Promise<string> {
  return authorize({ issuer, clientId: 'image-cache', redirectUri: REDIRECT_URI });
}

async function tokenOf({ tokenUrl }: OpenIdProvider): Promise<string> {
  const headers = { authorization: `Basic ${Buffer.from(`image-cache:${PASSWORD}`).toString('base64')}` };
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  const response = await fetch(tokenUrl, { method: 'POST', headers, body });
  return ((await response.json()) as { readonly access_token: string }).access_token;
}

/** What a shell exports that has read a file. */
function exportedBy(file: string): Readonly<Record<string, string>> {
  const env = { PATH: '/usr/bin:/bin' };
  const { stdout } = spawnSync('sh', ['-c', '. "$0" && env -0', file], { encoding: 'utf8', env });
  const lines = stdout.split('\0').filter((line) => line.startsWith('OS_'));
  return Object.fromEntries(lines.map((line) => [line.replace(/=.*$/s, ''), line.replace(/^[^=]*=/, '')]));
}
