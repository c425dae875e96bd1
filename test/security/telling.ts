/**
 * Servers that repeat what they were told, and where it may turn up: for tests which show that it does not.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { pathsBelow } from '../support/directory-state.ts';
import { cutAfter, neverAnswer, reset, send, sendJson } from '../support/http-answers.ts';
import type { Answer } from '../support/loopback-server.ts';
import type { OpenIdProvider } from '../support/openid/provider.js';
import type { PrefetchFixture } from '../support/prefetch-fixture.ts';
import type { RunResult } from '../support/run-program.ts';

/** How a text may be written. */
export function spellings(text: string): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const html = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const url = encodeURIComponent(text);
  const base64 = Buffer.from(text).toString('base64');
  const ascii = json.replaceAll('\u00e9', '\\u00e9');
  return [text, json, ascii, html, url, url.replaceAll('%20', '+'), base64, Buffer.from(text).toString('base64url')];
}

/** Everything a request told in confidence. */
export function toldIn({ headers, body }: Parameters<Answer>[0]): readonly string[] {
  const inBody = [...body.matchAll(/"(?:password|passcode|secret|id)":("(?:[^"\\]|\\.)*")/g)].map(
    ([, text]) => JSON.parse(text ?? '""') as string,
  );
  return [headers['x-auth-token'], headers['x-subject-token'], ...inBody, ...toldInForm({ headers, body })]
    .flatMap((text) => text ?? [])
    .concat(toldInHeader(headers.authorization))
    .filter((text) => text.length > 20 || text.startsWith('cAnAry'));
}

/** Fields of a form that are nobody else's business. */
const FORM_SECRETS = ['password', 'client_secret', 'client_assertion', 'device_code', 'code_verifier', 'token', 'totp'];

function toldInForm({ headers, body }: Pick<Parameters<Answer>[0], 'headers' | 'body'>): readonly string[] {
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') !== true) return [];
  const form = new URLSearchParams(body);
  return FORM_SECRETS.flatMap((name) => form.getAll(name));
}

/** A bearer, or a user with a password: both together, and the second one. */
function toldInHeader(authorization: string | undefined): readonly string[] {
  const [scheme, value = ''] = authorization?.split(' ') ?? [];
  if (scheme !== 'Basic') return [value];
  const pair = Buffer.from(value, 'base64').toString();
  return [value, pair, pair.slice(pair.indexOf(':') + 1)];
}

/** An answer that repeats what was sent, in every way, in body and headers. */
function echoing(status: number, write: (text: string) => string): Answer {
  return (request, response) => {
    const told = toldIn(request);
    const echo = [...told.flatMap(spellings), request.body].join(' ');
    const inHeader = told.map((text) => encodeURIComponent(text)).join();
    const headers = {
      'x-openstack-request-id': `req-${inHeader}`,
      'www-authenticate': `Keystone uri="http://user:${inHeader}@127.0.0.1:1/"`,
      location: `http://user:${inHeader}@127.0.0.1:1/${inHeader}?token=${inHeader}`,
    };
    return send(status, write(echo), headers)(request, response);
  };
}

/** What may come instead of an answer. */
export const FAILURES: Readonly<Record<string, Answer>> = {
  '401': echoing(401, (text) => text),
  '403 in JSON': echoing(403, (text) => JSON.stringify({ error: { message: `No: ${text}`, code: 403, title: text } })),
  '404 as a page': echoing(404, (text) => `<html><title>404</title><body>${text}</body></html>`),
  '500 in JSON that is cut': echoing(500, (text) => JSON.stringify({ error: { message: text } }).slice(0, -3)),
  '503 as one long line': echoing(503, (text) => `${'x'.repeat(150)}${text}`),
  'a redirect': echoing(302, (text) => text),
  'a permanent redirect': echoing(308, (text) => text),
  'what is no JSON': echoing(200, (text) => text),
  'another JSON': echoing(201, (text) => JSON.stringify([text, { token: text, catalog: text }])),
  'a status below 200': (request, response) =>
    void response.socket?.end(`HTTP/1.1 099 ${toldIn(request).join()}\r\n\r\n`),
  'no HTTP at all': (request, response) => void response.socket?.end(`${toldIn(request).join()}\r\n\r\n`),
  'a cut': (request, response) => cutAfter(10, Buffer.from(toldIn(request).join().padEnd(50)))(request, response),
  'a reset': reset(),
  silence: neverAnswer(),
  'a catalog of nonsense': (request, response) => {
    const told = toldIn(request).join();
    const endpoint = { interface: 'public', region_id: told, url: `http://user:${encodeURIComponent(told)}@[bad` };
    const token = { expires_at: told, catalog: [{ type: 'image', name: told, endpoints: [endpoint] }], roles: told };
    return sendJson(201, { token }, { 'x-subject-token': 'cAnAry-issued-token-0123456789' })(request, response);
  },
};

/** What a provider may answer that is no token, beside those. */
export const OAUTH_FAILURES: Readonly<Record<string, Answer>> = {
  'a refusal': echoing(400, (said) => JSON.stringify({ error: 'invalid_grant', error_description: said })),
  'a refusal by a code of its own': echoing(401, (said) => JSON.stringify({ error: said, error_uri: said })),
  'a refusal in the form of a yes': echoing(200, (said) => JSON.stringify({ error: 'access_denied', message: said })),
  'a grant of nonsense': echoing(200, (said) => JSON.stringify({ access_token: 5, token_type: said, scope: said })),
  'a grant for another scheme': echoing(200, (said) =>
    JSON.stringify({ access_token: 'cAnAry-unasked-token-0123456789', token_type: `mac ${said}`, expires_in: said }),
  ),
};

/** Answers in the provider's place, and remembers what it was told. */
export function answerFor(provider: OpenIdProvider, path: string, answer: Answer, told: Set<string>): () => void {
  return provider.intercept(async (incoming, response) => {
    const { url = '', method = '', headers } = incoming;
    if (new URL(url, provider.issuer).pathname !== path) return false;
    const request = { method, url, headers, body: await text(incoming) };
    for (const secret of toldIn(request)) told.add(secret);
    await answer(request, response);
    return true;
  });
}

/** What no output may contain, of what a cloud was told and of what is secret from the start. */
export function hiddenFrom({ cloud }: PrefetchFixture, secrets: readonly string[]): readonly string[] {
  const told = cloud.requests.flatMap(({ headers, body, method, path: url }) => toldIn({ headers, body, method, url }));
  const all = [...new Set([...secrets, ...told])];
  // The parts of one are too much as well.
  return [...new Set([...all.flatMap(spellings), 'cAnAry', ...all.map((text) => text.slice(0, 16))])];
}

/** Everything that a run has written for people, but into its log. */
export function textsOf(it: PrefetchFixture, run: RunResult, logs: readonly string[]): string {
  const files = pathsBelow(it.cache.root).filter((path) => !path.includes('cache.db') && !isImage(path));
  return [
    run.stdout,
    run.stderr,
    ...logs.map((path) => readFileSync(path, 'utf8')),
    ...files.flatMap((path) =>
      /\.(json|new|part)$/.test(path) ? readFileSync(join(it.cache.root, path), 'utf8') : [],
    ),
    ...files,
  ].join('\n');
}

function isImage(path: string): boolean {
  return /^[\da-f-]{36}$/.test(path);
}

/** Sees that a run has told nothing, anywhere. */
export function checkTold(it: PrefetchFixture, secrets: readonly string[], texts: string): void {
  for (const secret of hiddenFrom(it, secrets)) expect(texts).not.toContain(secret);
}
