import { describe, expect, test } from 'vitest';
import type { CompleteCredentials, ProbedOption } from '../../../../../src/use-cases/check/cloud-probe.ts';
import { CREDENTIALS } from '../../../../../src/use-cases/check/node/credentials.ts';
import { LOGIN } from '../../../../../src/use-cases/check/node/login.ts';
import { type CheckHost, completeCredentials, told, useCheckHost } from '../../../../support/check-host.ts';

const host = useCheckHost();

const CONF = '/etc/glance/glance-cache.conf';
const CLOUDS = '/etc/openstack/clouds.yaml';

/** An option of the environment. */
function inEnvironment(name: string, url?: string): ProbedOption {
  return { name, origin: `OS_${name.toUpperCase()}`, place: undefined, url };
}

/** An option at line 7 of a configuration file. */
function inConf(name: string, url?: string): ProbedOption {
  return { name, origin: `${name} from ${CONF}:7`, place: { file: CONF, line: 7 }, url };
}

/** An option of clouds.yaml. */
function inCloud(name: string, url?: string): ProbedOption {
  const origin = `auth.${name} of cloud "prod" in ${CLOUDS}`;
  return { name, origin, place: { file: CLOUDS, line: undefined }, url };
}

function cloudWith(credentials: Partial<CompleteCredentials>) {
  return {
    credentials: completeCredentials(credentials),
    files: [CLOUDS],
    login: undefined,
    isLeftToPerson: credentials.personalPart !== undefined,
  };
}

async function check(credentials: Partial<CompleteCredentials>) {
  return host().check(CREDENTIALS, { cloud: cloudWith(credentials) });
}

describe('CREDENTIALS', () => {
  test('has nothing to say about a password, about none, and about credentials that lack something', async () => {
    const options = [inConf('auth_url', 'https://keystone.test:5000/v3'), inConf('username'), inConf('password')];
    expect(await check({ options })).toEqual([]);
    expect(await host().check(CREDENTIALS)).toEqual([]);
  });

  describe('of what takes a person', () => {
    const device = { authType: 'v3oidcdeviceauthz', personalPart: 'device' } as const;
    const totp = { authType: 'v3totp', personalPart: 'passcode' } as const;

    test('warns where the configuration has it, with the line to change', async () => {
      const [finding, ...others] = await check({ ...device, options: [inConf('auth_type'), inConf('client_id')] });
      expect(others).toEqual([]);
      expect(finding).toMatchObject({
        check: 'login-needs-person',
        severity: 'warning',
        message:
          'Every login with the credentials from the environment (auth_type v3oidcdeviceauthz) takes a person with a browser',
        change: { file: CONF, line: 7, text: 'auth_type = v3oidcclientcredentials' },
      });
      expect((await check({ ...totp, options: [inConf('auth_type')] }))[0]).toMatchObject({
        change: { text: 'auth_type = v3applicationcredential' },
        command: 'openstack application credential create glance-cache',
      });
    });

    test('minds what somebody has in a shell never, and a cloud only where something is scheduled', async () => {
      const schedule = (it: CheckHost): void =>
        it.run(9, ['/usr/bin/node', '/usr/local/bin/glance-cache-prefetcher', '--daemon']);
      expect(await check({ ...device, options: [inCloud('client_id')] })).toEqual([]);
      schedule(host());
      expect(await check({ ...device, options: [inEnvironment('client_id')] })).toEqual([]);
      expect((await check({ ...device, options: [inCloud('client_id')] }))[0]).toMatchObject({
        check: 'login-needs-person',
        message: expect.stringMatching(/, and "process 9" runs glance-cache-prefetcher$/) as string,
        change: undefined,
      });
    });

    test.each([
      ['glance-cache-prefetcher', [], true],
      ['glance-cache-cleaner', [], false],
      ['glance-cache-cleaner --stale', [], true],
      ['glance-cache-cleaner', ['stale = true'], true],
      ['glance-cache-pruner', ['stale = true'], false],
      ['glance-cache-prefetcher --dry-run', [], false],
    ])('knows that %s of a crontab logs in, with %j', async (command, conf, logsIn) => {
      for (const job of ['pruner', 'cleaner', 'prefetcher'])
        host().write(`/usr/bin/glance-cache-${job}`, '#!/usr/bin/node\n', 0o755);
      host().write('/usr/sbin/cron', '', 0o755);
      host().write('/var/spool/cron/crontabs/root', `*/5 * * * * ${command}\n`);
      host().conf = ['[cache_tools]', ...conf];
      const names = told(await check({ ...totp, options: [inCloud('username')] }));
      expect(names).toEqual(logsIn ? ['warning login-needs-person'] : []);
    });

    test('is not tried, which is worth a note', async () => {
      const cloud = cloudWith({ ...device, options: [inEnvironment('client_id')] });
      const findings = await host().check(LOGIN, { cloud });
      expect(told(findings)).toEqual(['note login-untried']);
      expect(findings[0]?.message).toContain('auth_type v3oidcdeviceauthz takes somebody with a browser');
    });
  });

  test('warns of a passcode in a file, and has the line go', async () => {
    expect(await check({ authType: 'v3totp', options: [inEnvironment('passcode')] })).toEqual([]);
    const [finding] = await check({ authType: 'v3totp', options: [inConf('passcode')] });
    expect(finding).toMatchObject({
      check: 'passcode-in-file',
      severity: 'warning',
      change: { file: CONF, line: 7, text: '' },
      command: `sed -i 7d ${CONF}`,
    });
    const [inYaml] = await check({ authType: 'v3totp', options: [inCloud('passcode')] });
    expect(inYaml).toMatchObject({ change: undefined, command: `grep -n passcode ${CLOUDS}` });
  });

  test.each([
    ['token', 'v3token', 'A token of Keystone'],
    ['access_token', 'v3oidcaccesstoken', 'A token of the identity provider'],
  ])('warns of %s in a file, which ends', async (name, authType, whose) => {
    expect(await check({ authType, options: [inEnvironment(name)] })).toEqual([]);
    const [finding] = await check({ authType, options: [inConf(name)] });
    expect(finding).toMatchObject({ check: 'token-in-file', severity: 'warning', change: { line: 7, text: '' } });
    expect(finding?.message).toBe(`${whose} is written into a file (${name} from ${CONF}:7)`);
    // Nobody could log in any more.
    expect(finding?.command).not.toContain('sed');
  });

  test('minds no token that never ends', async () => {
    expect(await check({ authType: 'admin_token', options: [inConf('token')] })).toEqual([]);
  });

  test.each(['auth_url', 'discovery_endpoint', 'access_token_endpoint', 'device_authorization_endpoint'])(
    'warns of %s without TLS, but on the loopback',
    async (name) => {
      const [finding] = await check({ options: [inConf(name, 'http://idp.test:8080/path')] });
      expect(finding).toMatchObject({
        check: 'login-in-the-open',
        severity: 'warning',
        message: `The login is not encrypted: "http://idp.test:8080/path" (${name} from ${CONF}:7)`,
        change: { file: CONF, line: 7, text: `${name} = https://idp.test:8080/path` },
        command: 'curl -i https://idp.test:8080/path',
      });
      expect(told(await check({ options: [inEnvironment(name, 'http://127.0.0.1.idp.test/')] }))).toHaveLength(1);
      const fine = [
        'https://idp.test',
        'http://localhost:1',
        'http://127.9.0.1',
        'http://2130706433',
        'http://[::1]:8',
      ];
      for (const url of fine) expect(await check({ options: [inConf(name, url)] })).toEqual([]);
    },
  );

  test('warns of a Glance without TLS that gets a password or a token that stays', async () => {
    const options = [inConf('endpoint', 'http://glance.test:9292')];
    for (const authType of ['http_basic', 'admin_token']) {
      expect(told(await check({ authType, options }))).toEqual(['warning login-in-the-open']);
    }
    expect(await check({ authType: 'none', options })).toEqual([]);
    expect(await check({ options: [inConf('endpoint_override', 'http://glance.test:9292')] })).toEqual([]);
  });
});
