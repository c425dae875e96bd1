import { afterAll, beforeAll, expect, test } from 'vitest';
import { TLS } from '../support/tls.ts';
import { type TestImage, uploadImages } from './support/images.ts';
import { LoginTrial } from './support/login-trial.ts';
import { USERS } from './support/on-node.ts';
import { openrc } from './support/openrc.ts';
import { expectCached, NO_STORE, readReport, startPrefetch, untilPart } from './support/prefetch.ts';
import { startTlsFront, type TlsFront } from './support/tls-front.ts';
import { useStack } from './support/use-stack.ts';

// Keystone and Glance behind terminators of TLS, as in most clouds. Keystone does not know of them, so that its list of
// versions names the address behind.

const stack = useStack();
let trial: LoginTrial;
let keystone: TlsFront;
let glance: TlsFront;
let strict: TlsFront;
let ca: string;
let cert: string;
let key: string;

beforeAll(async () => {
  trial = await LoginTrial.start(stack);
  keystone = await startTlsFront(stack.keystoneUrl, TLS.localhost);
  glance = await startTlsFront(stack.node.url, TLS.localhost);
  strict = await startTlsFront(stack.keystoneUrl, { ...TLS.localhost, clientCa: TLS.ca });
  // The checkout may be closed to Glance's user.
  ca = trial.file('ca.pem', TLS.ca);
  cert = trial.file('client.pem', TLS.client.cert);
  key = trial.file('client.key', TLS.client.key);
});

afterAll(async () => {
  for (const front of [keystone, glance, strict]) await front.close();
});

/** The bytes come through TLS too. */
const login = (authUrl: string): Record<string, string> => ({
  ...openrc(stack),
  ...NO_STORE,
  OS_AUTH_URL: authUrl,
  OS_IMAGE_ENDPOINT_OVERRIDE: glance.url,
});

test.each(USERS)('an image is fetched through TLS when the authority is given and %s runs it', async (as) => {
  const before = glance.requests.length;
  await trial.expectFetched({ env: { ...login(`${keystone.url}/v3`), OS_CACERT: ca } }, as);
  expect(keystone.requests).toContain('POST /v3/auth/tokens');
  expect(glance.requests.slice(before)).toContain(`GET /v2/images/${trial.image.id}/file bytes=0-`);
  await trial.expectFetched({ env: login(`${keystone.url}/v3`), args: ['--os-cacert', ca] }, as);
});

test('an image is fetched through TLS when the configuration names the authority', async () => {
  const { OS_USERNAME: username, OS_PASSWORD: password, OS_PROJECT_NAME: project_name } = openrc(stack);
  await trial.expectFetched({
    env: NO_STORE,
    conf: {
      keystone_authtoken: {
        auth_url: `${keystone.url}/v3`,
        username,
        password,
        project_name,
        user_domain_name: 'Default',
        project_domain_name: 'Default',
        cafile: ca,
        endpoint_override: glance.url,
      },
    },
  });
});

test('an image is fetched through TLS when Keystone is looked up without a version', async () => {
  await trial.expectFetched({ env: { ...login(`${keystone.url}/`), OS_CACERT: ca } });
});

test('an image is fetched through TLS without an authority when --insecure is given', async () => {
  await trial.expectFetched({ env: login(`${keystone.url}/v3`), args: ['--insecure'] });
});

test('an image is fetched through TLS with a certificate of the client', async () => {
  const env = { ...login(`${strict.url}/v3`), OS_CACERT: ca };
  await trial.expectFetched({ env: { ...env, OS_CERT: cert, OS_KEY: key } });
  const refused = await trial.run({ env, args: ['--retries', '0'] });
  expect(refused).toMatchObject({ exitCode: 8, stdout: '' });
});

test('a download that is cut goes on where it was, in the same run', async () => {
  const client = await stack.connect(trial.node);
  const [image] = (await uploadImages(client, [24 * 1024 * 1024])) as [TestImage];
  const before = glance.requests.length;
  const args = ['--os-cacert', ca, '--limit-rate', '12MiB', '--image', image.id, '--format', 'json'];
  const running = startPrefetch(trial.node, args, { env: login(`${keystone.url}/v3`) });
  await untilPart(trial.node, image.id, { bytes: 4_000_000, of: running });
  glance.cut();
  await untilPart(trial.node, image.id, { bytes: 14_000_000, of: running });
  glance.cut();
  const { exitCode, stderr, report } = readReport(await running.result);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(report.items).toMatchObject([{ result: 'done', fetched: image.sizeBytes, resumed: 0 }]);
  expectCached(trial.node, image);
  const path = `GET /v2/images/${image.id}/file bytes=`;
  const starts = glance.requests.slice(before).filter((request) => request.startsWith(path));
  const offsets = starts.map((request) => Number.parseInt(request.slice(path.length), 10));
  expect(offsets).toEqual([0, expect.any(Number), expect.any(Number)]);
  expect(offsets[1]).toBeGreaterThanOrEqual(4_000_000);
  expect(offsets[2]).toBeGreaterThanOrEqual(14_000_000);
});

test('nobody is logged in when no authority vouches for Keystone', async () => {
  const before = keystone.requests.length;
  const refused = await trial.run({ env: login(`${keystone.url}/v3`) });
  expect(refused).toMatchObject({ exitCode: 8, stdout: '' });
  expect(refused.stderr).toMatch(/^ERROR: Cannot [^\n]*certificate[^\n]*\nhint: [^\n]*(cacert|cafile|insecure)/i);
  expect(keystone.requests).toHaveLength(before);
});

test('no token is sent when no authority vouches for Glance', async () => {
  const before = glance.requests.length;
  const refused = await trial.run({ env: { ...login(stack.keystoneUrl), OS_CACERT: '' } });
  expect(refused).toMatchObject({ exitCode: 8, stdout: '' });
  expect(glance.requests).toHaveLength(before);
});
