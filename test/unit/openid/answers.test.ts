import { describe, expect, test } from 'vitest';
import { openIdProvider } from '../../../src/openid/openid-client-provider.ts';
import type { DevicePrompt, ProviderSettings } from '../../../src/openid/provider.ts';
import { FakeClock } from '../../support/clocks.ts';
import { cutAfter, redirect, reset, send, sendJson } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import type { Answer } from '../../support/loopback-server.ts';
import { settingsAt } from '../../support/openid/settings.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';

const server = useHttpServer();
const transport = useTransports();

function asked(more: Partial<ProviderSettings> = {}) {
  return openIdProvider(settingsAt(server().origin, more), { transport: transport(), clock: new FakeClock() });
}

const clientToken = (more?: Partial<ProviderSettings>) => asked(more).clientToken(NO_SIGNAL);
const refusedWith = (...answers: readonly Answer[]) => {
  server().answerWith(...answers);
  return rejectionOf(clientToken());
};

describe('a provider that is not as strict as OAuth', () => {
  test.each<[what: string, answer: Answer]>([
    ['names no type', sendJson(200, { access_token: 'T' })],
    ['names a type of its own', sendJson(200, { access_token: 'T', token_type: 'N_A' })],
    ['names a type that is none', sendJson(200, { access_token: 'T', token_type: 7 })],
    ['says 201', sendJson(201, { access_token: 'T' })],
    ['calls JSON a page', send(200, '{"access_token":"T"}', { 'content-type': 'text/html' })],
    ['gives no type of content', send(200, '{"access_token":"T"}')],
    [
      'gives strange numbers and lists',
      sendJson(200, { access_token: 'T', expires_in: 'soon', scope: ['a'], refresh_token: {}, id_token: null }),
    ],
    ['gives an ID token of somebody else', sendJson(200, { access_token: 'T', id_token: 'eyJ.eyJ.x' })],
    ['speaks of an error and gives a token', sendJson(200, { access_token: 'T', error: '' })],
  ])('is understood when it %s', async (_what, answer) => {
    server().answerWith(answer);
    expect(await clientToken()).toBe('T');
  });

  test('gives an ID token alone to whoever wants one', async () => {
    server().answerWith(sendJson(200, { id_token: 'I' }));
    expect(await clientToken({ tokenType: 'id_token' })).toBe('I');
  });

  test.each<[what: string, more: Readonly<Record<string, unknown>>, lifetimeSec: number, sleeps: readonly number[]]>([
    ['says all', { expires_in: 60, interval: 7 }, 60, [7]],
    ['says neither life nor interval', {}, 600, [5]],
    ['writes numbers as texts', { expires_in: '90', interval: '2' }, 90, [2]],
    ['says what cannot be', { expires_in: -1, interval: 0 }, 600, [5]],
    ['waits for years', { expires_in: 1e12, interval: null }, 86_400, [5]],
  ])('begins a login on another device when it %s', async (_what, more, lifetimeSec, sleeps) => {
    const begun = { device_code: 'D', user_code: 'U', verification_uri: 'https://idp/device', ...more };
    server().answerWith(sendJson(200, begun), sendJson(200, { access_token: 'T' }));
    const clock = new FakeClock();
    const provider = openIdProvider(settingsAt(server().origin), { transport: transport(), clock });
    const prompts: DevicePrompt[] = [];
    const login = { challengeMethod: undefined, show: async (prompt: DevicePrompt) => void prompts.push(prompt) };
    expect(await provider.deviceToken(login, NO_SIGNAL)).toBe('T');
    expect(prompts).toEqual([{ page: 'https://idp/device', code: 'U', pageWithCode: undefined, lifetimeSec }]);
    expect(clock.sleeps).toEqual(sleeps);
  });

  test('calls the page for codes as Google does', async () => {
    const begun = { device_code: 'D', user_code: 'U', verification_url: 'https://idp/device', expires_in: 9 };
    server().answerWith(sendJson(200, begun), sendJson(200, { access_token: 'T' }));
    const pages: string[] = [];
    const login = { challengeMethod: undefined, show: async ({ page }: DevicePrompt) => void pages.push(page) };
    await asked().deviceToken(login, NO_SIGNAL);
    expect(pages).toEqual(['https://idp/device']);
  });
});

describe('a provider that refuses', () => {
  test.each([
    ['invalid_client', 401, 'Check the client and its secret'],
    ['invalid_grant', 400, 'Check the user and the password, and whether a passcode'],
    ['unauthorized_client', 400, 'Have this way to get a token allowed for the client'],
    ['unsupported_grant_type', 400, 'Have this way to get a token enabled'],
    ['invalid_scope', 400, 'The provider must know each word of the scope'],
    ['access_denied', 403, 'The provider or the person turned the login down'],
    ['expired_token', 400, 'Nobody confirmed the login in time'],
    ['temporarily_unavailable', 400, 'The provider is busy'],
    ['server_error', 400, 'Look at the log of the provider'],
    ['invalid_request', 400, 'Check the settings of the identity provider'],
    ['mfa_required', 403, 'Check the settings of the identity provider'],
  ])('with %s is told with its words and what to check', async (error, status, hint) => {
    const url = `${server().origin}/token`;
    const answer = sendJson(status, { error, error_description: 'No,\n not   now.' });
    expect(await refusedWith(answer)).toMatchObject({
      code: 'AUTH_REFUSED',
      exitCode: 7,
      message: `Cannot log in at the identity provider "${url}" as client "glance-cache": it says "${error}: No, not now." (HTTP ${status})`,
      hint: expect.stringContaining(hint) as string,
      details: { url, client_id: 'glance-cache', error, status },
    });
  });

  test.each([
    ['invalid_client', 401, 2],
    ['invalid_request', 400, 2],
    ['invalid_token', 401, 2],
    ['invalid_scope', 400, 1],
    ['invalid_grant', 401, 1],
  ])(
    'with %s and %i is asked %i times by a client whose secret can be written in two ways',
    async (error, status, times) => {
      server().answerWith(sendJson(status, { error }));
      const user = { username: 'alice', password: 'wrong', others: {} };
      const refused = await rejectionOf(asked({ clientSecret: '100%' }).userToken(user, NO_SIGNAL));
      expect(refused).toMatchObject({ details: { error } });
      expect(server().requests).toHaveLength(times);
    },
  );

  test('with a status that says yes is told as well', async () => {
    expect(await refusedWith(sendJson(200, { error: 'invalid_grant' }))).toMatchObject({
      code: 'AUTH_REFUSED',
      message: expect.stringContaining('it says "invalid_grant" (HTTP 200)') as string,
    });
  });

  test.each<[what: string, answer: Answer, code: string, state: string]>([
    ['a page', send(401, '<h1>Who are you?</h1>'), 'AUTH_REFUSED', 'the server says "Who are you?" (HTTP 401)'],
    ['a page', send(403, '<h1>Never</h1>'), 'AUTH_REFUSED', 'the server says "Never" (HTTP 403)'],
    ['nothing', send(400), 'REMOTE_STATUS', 'the server answered with an error (HTTP 400)'],
    ['a page', send(404, '<h1>Not here</h1>'), 'REMOTE_STATUS', 'the server says "Not here" (HTTP 404)'],
    ['an object', sendJson(400, { error: { message: 'Own words' } }), 'REMOTE_STATUS', '"Own words" (HTTP 400)'],
    ['nothing', send(204), 'REMOTE_ANSWER', 'its answer holds no usable access_token'],
    ['a page', send(200, '<html>Log in here</html>'), 'REMOTE_ANSWER', 'its answer holds no usable access_token'],
    ['a list', sendJson(200, []), 'REMOTE_ANSWER', 'its answer holds no usable access_token'],
    ['a number', sendJson(200, { access_token: 7 }), 'REMOTE_ANSWER', 'its answer holds no usable access_token'],
    ['no text', sendJson(200, { access_token: 'a\nb' }), 'REMOTE_ANSWER', 'its answer holds no usable access_token'],
  ])('with %s %# is told by what is known, and where to look', async (_what, answer, code, state) => {
    const error = await refusedWith(answer);
    expect(error).toMatchObject({ code, message: expect.stringContaining(state) as string });
  });
});

describe('a provider in trouble', () => {
  test.each<[what: string, answer: Answer, code: string, state: string]>([
    ['a page', send(502, '<h1>Bad gateway</h1>'), 'REMOTE_STATUS', 'the server says "Bad gateway" (HTTP 502)'],
    ['an error of OAuth', sendJson(503, { error: 'temporarily_unavailable' }), 'REMOTE_STATUS', '"temporarily_unavail'],
    ['an error that is cut', cutAfter(5, Buffer.from('<h1>Busy</h1>'), 500), 'REMOTE_STATUS', '(HTTP 500)'],
    ['a cut', reset(), 'REMOTE_CUT', 'the connection ended'],
  ])('is worth another try when it answers with %s', async (_what, answer, code, state) => {
    expect(await refusedWith(answer)).toMatchObject({
      code,
      isTransient: true,
      message: expect.stringContaining(state) as string,
    });
  });

  test('is left alone for as long as it wants', async () => {
    expect(await refusedWith(send(429, 'slower', { 'retry-after': '7' }))).toMatchObject({
      isTransient: true,
      retryAfterSec: 7,
      hint: 'The server wants to be asked again in 7 s: <this command>',
    });
  });

  test('leads no secret elsewhere', async () => {
    const error = await refusedWith(redirect(307, 'https://evil.example/token'));
    expect(error).toMatchObject({ code: 'REMOTE_REDIRECT', details: { target: 'https://evil.example' } });
  });
});

describe('a provider that repeats what it was sent', () => {
  /** All of it, in the forms that servers have. */
  const echo =
    (status: number, key = 'error_description'): Answer =>
    (request, response) => {
      const sent = `${request.body} ${decodeURIComponent(request.body.replaceAll('+', ' '))}`;
      const said = `${sent} ${request.headers.authorization ?? ''}`;
      return sendJson(status, { error: 'invalid_grant', [key]: said })(request, response);
    };

  test.each([200, 400, 401, 500])('with %i is told without', async (status) => {
    server().answerWith(echo(status));
    const user = { username: 'alice', password: 'wonderland', others: { totp: '135790' } };
    const error = await rejectionOf(asked().userToken(user, NO_SIGNAL));
    expect(error).toBeInstanceOf(Error);
    const told = JSON.stringify([(error as Error).message, error]);
    expect(told).toContain('***');
    for (const secret of ['wonderland', '135790', 'cache secret', btoa('glance-cache:cache secret')]) {
      expect(told).not.toContain(secret);
    }
  });

  test('is told without the code of the device, and what proves who asked for it', async () => {
    const begun = { device_code: 'secret-device-code', user_code: 'U', verification_uri: 'https://idp/' };
    server().answerWith(sendJson(200, begun), echo(400));
    const login = { challengeMethod: 'plain' as const, show: async () => undefined };
    const error = await rejectionOf(asked().deviceToken(login, NO_SIGNAL));
    const [, { body } = { body: '' }] = server().requests;
    const verifier = new URLSearchParams(body).get('code_verifier') ?? '';
    expect(verifier).not.toBe('');
    const told = JSON.stringify([(error as Error).message, error]);
    for (const secret of ['secret-device-code', verifier]) expect(told).not.toContain(secret);
    expect(error).toMatchObject({ hint: 'Nobody confirmed the login in time; run it again: <this command>' });
  });
});

test('nothing but the body holds what is sent in confidence', async () => {
  server().answerWith(sendJson(200, { access_token: 'T' }));
  await asked().userToken({ username: 'alice', password: 'wonderland', others: { totp: '135790' } }, NO_SIGNAL);
  const { url, headers } = server().onlyRequest;
  expect(url).toBe('/token');
  expect(JSON.stringify(headers)).not.toMatch(/wonderland|135790|cache secret/);
});
