import { describe, expect, test } from 'vitest';
import { openSession } from '../../../src/keystone/open-session.ts';
import { FakeClock } from '../../support/clocks.ts';
import { ADMIN, adminOf, type CredentialChanges } from '../../support/cloud/credentials.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { cutAfter, redirect, reset, send, sendJson } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';

const startCloud = useClouds();
const transport = useTransports();
const server = useHttpServer();

function openAt(keystoneUrl: string, changes?: CredentialChanges) {
  const clock = new FakeClock();
  const credentials = adminOf({ keystoneUrl }, changes);
  return { clock, session: openSession({ credentials, transport: transport(), clock, random: () => 0.5, retries: 2 }) };
}

const loginError = (changes?: CredentialChanges) =>
  rejectionOf(openAt(`${server().origin}/v3`, changes).session.access(NO_SIGNAL));

const TOKEN = { roles: [], catalog: [] };
const refuse = (message: string) => sendJson(401, { error: { message, code: 401, title: 'Unauthorized' } });

describe('a login that Keystone refuses', () => {
  test('names who was refused, in whose words, and what to check', async () => {
    const cloud = await startCloud();
    const auth = { ...ADMIN, password: 'wrong-password' };
    const error = await rejectionOf(openAt(cloud.keystoneUrl, { auth }).session.access(NO_SIGNAL));
    const target = `${cloud.keystoneUrl}/v3/auth/tokens`;
    expect(error).toMatchObject({
      code: 'AUTH_REFUSED',
      exitCode: 7,
      message: `Cannot log in at "${target}" as user "glance" in domain "Default": the server says "The request you have made requires authentication." (HTTP 401) (req-2)`,
      hint: 'Check the credentials from the environment: the user, the password, the domains of user and project, and that the user has a role in the project; to try those of the shell: openstack token issue',
      details: {
        status: 401,
        request_id: 'req-2',
        url: target,
        who: 'user "glance" in domain "Default"',
        source: 'the environment',
      },
    });
  });

  test.each<[string, CredentialChanges, string]>([
    ['password', { auth: { user_id: 'u1', password: 'pw' } }, 'user ID "u1"'],
    [
      'v3applicationcredential',
      { auth: { application_credential_id: 'a1', application_credential_secret: 's' } },
      'application credential ID "a1"',
    ],
    [
      'v3applicationcredential',
      { auth: { application_credential_name: 'a', application_credential_secret: 's', user_id: 'u1' } },
      'application credential "a" of user ID "u1"',
    ],
    ['token', { auth: { token: 'given-token' } }, 'the bearer of the given token'],
  ])('names for %s of %j %s', async (authType, changes, who) => {
    server().answerWith(refuse('No.'));
    const error = await loginError({ ...changes, authType });
    expect(error).toMatchObject({ code: 'AUTH_REFUSED', details: { who } });
    expect(error).toMatchObject({ message: expect.stringContaining(` as ${who}: `) as string });
  });

  test('is not tried again, by anybody: an account can be locked', async () => {
    server().answerWith(refuse('No.'));
    const { session } = openAt(`${server().origin}/v3`);
    const errors = await Promise.all([1, 2].map(() => rejectionOf(session.access(NO_SIGNAL))));
    errors.push(await rejectionOf(session.access(NO_SIGNAL)));
    expect(new Set(errors).size).toBe(1);
    expect(server().requests).toHaveLength(1);
  });

  test.each([
    ['JSON', refuse],
    ['escaped JSON', (text: string) => send(401, JSON.stringify({ message: text }).replaceAll('ü', '\\u00fc'))],
    ['text', (text: string) => send(401, text)],
    ['a page', (text: string) => send(401, `<p>${text.replaceAll('"', '&quot;')}</p>`)],
  ])('never repeats a secret that Keystone repeats in %s', async (_what, answer) => {
    const secrets = { password: 'tüp "secret" pass', token: 'gAAAA-given', application_credential_secret: 'app-s' };
    server().answerWith(answer(`I do not like ${Object.values(secrets).join(' and ')}`));
    const error = await loginError({ auth: { ...ADMIN, ...secrets } });
    expect(error).toMatchObject({ message: expect.stringContaining('I do not like') as string });
    // Word by word: the whole might stand there in another spelling.
    const text = `${String(error)} ${JSON.stringify(error)}`;
    for (const word of ['secret', 'gAAAA', 'app-s']) expect(text).not.toContain(word);
  });

  test('is AUTH_REFUSED when Keystone cannot find the token', async () => {
    const cloud = await startCloud();
    const changes = { authType: 'token', auth: { ...ADMIN, token: 'expired-token' } };
    expect(await rejectionOf(openAt(cloud.keystoneUrl, changes).session.access(NO_SIGNAL))).toMatchObject({
      code: 'AUTH_REFUSED',
      hint: 'Check the credentials from the environment: the token, which may have expired, the domains of user and project, and that the user has a role in the project; to try those of the shell: openstack token issue',
    });
  });

  test('is AUTH_FORBIDDEN with status 403', async () => {
    server().answerWith(send(403));
    expect(await loginError()).toMatchObject({ code: 'AUTH_FORBIDDEN', exitCode: 7 });
  });
});

describe('a login that does not come about', () => {
  test.each([300, 404, 405])('is CONFIG_ENDPOINT with status %i', async (status) => {
    server().answerWith(send(status));
    expect(await loginError()).toMatchObject({
      code: 'CONFIG_ENDPOINT',
      exitCode: 3,
      message: `Cannot log in at "${server().origin}/v3/auth/tokens": there is no Keystone (HTTP ${status})`,
    });
  });

  test.each([
    [send(400, 'Expecting to find domain in user'), 'REMOTE_STATUS', 'Expecting to find domain in user'],
    [send(201, '<html>'), 'REMOTE_ANSWER', 'the answer is no JSON object'],
    [sendJson(201, { token: TOKEN }), 'REMOTE_ANSWER', 'the answer holds no token'],
    [sendJson(201, { access: {} }, { 'x-subject-token': 't' }), 'REMOTE_ANSWER', 'the answer holds no token'],
    [redirect(302, 'http://127.0.0.1:1/v3/auth/tokens'), 'REMOTE_REDIRECT', 'where no token may go'],
  ])('is told for case %#', async (answer, code, text) => {
    server().answerWith(answer);
    expect(await loginError()).toMatchObject({ code, message: expect.stringContaining(text) as string });
    expect(server().requests).toHaveLength(1);
  });

  test('is tried again while the failure may pass', async () => {
    const answer = sendJson(201, { token: TOKEN }, { 'x-subject-token': 't' });
    server().answerWith(send(503, '', { 'retry-after': '3' }), cutAfter(1, Buffer.from('{}')), answer);
    const changes = { endpoint: { override: 'http://g' } };
    const { session, clock } = openAt(`${server().origin}/v3`, changes);
    expect(await session.access(NO_SIGNAL)).toMatchObject({ imageEndpoint: 'http://g/v2' });
    expect(server().requests).toHaveLength(3);
    expect(clock.sleeps).toHaveLength(2);
    expect(clock.sleeps[0]).toBeGreaterThanOrEqual(3);
  });

  test('fails after the retries, and may be tried anew later', async () => {
    server().answerWith(reset());
    const { session } = openAt(`${server().origin}/v3`);
    expect(await rejectionOf(session.access(NO_SIGNAL))).toMatchObject({ code: 'REMOTE_CUT', exitCode: 8 });
    expect(server().requests).toHaveLength(3);
    await rejectionOf(session.access(NO_SIGNAL));
    expect(server().requests).toHaveLength(6);
  });

  test('wants a project where it has no catalog', async () => {
    const cloud = await startCloud();
    const auth = { user_id: 'user-glance', password: 'open sesame' };
    expect(await rejectionOf(openAt(cloud.keystoneUrl, { auth }).session.access(NO_SIGNAL))).toMatchObject({
      code: 'CONFIG_CREDENTIALS',
      message: 'Cannot find Glance: the login is for no project, so it has no catalog',
      hint: 'Add project_id, or project_name and project_domain_name, to the credentials from the environment, or give them: <this command> --os-project-name service --os-project-domain-name Default; which projects it may be for: openstack federation project list',
    });
  });

  test('tells the regions where the one asked for is not', async () => {
    const cloud = await startCloud();
    const endpoint = { region: 'RegionThree' };
    expect(await rejectionOf(openAt(cloud.keystoneUrl, { endpoint }).session.access(NO_SIGNAL))).toMatchObject({
      code: 'CONFIG_ENDPOINT',
      hint: expect.stringContaining('public in RegionOne') as string,
    });
  });
});
