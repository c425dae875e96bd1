// --os-token-cache: one login for many runs, of all programs, and a file that only its user can read.

import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CloudUser } from '../support/cloud/cloud.js';
import { contentOf } from '../support/cloud/contents.js';
import { answerAll, isLogin } from '../support/cloud/scripted.ts';
import { useDaemons } from '../support/daemon.ts';
import { pathsBelow } from '../support/directory-state.ts';
import { fakeRow } from '../support/fake-node.ts';
import { send } from '../support/http-answers.ts';
import { CACHE, CLOUD, FETCH, fileOf, filesIn, LOOK, lookSilently, ONE, tokenIn } from '../support/kept-tokens.ts';
import { useFleets } from '../support/nodes.ts';
import { federatedOf } from '../support/openid/environment.ts';
import { trusting, useProviders } from '../support/openid/use-providers.ts';
import { FETCHED, loginOf, PASSWORD, usePrefetch } from '../support/prefetch-fixture.ts';
import { success, UNPRIVILEGED } from '../support/run-program.ts';
import { useTempDir } from '../support/temp-dir.ts';

const prefetch = usePrefetch();
const fleets = useFleets();
const daemonOf = useDaemons();
const startProvider = useProviders();
const dir = useTempDir();

const DOMAIN = { id: 'default', name: 'Default' };

describe('with --os-token-cache', () => {
  test('the second run asks nothing of Keystone, and fetches', async () => {
    const it = await prefetch(CLOUD);
    await lookSilently(it);
    const asked = it.cloud.requests.filter(({ service }) => service === 'keystone').length;
    expect(await it.run(FETCH)).toEqual(success());
    expect(it.stateOf(ONE)).toEqual(FETCHED);
    expect(it.cloud.requests.filter(({ service }) => service === 'keystone')).toHaveLength(asked);
  });

  test('all programs share a login, whichever source it is from', async () => {
    const it = await prefetch(CLOUD);
    await lookSilently(it);
    const options = Object.entries(it.env).map(([name, text]) => `${name.replace('OS_', '').toLowerCase()} = ${text}`);
    it.cache.configure('', ...['', '[keystone_authtoken]', ...options]);
    const env = Object.fromEntries(Object.keys(it.env).map((name) => [name, '']));
    expect(await it.manage(['-f', 'queue-image', CACHE, 'debian'], { env })).toMatchObject({ code: 0, stderr: '' });
    expect(await it.cache.run('cleaner', ['--stale', CACHE], { env })).toMatchObject({ code: 0, stderr: '' });
    const checked = await it.manage(['check', CACHE, '--format', 'json'], { env });
    expect(checked.stdout).not.toMatch(/"check": "[\w-]*login/);
    expect(await it.run([CACHE], { env })).toEqual(success());
    expect(it.stateOf(ONE)).toEqual(FETCHED);
    // That of check, which a kept token would tell nothing of.
    expect(it.logins).toBe(2);
  });

  test('a refused token is forgotten, and the run logs in, once', async () => {
    const it = await prefetch(CLOUD);
    await lookSilently(it);
    const before = tokenIn(fileOf(it));
    it.cloud.revokeTokens();
    await lookSilently(it);
    expect(it.logins).toBe(2);
    expect(tokenIn(fileOf(it))).not.toBe(before);
    await lookSilently(it);
    expect(it.logins).toBe(2);
  });

  test('a wrong password is noticed when the token has gone', async () => {
    const it = await prefetch(CLOUD);
    await lookSilently(it);
    it.env = loginOf(it.cloud, { password: 'wrong' });
    await lookSilently(it);
    it.cloud.revokeTokens();
    expect(await it.run(LOOK)).toMatchObject({ code: 7 });
    expect(lstatSync(fileOf(it)).size).toBe(0);
    it.env = loginOf(it.cloud);
    await lookSilently(it);
    expect(it.logins).toBe(3);
  });

  test('a token that has expired is not used, and those of other logins are removed', async () => {
    const users = ['service', 'other'].map((name) => ({ id: `p-${name}`, name, domain: DOMAIN, roles: ['admin'] }));
    const user: CloudUser = { id: 'u', name: 'glance', password: PASSWORD, domain: DOMAIN, projects: users };
    const it = await prefetch({ ...CLOUD, users: [user] });
    await lookSilently(it);
    const [first = ''] = filesIn(it.cache.home);
    it.env = loginOf(it.cloud, { project: 'other' });
    await lookSilently(it);
    expect(it.logins).toBe(2);
    expect(filesIn(it.cache.home)).toHaveLength(2);
    // Too little is left of it, but it is none of those that have expired.
    await lookSilently(it, it.later(3600 - 100));
    expect(filesIn(it.cache.home)).toHaveLength(2);
    expect(it.logins).toBe(3);
    await lookSilently(it, it.later(3600));
    expect(it.logins).toBe(3);
    expect(filesIn(it.cache.home)).not.toContain(first);
    it.env = loginOf(it.cloud);
    await lookSilently(it);
    expect(it.logins).toBe(4);
  });

  test('runs at the same time leave one token, which the next ones use', async () => {
    const it = await prefetch(CLOUD);
    await Promise.all(Array.from({ length: 6 }, () => lookSilently(it)));
    expect(tokenIn(fileOf(it))).toBeDefined();
    const { logins } = it;
    await Promise.all(Array.from({ length: 3 }, () => lookSilently(it)));
    expect(it.logins).toBe(logins);
  });

  test('runs at the same time whose token was revoked end well, each of them', async () => {
    const it = await prefetch(CLOUD);
    await lookSilently(it);
    it.cloud.revokeTokens();
    await Promise.all(Array.from({ length: 6 }, () => lookSilently(it)));
    const { logins } = it;
    await lookSilently(it);
    expect(it.logins).toBe(logins);
  });

  test('nothing else is written, and no password', async () => {
    const it = await prefetch(CLOUD);
    await lookSilently(it);
    const file = fileOf(it);
    expect(pathsBelow(it.cache.home)).toEqual([
      '.cache',
      '.cache/glance-cache-tools',
      '.cache/glance-cache-tools/tokens',
      file.slice(it.cache.home.length + 1),
    ]);
    expect(file).toMatch(/\/[0-9a-f]{64}\.json$/);
    const modes = pathsBelow(it.cache.home).map((path) => lstatSync(join(it.cache.home, path)).mode & 0o7777);
    expect(modes).toEqual([0o700, 0o700, 0o700, 0o600]);
    expect(readFileSync(file, 'utf8')).not.toContain(PASSWORD);
  });

  test('a cache folder of another place is used', async () => {
    const it = await prefetch(CLOUD);
    await lookSilently(it, { env: { XDG_CACHE_HOME: join(dir(), 'xdg') } });
    expect(readdirSync(join(dir(), 'xdg', 'glance-cache-tools', 'tokens'))).toHaveLength(1);
    expect(pathsBelow(it.cache.home)).toEqual([]);
  });

  test('the kept token is in no output, whatever the server says', async () => {
    const it = await prefetch(CLOUD);
    await lookSilently(it);
    it.hide(tokenIn(fileOf(it)) ?? 'none');
    it.hide((tokenIn(fileOf(it)) ?? 'none').slice(5, 20));
    const echo = answerAll(
      it.cloud,
      ({ service }) => service === 'glance',
      (request, response) => send(500, `no: ${String(request.headers['x-auth-token'])}`)(request, response),
    );
    const log = join(it.cache.base, 'x.log');
    const { code, stderr } = await it.run([...FETCH, '--retries', '0', '--debug', '--log-file', log]);
    expect(code).toBe(8);
    expect(stderr).toContain('Using the kept token of user "glance"');
    expect(stderr).toContain('***');
    it.read(log);
    const { stdout } = await it.manage(['check', CACHE, '--format', 'json']);
    expect(stdout).toContain('***');
    echo();
  });
});

describe('without --os-token-cache', () => {
  test('nothing is kept, and nothing that was kept is used', async () => {
    const it = await prefetch(CLOUD);
    const plain = LOOK.filter((arg) => arg !== CACHE);
    expect(await it.run(plain)).toMatchObject({ code: 0, stderr: '' });
    expect(pathsBelow(it.cache.home)).toEqual([]);
    await lookSilently(it);
    expect(await it.run(plain)).toMatchObject({ code: 0, stderr: '' });
    expect(it.logins).toBe(3);
  });

  test('it is no option of a file, nor a variable', async () => {
    const it = await prefetch(CLOUD);
    const env = { OS_TOKEN_CACHE: 'true', OS_CACHE_TOOLS__OS_TOKEN_CACHE: 'true' };
    expect(await it.run(['--image', ONE, '--dry-run'], { env })).toMatchObject({ code: 0, stderr: '' });
    expect(pathsBelow(it.cache.home)).toEqual([]);
  });
});

test('a login through an identity provider is kept, without the secret of the client', async () => {
  const provider = await startProvider();
  const it = await prefetch({ ...CLOUD, federation: trusting(provider) });
  it.hide('cache secret');
  it.env = federatedOf(it.cloud, provider);
  await lookSilently(it);
  await provider.close();
  await lookSilently(it);
  expect(readFileSync(fileOf(it), 'utf8')).not.toMatch(/cache.secret/);
});

test('a command on other nodes uses what another run has kept', async () => {
  const fleet = await fleets(2);
  for (const node of fleet.nodes) node.cached = [fakeRow(ONE)];
  const list = ['list-cached', '--format', 'value', '-c', 'image_id', CACHE];
  const options = { home: dir() };
  for (let run = 0; run < 3; run++) {
    expect(await fleet.manageAll(list, options)).toEqual(success(`${ONE}\n${ONE}\n`));
  }
  expect(fleet.cloud.requests.filter(isLogin)).toHaveLength(1);
  expect(filesIn(dir())).toHaveLength(1);
});

test('a daemon logs in once for all its rounds, and leaves nothing open', async () => {
  const it = await prefetch({
    images: [{ id: ONE, sizeBytes: 1000, overrides: { updated_at: '2020-01-01T00:00:00Z' } }],
  });
  writeFileSync(join(it.cache.root, ONE), contentOf(ONE, 1000), { mode: 0o640 });
  it.cache.addRow(ONE, { size: 1000 });
  // As root each round takes the rights of the owner, and reads with its own.
  it.cache.handTo(UNPRIVILEGED);
  const args = ['--stale', CACHE, '--daemon', '--wakeup-time', '1d'];
  const daemon = daemonOf(it.cache.start('cleaner', args, { env: it.env, home: dir() }));
  const round = async (): Promise<number> => {
    expect(await daemon.line()).toMatch(/^INFO Round \d+(?: \(SIGHUP\))?: nothing removed/);
    return readdirSync(`/proc/${daemon.pid}/fd`).length;
  };
  const opened = [await round()];
  for (let count = 1; count < 12; count++) {
    daemon.hangUp();
    opened.push(await round());
  }
  // What the first rounds load stays open.
  expect(opened.at(-1)).toBeLessThanOrEqual((opened[2] ?? 0) + 1);
  expect(it.logins).toBe(1);
  expect(filesIn(dir()).map(tokenIn)).toEqual([expect.any(String)]);
  expect((await daemon.stop()).code).toBe(0);
});
