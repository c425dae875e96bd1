import { describe, expect, test } from 'vitest';
import { useCache } from '../support/cache-fixture.ts';
import { callInProcess } from '../support/call-in-process.ts';
import type { Cloud } from '../support/cloud/cloud.js';
import { before } from '../support/cloud/scripted.ts';
import { useClouds } from '../support/cloud/use-clouds.ts';
import { loginOf } from '../support/prefetch-fixture.ts';

// What check tells of the login of a prefetch, on sockets: how the real Keystone answers is in test/openstack.

const cache = useCache();
const start = useClouds();

interface Told {
  readonly check: string;
  readonly severity: string;
  readonly message: string;
}

async function check(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<readonly Told[]> {
  const options = ['--config-file', cache().conf, '--format', 'json', 'check', ...args];
  const { stdout, stderr } = await callInProcess('manage', options, { env });
  expect(stdout + stderr).not.toContain('open sesame');
  const { items } = JSON.parse(stdout) as { readonly items: readonly Told[] };
  return items.filter(({ check: name }) => /login|clock|could-not/.test(name));
}

function setClockAhead(cloud: Cloud, seconds: number): void {
  const date = new Date(Date.now() + seconds * 1000).toUTCString();
  before(
    cloud,
    () => true,
    (_request, response) => void response.setHeader('date', date),
  );
}

describe('glance-cache-manage check', () => {
  test('finds nothing about a login that works; one without an admin role is worth a note', async () => {
    const cloud = await start();
    expect(await check(loginOf(cloud))).toEqual([]);
    expect(cloud.requests.at(-1)).toMatchObject({ method: 'GET', path: '/v2/images' });
    const demo = loginOf(cloud, { username: 'demo', password: 'demo-secret', project: 'demo' });
    expect(await check(demo)).toMatchObject([{ check: 'login-without-admin', severity: 'note' }]);
  });

  test('tells of a login that fails, and asks nobody with --offline', async () => {
    const cloud = await start();
    const env = loginOf(cloud, { password: 'wrong' });
    expect(await check(env)).toMatchObject([{ check: 'login-fails', severity: 'error' }]);
    const before = cloud.requests.length;
    expect(await check(env, '--offline')).toEqual([]);
    expect(cloud.requests.length).toBe(before);
  });

  test('tells of credentials that lack something, and of none', async () => {
    const cloud = await start();
    const { OS_PASSWORD: _, ...rest } = loginOf(cloud);
    expect(await check(rest)).toMatchObject([{ check: 'login-incomplete', severity: 'error' }]);
    expect(cloud.requests).toEqual([]);
    expect(await check({})).toMatchObject([{ check: 'no-login', severity: 'note' }]);
  });

  test.each([
    [2, []],
    [30, ['warning']],
    [-7200, ['error']],
  ])('compares the clock of Keystone, which is %d s ahead', async (aheadSec, severities) => {
    const cloud = await start();
    setClockAhead(cloud, aheadSec);
    const findings = await check(loginOf(cloud));
    expect(findings.map(({ severity }) => severity)).toEqual(severities);
    for (const { check: name, message } of findings) {
      expect(name).toBe('clock-skew');
      expect(message).toContain(aheadSec > 0 ? 'ahead of' : 'behind');
    }
  });

  test('compares the clock also where the login fails', async () => {
    const cloud = await start();
    setClockAhead(cloud, 600);
    const names = (await check(loginOf(cloud, { password: 'wrong' }))).map(({ check: name }) => name);
    expect(names).toEqual(['login-fails', 'clock-skew']);
  });
});
