// Passwords, tokens and secrets: in no text that a run leaves anywhere, even if a server repeats what it was sent.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import type { CloudOptions, CloudUser } from '../support/cloud/cloud.js';
import { answerAll, isDownload, isLogin, isLookup, REQUESTS, type Which } from '../support/cloud/scripted.ts';
import { send } from '../support/http-answers.ts';
import { expectRecovery, loginOf, type PrefetchFixture, usePrefetch } from '../support/prefetch-fixture.ts';

const prefetch = usePrefetch();

const ONE = idOf('1');
/** As awkward as one may be: a server may write it in many ways. */
const AWKWARD = `Tr0ub4dor&3 "<b>" 'w\u00f6rd' \\ 50%`;
const DOMAIN = { id: 'default', name: 'Default' };
const USER: CloudUser = {
  id: 'user-1',
  name: 'glance',
  password: AWKWARD,
  domain: DOMAIN,
  projects: [{ id: 'project-1', name: 'service', domain: DOMAIN, roles: ['admin'] }],
};
const CLOUD: CloudOptions = {
  images: [{ id: ONE, sizeBytes: 1000 }],
  users: [USER],
  applicationCredentials: [{ id: 'app-1', name: 'app', secret: AWKWARD, userId: USER.id, projectId: 'project-1' }],
};

/** Ways to log in, each with something that must stay between the program and Keystone. */
const LOGINS: Readonly<Record<string, (it: PrefetchFixture) => Readonly<Record<string, string>>>> = {
  'a password': ({ cloud }) => loginOf(cloud, { password: AWKWARD }),
  'an application credential': ({ cloud }) => ({
    OS_AUTH_TYPE: 'v3applicationcredential',
    OS_AUTH_URL: cloud.keystoneUrl,
    OS_APPLICATION_CREDENTIAL_ID: 'app-1',
    OS_APPLICATION_CREDENTIAL_SECRET: AWKWARD,
  }),
  'a token': ({ cloud }) => ({
    OS_AUTH_TYPE: 'v3token',
    OS_AUTH_URL: cloud.keystoneUrl,
    OS_TOKEN: cloud.issueToken('glance'),
    OS_PROJECT_ID: 'project-1',
  }),
};

/** How a server may write a text. */
function spellings(text: string): readonly string[] {
  const html = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  return [text, html, encodeURIComponent(text), encodeURIComponent(text).replaceAll('%20', '+')];
}

/** All that the program was told in confidence, by a request. */
function toldIn(request: {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}): readonly string[] {
  const told = [
    request.headers['x-auth-token'],
    ...[...request.body.matchAll(/"(?:password|secret)":("(?:[^"\\]|\\.)*")/g)].map(
      ([, text]) => JSON.parse(text ?? '""') as unknown,
    ),
  ];
  const token = /"token":\{"id":"([^"]+)"/.exec(request.body)?.[1];
  return [...told, token].filter((text) => typeof text === 'string');
}

/** Answers that repeat the request, in the forms that servers and proxies have for errors. */
const ECHOES: Readonly<Record<string, (text: string) => string>> = {
  'plain text': (text) => text,
  'a sentence of Keystone': (text) => JSON.stringify({ error: { message: `No: ${text}`, code: 500 } }),
  'a page of Glance': (text) => `<html><head><title>500</title></head><body><h1>500</h1>${text}<br/></body></html>`,
  'a line that is cut in the middle of it': (text) => `${'x'.repeat(190)}${text}`,
};

/** Enough to see that a kind of secret is masked at all. */
const BASIC_ECHOES = Object.values(ECHOES).slice(0, 2);

/** Looks at everything that the run has left in the cache for the next one. */
function checkLeftovers(it: PrefetchFixture): void {
  const { parts } = it.cache.layout;
  if (!existsSync(parts)) return;
  for (const name of readdirSync(parts)) it.read(join(parts, name));
}

for (const [login, envOf] of Object.entries(LOGINS)) {
  for (const [what, at] of Object.entries(REQUESTS)) {
    test.concurrent(`no secret of a login with ${login} is told when the answer to a ${what} repeats it`, async () => {
      const it = await prefetch(CLOUD);
      it.queue(ONE);
      it.env = envOf(it);
      for (const text of [AWKWARD, it.env['OS_TOKEN'] ?? AWKWARD].flatMap(spellings)) it.hide(text);
      for (const echo of login === 'a password' ? Object.values(ECHOES) : BASIC_ECHOES) {
        let told: readonly string[] = [];
        const heal = answerAll(it.cloud, at, (request, response) => {
          told = toldIn(request);
          // The half of one is too much as well.
          for (const text of told) it.hide(text.slice(0, 12));
          const id = { 'x-openstack-request-id': `req-${told[0]}` };
          return send(500, echo([...told.flatMap(spellings), request.body].join(' ')), id)(request, response);
        });
        const log = join(it.cache.base, 'x.log');
        const { code, stderr } = await it.run(['--retries', '0', '--debug', '--log-file', log, '--format', 'json']);
        expect(code).toBe(8);
        expect(stderr).toContain('***');
        expect(told).not.toEqual([]);
        expect(it.read(log)).toContain('***');
        checkLeftovers(it);
        heal();
      }
      await expectRecovery(it, ONE);
    });
  }
}

test.concurrent('the report of several failures repeats no token', async () => {
  const [TWO] = [idOf('2')];
  const it = await prefetch({ images: [ONE, TWO].map((id) => ({ id, sizeBytes: 10 })) });
  it.queue(ONE, TWO);
  const which: Which = (request) => isLookup(request) || isDownload(request);
  answerAll(it.cloud, which, (request, response) => send(403, toldIn(request).join())(request, response));
  for (const format of ['json', 'yaml', 'csv', 'value', 'table']) {
    const { code, stdout, stderr } = await it.run(['--format', format]);
    expect(code).toBe(7);
    expect(stdout).not.toBe('');
    expect(stderr).toContain('***');
  }
});

test.concurrent('a password in a URL is not told', async () => {
  const it = await prefetch(CLOUD);
  it.queue(ONE);
  it.hide('pa55word');
  answerAll(it.cloud, isLogin, send(500, 'no'));
  for (const url of [
    'http://me:pa55word@127.0.0.1:1/v3',
    'me:pa55word@127.0.0.1',
    it.cloud.keystoneUrl.replace('//', '//me:pa55word@'),
  ]) {
    const env = { ...loginOf(it.cloud, { password: AWKWARD }), OS_AUTH_URL: url };
    const { code, stderr } = await it.run(['--retries', '0', '--debug'], { env });
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(/^ERROR: Cannot /m);
  }
});
