/**
 * Shows that no secret reaches a log, an error, --debug output, a report or a file: each source of credentials, each
 * failure, each place where something is told, and each way in which a server may write what it was sent.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { callOn } from '../support/call-in-process.ts';
import type { CloudOptions } from '../support/cloud/cloud.js';
import { answerAll, isDownload, isLogin, isLookup, type Which } from '../support/cloud/scripted.ts';
import type { Answer } from '../support/loopback-server.ts';
import { type PrefetchFixture, usePrefetch } from '../support/prefetch-fixture.ts';
import { patienceMs, rounds } from '../support/rounds.ts';
import type { RunResult } from '../support/run-program.ts';
import { checkTold, FAILURES, textsOf } from './telling.ts';

const prefetch = usePrefetch();

const ONE = idOf('1');
const DOMAIN = { id: 'default', name: 'Default' };
/** One for each kind, so that a leak tells which; as awkward as they may be. */
const SECRETS = {
  password: `cAnAry-pw "<\u00e9&%> \\ 1/+?=~`,
  appSecret: `cAnAry-ac "<\u00e9&%> \\ 2/+?=~`,
  legacy: 'cAnAry#legacy;admin 4',
};
const CLOUD: CloudOptions = {
  images: [{ id: ONE, sizeBytes: 1000 }],
  users: [
    {
      id: 'user-1',
      name: 'glance',
      password: SECRETS.password,
      domain: DOMAIN,
      projects: [{ id: 'project-1', name: 'service', domain: DOMAIN, roles: ['admin'] }],
    },
  ],
  applicationCredentials: [
    { id: 'app-1', name: 'app', secret: SECRETS.appSecret, userId: 'user-1', projectId: 'project-1' },
  ],
};

/** What a source adds to a call. */
interface Source {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly conf?: readonly string[];
}

const SCOPE = { user_domain_name: 'Default', project_name: 'service', project_domain_name: 'Default' };

function inEnv(options: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [`OS_${key.toUpperCase()}`, value]));
}

function inClouds(it: PrefetchFixture, auth: Readonly<Record<string, string>>, authType?: string): Source {
  const folder = join(it.cache.base, 'clouds');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'clouds.yaml');
  const mine = { auth, ...(authType === undefined ? {} : { auth_type: authType }) };
  writeFileSync(path, JSON.stringify({ clouds: { mine } }), { mode: 0o600 });
  return { env: { OS_CLIENT_CONFIG_FILE: path }, args: ['--os-cloud', 'mine'] };
}

const SOURCES: Readonly<Record<string, (it: PrefetchFixture, url: string) => Source>> = {
  'a password of the environment': (_it, url) => ({
    env: inEnv({ auth_url: url, username: 'glance', password: SECRETS.password, ...SCOPE }),
  }),
  'a password that is a flag': (_it, url) => ({
    env: inEnv({ auth_url: url, username: 'glance', ...SCOPE }),
    args: ['--os-password', SECRETS.password],
  }),
  'a password of clouds.yaml': (it, url) =>
    inClouds(it, { auth_url: url, username: 'glance', password: SECRETS.password, ...SCOPE }),
  'a password of [keystone_authtoken]': (_it, url) => ({
    conf: [
      '[keystone_authtoken]',
      `auth_url = ${url}`,
      'username = glance',
      `password = ${SECRETS.password}`,
      ...Object.entries(SCOPE).map(([key, value]) => `${key} = ${value}`),
    ],
  }),
  'an old admin_password': (_it, url) => ({
    conf: [
      '[DEFAULT]',
      `auth_url = ${url}`,
      'admin_user = glance',
      `admin_password = ${SECRETS.legacy}`,
      'admin_tenant_name = service',
    ],
  }),
  'an application credential of the environment': (_it, url) => ({
    env: inEnv({
      auth_type: 'v3applicationcredential',
      auth_url: url,
      application_credential_id: 'app-1',
      application_credential_secret: SECRETS.appSecret,
    }),
  }),
  'an application credential of clouds.yaml': (it, url) =>
    inClouds(
      it,
      { auth_url: url, application_credential_id: 'app-1', application_credential_secret: SECRETS.appSecret },
      'v3applicationcredential',
    ),
  'a token of the environment': (it, url) => ({
    env: inEnv({ auth_type: 'v3token', auth_url: url, token: it.cloud.issueToken('glance'), project_id: 'project-1' }),
  }),
  'a user of a Glance without Keystone': (it) => ({
    env: inEnv({
      auth_type: 'http_basic',
      endpoint: it.cloud.glanceUrl,
      username: 'glance',
      password: SECRETS.password,
    }),
  }),
};

const STEPS: Readonly<Record<string, Which>> = { login: isLogin, lookup: isLookup, download: isDownload };

const FORMATS = [[], ['--format', 'json']] as const;

/** Each failure in one of the forms; in all of them in the long form. */
function someFormats(number: number): readonly (readonly string[])[] {
  return FORMATS.filter((_, at) => rounds(number % 2, at) === at);
}

/** What goes wrong, and where. */
interface Case {
  readonly step: string;
  readonly which: Which;
  readonly what: string;
  readonly answer: Answer;
  readonly number: number;
}

/** A token is a token, whoever got it: behind the login the sources take turns, but for the long form. */
function casesFor(source: string): readonly Case[] {
  return Object.entries(STEPS).flatMap(([step, which]) =>
    Object.entries(FAILURES)
      .map(([what, answer], number) => ({ step, which, what, answer, number }))
      .filter(({ number }) => step === 'login' || number % 4 === rounds(source.length % 4, number % 4)),
  );
}

describe.concurrent.each(Object.entries(SOURCES))('no run tells anything of %s', (source, sourceOf) => {
  async function setUp(urlOf = (it: PrefetchFixture): string => it.cloud.keystoneUrl) {
    const it = await prefetch(CLOUD);
    it.queue(ONE);
    const { env = {}, args = [], conf = [] } = sourceOf(it, urlOf(it));
    it.cache.configure('[cache_tools]', 'stall_timeout = 1s', 'retries = 0', ...conf);
    let count = 0;
    const run = async (extra: readonly string[] = []): Promise<RunResult> => {
      const log = join(it.cache.base, `${count++}.log`);
      const jsonLog = extra.includes('--format') ? ['--use-json'] : [];
      const all = [...args, ...extra, ...jsonLog, '--debug', '--verbose', '--log-file', log, '--image', ONE];
      const result = await callOn(it.cache, 'prefetcher', all, { env });
      const logs = [log].filter((path) => existsSync(path));
      checkTold(it, Object.values(SECRETS), textsOf(it, result, logs));
      return result;
    };
    return { it, run };
  }

  test(
    'when all goes well, or the answers to any request go wrong in any way',
    async () => {
      const { it, run } = await setUp();
      for (const { step, which, what, answer, number } of casesFor(source)) {
        const heal = answerAll(it.cloud, which, answer);
        // What is told before the next try is one more place.
        const retries = what.startsWith('503') ? ['--retries', '1'] : [];
        for (const format of someFormats(number + step.length)) {
          expect((await run([...format, ...retries])).code, what).not.toBe(1);
        }
        heal();
        expect(it.cloud.requests).not.toEqual([]);
      }
      await run();
    },
    patienceMs(120_000),
  );

  test.each([
    ['nobody listens', (it: PrefetchFixture) => it.cloud.keystoneUrl.replace(/:\d+/, ':1')],
    ['there is no TLS', (it: PrefetchFixture) => it.cloud.keystoneUrl.replace('http:', 'https:')],
    ['a password is in the URL', (it: PrefetchFixture) => it.cloud.keystoneUrl.replace('//', '//user:cAnAry-in-url@')],
    ['the URL is none', () => 'http://user:cAnAry-in-url@[bad'],
    ['the host has no name', () => 'http://user:cAnAry-in-url@host.invalid:5000/v3'],
  ])('when %s', async (_what, urlOf) => {
    const { run } = await setUp(urlOf);
    for (const format of FORMATS) expect((await run(format)).code).toBeGreaterThan(1);
  });
});
