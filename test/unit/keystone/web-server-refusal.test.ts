import { expect, test } from 'vitest';
import { openSession } from '../../../src/keystone/open-session.ts';
import { FakeClock } from '../../support/clocks.ts';
import { adminOf } from '../../support/cloud/credentials.ts';
import { send, sendJson } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';

const transport = useTransports();
const server = useHttpServer();

const TOKEN = 'a-token-of-the-provider';
const PAGE = '<html><head><title>401</title></head><body><h1>Unauthorized</h1><p>Your browser…</p></body></html>';

const target = () => `${server().origin}/v3/OS-FEDERATION/identity_providers/sso/protocols/openid/auth`;
const start = () =>
  `Cannot log in at "${target()}" as the bearer of the given access token through "sso": the web server in front of Keystone`;

async function loginError() {
  const auth = { identity_provider: 'sso', protocol: 'openid', access_token: TOKEN };
  const credentials = adminOf({ keystoneUrl: server().origin }, { authType: 'v3oidcaccesstoken', auth });
  const clock = new FakeClock();
  const session = openSession({ credentials, transport: transport(), clock, random: () => 0, retries: 0 });
  return rejectionOf(session.access(NO_SIGNAL));
}

const refusing = (challenge: string, status = 401) =>
  send(status, PAGE, { 'content-type': 'text/html', 'www-authenticate': challenge });

test.each([
  // As mod_auth_openidc has it.
  [
    'Bearer error="invalid_token", error_description="Reference token could not be introspected"',
    'invalid_token: Reference token could not be introspected',
  ],
  ['Bearer realm="sso", error="invalid_token", error_description=""', 'invalid_token'],
  ['bearer error="invalid_token"', 'invalid_token'],
  ['Bearer realm="sso"', 'no token'],
  [`Bearer error="invalid_token", error_description="unknown: ${TOKEN}"`, 'invalid_token: unknown: ***'],
  [`Bearer error="${'x'.repeat(300)}"`, `${'x'.repeat(200)}…`],
])('the words of the web server are told: %s', async (challenge, said) => {
  server().answerWith(refusing(challenge));
  expect(await loginError()).toMatchObject({
    code: 'AUTH_REFUSED',
    exitCode: 7,
    message: `${start()} refuses the token of the identity provider, and says "${said}" (HTTP 401)`,
    hint: `Check the token in the credentials from the environment, which may have expired, access_token_type, and that the web server trusts the provider that gave the token; its log says more; what it answers: curl -i -X POST ${target()}`,
    details: { url: target(), status: 401, source: 'the environment' },
  });
});

test('a token that is not enough is something else than one that is not good', async () => {
  server().answerWith(refusing('Bearer error="insufficient_scope"', 403));
  expect(await loginError()).toMatchObject({
    code: 'AUTH_FORBIDDEN',
    message: `${start()} refuses the token of the identity provider, and says "insufficient_scope" (HTTP 403)`,
  });
});

test.each([
  ['no challenge', send(401, PAGE, { 'content-type': 'text/html' })],
  ['another challenge', refusing('Basic realm="staff"')],
  ['nothing', send(403)],
])('with %s it is told that it takes no tokens', async (_name, answer) => {
  server().answerWith(answer);
  expect(await loginError()).toMatchObject({
    exitCode: 7,
    message: expect.stringMatching(/ lets nobody in with a token at this path \(HTTP 40[13]\)$/) as string,
    hint: `Have the web server of Keystone take bearer tokens at this path, as with "AuthType auth-openidc" of mod_auth_openidc; what it answers: curl -i -X POST ${target()}`,
  });
});

test("Keystone's own words are told as everywhere", async () => {
  server().answerWith(
    sendJson(401, { error: { message: 'No rule.', code: 401 } }, { 'www-authenticate': 'Keystone uri="http://k"' }),
  );
  expect(await loginError()).toMatchObject({
    code: 'AUTH_REFUSED',
    message: expect.stringContaining('the server says "No rule." (HTTP 401)') as string,
  });
});
