import { beforeAll, expect, test } from 'vitest';
import { startBasicAuthNode } from './support/basic-auth-node.ts';
import { authFlags, LoginTrial } from './support/login-trial.ts';
import { errorOf } from './support/prefetch.ts';
import { runProgram } from './support/programs.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// A real glance-api without Keystone, behind the Basic authentication of oslo.middleware: images are fetched from it, and
// its own cache is looked at from elsewhere.

const stack = useStack();
const PASSWORD = 'bäsic: söcret';
const USER = { username: 'fetcher', password: PASSWORD };
const PAIR = Buffer.from(`${USER.username}:${PASSWORD}`).toString('base64');
let trial: LoginTrial;
let standalone: GlanceNode;

beforeAll(async () => {
  standalone = await startBasicAuthNode(stack, { user: USER.username, password: PASSWORD });
  trial = await LoginTrial.start(stack);
});

const env = () => ({
  OS_AUTH_TYPE: 'http_basic',
  OS_USERNAME: USER.username,
  OS_PASSWORD: PASSWORD,
  OS_ENDPOINT: standalone.url,
});

test.each(['env', 'clouds.yaml', 'conf', 'flags'])('an image is fetched with http_basic in %s', async (place) => {
  const auth = { ...USER, endpoint: standalone.url };
  if (place === 'env') await trial.expectFetched({ env: env() });
  else if (place === 'conf') await trial.expectFetched({ conf: { cache_tools: { auth_type: 'http_basic', ...auth } } });
  else if (place === 'flags') await trial.expectFetched({ args: authFlags({ auth_type: 'http_basic', ...auth }) });
  else await trial.expectFetched({ env: { ...trial.clouds({ auth_type: 'http_basic', auth }), OS_CLOUD: 'test' } });
});

test('another password is refused', async () => {
  const refused = await trial.run({ env: { ...env(), OS_PASSWORD: 'another' }, args: ['--format', 'json'] });
  expect(refused.exitCode).toBe(7);
  expect(errorOf(refused)).toMatchObject({
    code: 'AUTH_REFUSED',
    message: `Cannot ask Glance at "${standalone.url}/v2": it refuses the user and the password`,
  });
});

test('--host lists and fills the cache of such a node', async () => {
  const { OS_ENDPOINT: _endpoint, ...login } = env();
  const manage = async (...args: readonly string[]) =>
    runProgram('glance-cache-manage', ['--host', `127.0.0.1:${standalone.port}`, ...args], {
      as: 'glance',
      env: login,
    });
  expect(await manage('queue-image', trial.image.id, '--force')).toMatchObject({ exitCode: 0, stderr: '' });
  await expect.poll(async () => (await manage('list-cached')).stdout, { timeout: 20_000 }).toContain(trial.image.id);
  const debug = await manage('list-cached', '--debug');
  for (const secret of [PASSWORD, PAIR]) expect(debug.stdout + debug.stderr).not.toContain(secret);
  const refused = await runProgram('glance-cache-manage', ['--host', `127.0.0.1:${standalone.port}`, 'list-cached'], {
    as: 'glance',
    env: { ...login, OS_PASSWORD: 'another' },
  });
  expect(refused).toMatchObject({ exitCode: 7, stdout: '' });
  expect(refused.stderr).toContain('it refuses the user and the password');
});
