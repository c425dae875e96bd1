import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ConfigError, RemoteError } from '../../../src/errors/cache-error.ts';
import { redirect, reset, send, sendJson, stallAfter } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { get, NO_SIGNAL, useTransports } from '../../support/transports.ts';

const server = useHttpServer();
const other = useHttpServer();
const transport = useTransports();

describe('send', () => {
  it('sends method, path, query, headers and body, and gives status, headers and text', async () => {
    server().answerWith(sendJson(201, { token: 'ö' }, { 'x-subject-token': 'T', 'x-twice': ['first', 'second'] }));
    const url = `${server().origin}/v3/auth/tokens?nocatalog=1`;
    const headers = { 'content-type': 'application/json' };
    const response = await transport().send({ method: 'POST', url, headers, body: '{"auth":"ö"}' }, NO_SIGNAL);
    expect(response.status).toBe(201);
    expect(response.url).toBe(url);
    expect(response.header('x-subject-token')).toBe('T');
    expect(response.header('x-twice')).toBe('first');
    expect(response.header('retry-after')).toBeUndefined();
    expect(await response.text()).toBe('{"token":"ö"}');
    const { method, url: asked, headers: sent, body } = server().onlyRequest;
    expect({ method, asked, body }).toEqual({
      method: 'POST',
      asked: '/v3/auth/tokens?nocatalog=1',
      body: '{"auth":"ö"}',
    });
    expect(sent).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'glance-cache-tools/test',
      'accept-encoding': 'identity',
    });
  });

  it('uses a connection again when the answer before was read', async () => {
    server().answerWith(send(200, 'a'));
    const keeping = transport();
    for (let i = 0; i < 9; i += 1) await (await keeping.send(get(server().origin), NO_SIGNAL)).text();
    // undici rests a connection for a moment before it uses it again.
    expect(server().connectionCount).toBeLessThanOrEqual(2);
  });

  it('opens a connection for each of many answers that are read at once, without a warning', async () => {
    server().answerWith(stallAfter(1, Buffer.alloc(10)));
    const parallel = transport();
    const { signal } = new AbortController();
    const warnings: unknown[] = [];
    const onWarning = (warning: unknown) => warnings.push(warning);
    process.on('warning', onWarning);
    const responses = await Promise.all(Array.from({ length: 12 }, () => parallel.send(get(server().origin), signal)));
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
    expect(server().connectionCount).toBe(12);
    // Warnings come a tick later.
    await setImmediate();
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('does not send or show a user in the URL, nor show the query', async () => {
    server().answerWith(send(200), reset());
    const url = `http://admin:hunter2@127.0.0.1:${server().port}/v3?secret=hunter2`;
    const response = await transport().send(get(url), NO_SIGNAL);
    expect(response.url).toBe(`${server().origin}/v3?secret=hunter2`);
    expect(server().onlyRequest.headers.authorization).toBeUndefined();
    const error = await rejectionOf(transport().send(get(url), NO_SIGNAL));
    expect(error).toMatchObject({ message: expect.stringContaining(`Cannot get "${server().origin}/v3":`) as string });
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  it.each(['keystone.example.org:5000/v3', 'http://', '/v3', 'ftp://keystone/v3', 'file:///etc/passwd', ''])(
    'refuses %j as a URL',
    async (url) => {
      const error = await rejectionOf(transport().send(get(url), NO_SIGNAL));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ code: 'CONFIG_ENDPOINT' });
    },
  );

  it.each([
    ['http://admin:hunter2@host:port/?p=hunter2', 'host:port/', 'it is no URL'],
    ['admin:hunter2@keystone:5000/v3#hunter2', 'keystone:5000/v3', 'it begins with neither http nor https'],
    ['keystone:5000/v3', 'keystone:5000/v3', 'it begins with neither http nor https'],
  ])('shows no password of the URL %j that it cannot use', async (url, shown, state) => {
    const error = await rejectionOf(transport().send(get(url), NO_SIGNAL));
    expect(error).toMatchObject({ message: `Cannot use the URL "${shown}": ${state}`, details: { url: shown } });
  });

  it.each(['line\nfeed', 'carriage\rreturn', 'nul\0', 'łatin 2'])(
    'refuses the header %j, without showing it',
    async (token) => {
      const error = await rejectionOf(transport().send(get(server().origin, { 'x-auth-token': token }), NO_SIGNAL));
      expect(error).toMatchObject({ code: 'CONFIG_CREDENTIALS', details: { header: 'x-auth-token' } });
      expect(String(error)).not.toContain(token);
      expect(server().requests).toEqual([]);
    },
  );

  it('gives the answer to a redirect without Location to its caller', async () => {
    server().answerWith(send(302, 'elsewhere'));
    const response = await transport().send(get(server().origin), NO_SIGNAL);
    expect([response.status, await response.text()]).toEqual([302, 'elsewhere']);
  });

  it("does not follow 300, whose choice is the caller's", async () => {
    server().answerWith(redirect(300, '/v3'));
    expect((await transport().send(get(server().origin), NO_SIGNAL)).status).toBe(300);
  });
});

describe('send, when redirected,', () => {
  it.each([301, 302, 303, 307, 308])('follows %i within the origin, with the same headers', async (status) => {
    server().answerWith(redirect(status, '../v3/?a=1'), send(200, 'here'));
    const response = await transport().send(get(`${server().origin}/a/b`, { 'x-auth-token': 'T' }), NO_SIGNAL);
    expect(await response.text()).toBe('here');
    expect(response.url).toBe(`${server().origin}/v3/?a=1`);
    expect(server().requests.map(({ url, headers }) => [url, headers['x-auth-token']])).toEqual([
      ['/a/b', 'T'],
      ['/v3/?a=1', 'T'],
    ]);
  });

  it.each([301, 302, 303, 307, 308])('refuses %i to another origin, which gets no request', async (status) => {
    server().answerWith(redirect(status, `${other().origin}/v3`));
    const error = await rejectionOf(transport().send(get(server().origin, { 'x-auth-token': 'T' }), NO_SIGNAL));
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({
      code: 'REMOTE_REDIRECT',
      isTransient: false,
      message: `Cannot get "${server().origin}/": the server redirects it from "${server().origin}" to "${other().origin}", where no token may go`,
    });
    expect(other().connectionCount).toBe(0);
  });

  it.each(['https', 'ftp'])('refuses the scheme %s on the same host and port', async (scheme) => {
    server().answerWith(redirect(302, `${scheme}://127.0.0.1:${server().port}/`));
    const error = await rejectionOf(transport().send(get(server().origin), NO_SIGNAL));
    expect(error).toMatchObject({ code: 'REMOTE_REDIRECT' });
    expect(server().connectionCount).toBe(1);
  });

  it('shows neither user nor query of the place that it does not go to', async () => {
    server().answerWith(redirect(302, 'http://user:hunter2@elsewhere.test/?token=hunter2'));
    const error = await rejectionOf(transport().send(get(server().origin), NO_SIGNAL));
    expect(`${JSON.stringify(error)} ${String(error)}`).not.toContain('hunter2');
  });

  it('refuses a Location that is no URL', async () => {
    server().answerWith(redirect(302, 'http://['));
    expect(await rejectionOf(transport().send(get(server().origin), NO_SIGNAL))).toMatchObject({
      code: 'REMOTE_REDIRECT',
    });
  });

  it('follows five redirects and refuses the sixth', async () => {
    server().answerWith(...Array.from({ length: 5 }, () => redirect(302, '/')), send(200, 'at last'));
    expect(await (await transport().send(get(server().origin), NO_SIGNAL)).text()).toBe('at last');
    server().answerWith(redirect(302, '/'));
    expect(await rejectionOf(transport().send(get(server().origin), NO_SIGNAL))).toMatchObject({
      code: 'REMOTE_REDIRECT',
    });
    expect(server().requests).toHaveLength(12);
  });

  it('refuses to send a POST again', async () => {
    server().answerWith(redirect(307, '/v3/auth/tokens'));
    const request = { method: 'POST', url: server().origin, body: 'password' } as const;
    expect(await rejectionOf(transport().send(request, NO_SIGNAL))).toMatchObject({ code: 'REMOTE_REDIRECT' });
    expect(server().requests).toHaveLength(1);
  });
});
