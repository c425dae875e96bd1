import { describe, expect, test } from 'vitest';
import { findEndpoints } from '../../../src/openid/endpoints.ts';
import type { ProviderSettings } from '../../../src/openid/provider.ts';
import { redirect, send, sendJson } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import { settingsAt } from '../../support/openid/settings.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { TLS } from '../../support/tls.ts';
import { DEFAULT_TLS, NO_SIGNAL, useTransports } from '../../support/transports.ts';

const plain = useHttpServer();
const secure = useHttpServer(TLS.localhost);
const transport = useTransports();

const CLIENT = { type: 'client_credentials', name: 'logins of clients' };
const DEVICE = { type: 'urn:ietf:params:oauth:grant-type:device_code', name: 'logins elsewhere', isForDevices: true };

function find(server: typeof plain, more: Partial<ProviderSettings> = {}, grant: typeof CLIENT = CLIENT) {
  const settings = settingsAt('http://unused.example', {
    discoveryEndpoint: new URL('/any/path?tenant=7', server().origin),
    tokenEndpoint: undefined,
    deviceEndpoint: undefined,
    ...more,
  });
  const options = { transport: transport({ tls: { ...DEFAULT_TLS, ca: TLS.ca } }), grant };
  return findEndpoints(settings, options, NO_SIGNAL);
}

describe('findEndpoints', () => {
  test('reads the document where it is said to be, whoever it says that it is', async () => {
    plain().answerWith(
      sendJson(200, {
        issuer: 'https://somebody.else',
        token_endpoint: 'https://idp.example/token',
        device_authorization_endpoint: 'http://idp.example/device',
        token_endpoint_auth_methods_supported: ['client_secret_post', 7],
      }),
    );
    expect(await find(plain, {}, DEVICE)).toEqual({
      issuer: 'https://somebody.else',
      token: new URL('https://idp.example/token'),
      device: new URL('http://idp.example/device'),
      authMethods: ['client_secret_post'],
    });
    expect(plain().onlyRequest).toMatchObject({ method: 'GET', url: '/any/path?tenant=7' });
    expect(plain().onlyRequest.headers['authorization']).toBeUndefined();
  });

  test('follows the document to another path of its server', async () => {
    plain().answerWith(redirect(302, '/moved'), sendJson(200, { token_endpoint: 'https://idp.example/token' }));
    expect(await find(plain)).toMatchObject({ token: new URL('https://idp.example/token') });
  });

  test('takes what the settings say instead of the document, which is read all the same', async () => {
    plain().answerWith(sendJson(200, { issuer: '', token_endpoint: 'no URL', device_authorization_endpoint: 7 }));
    const tokenEndpoint = new URL('https://own.example/token');
    const deviceEndpoint = new URL('https://own.example/device');
    expect(await find(plain, { tokenEndpoint, deviceEndpoint }, DEVICE)).toMatchObject({
      issuer: 'https://own.example',
      token: tokenEndpoint,
      device: deviceEndpoint,
    });
  });

  test('asks nobody where the settings say all', async () => {
    const tokenEndpoint = new URL('http://own.example/token');
    const endpoints = await find(plain, { discoveryEndpoint: undefined, tokenEndpoint });
    expect(endpoints).toMatchObject({ token: tokenEndpoint, device: undefined, authMethods: [] });
  });

  test('goes where certificates of clients are taken, for a client that has one', async () => {
    const document = {
      token_endpoint: 'https://idp.example/token',
      mtls_endpoint_aliases: { token_endpoint: 'https://mtls.example/token' },
    };
    plain().answerWith(sendJson(200, document));
    expect(await find(plain, { hasCertificate: true })).toMatchObject({ token: new URL('https://mtls.example/token') });
    expect(await find(plain)).toMatchObject({ token: new URL('https://idp.example/token') });
  });

  test('refuses a grant that the provider does not offer, and tells what it does', async () => {
    plain().answerWith(sendJson(200, { grant_types_supported: ['authorization_code', 7, '\u001b[31m'] }));
    const url = `${plain().origin}/any/path`;
    expect(await rejectionOf(find(plain))).toMatchObject({
      code: 'CONFIG_CREDENTIALS',
      exitCode: 3,
      message: `Cannot log in at the identity provider of "${url}": it does not offer logins of clients (client_credentials)`,
      hint: `Choose another way to log in with auth_type, or have it offered there; what it offers: curl -s ${url}`,
      details: { provider: url, grant_types_supported: ['authorization_code', '\\x1b[31m'] },
    });
  });

  test.each([{}, { grant_types_supported: [] }, { grant_types_supported: 'x' }])(
    'takes %j for a provider that may offer anything',
    async (more) => {
      plain().answerWith(sendJson(200, { token_endpoint: 'https://idp.example/token', ...more }));
      expect(await find(plain)).toMatchObject({ token: new URL('https://idp.example/token') });
    },
  );

  test.each([
    [
      'http://idp.example/token',
      'names "http://idp.example/token" as token_endpoint, where a secret would go without TLS',
    ],
    ['ftp://idp.example/token', 'names something as token_endpoint that is no URL of http or https'],
    ['https://user:pw@idp.example/token', 'names something as token_endpoint that is no URL of http or https'],
    ['/token', 'names something as token_endpoint that is no URL of http or https'],
  ])('refuses %s in a document that came over TLS', async (endpoint, state) => {
    secure().answerWith(sendJson(200, { token_endpoint: endpoint }));
    expect(await rejectionOf(find(secure))).toMatchObject({
      code: 'REMOTE_ANSWER',
      message: `Cannot log in at the identity provider of "${secure().origin}/any/path": its document ${state}`,
      hint: 'Have the document corrected, or say where it is: <this command> --os-access-token-endpoint https://idp.example.org/token',
    });
  });

  test.each([
    [CLIENT, 'token_endpoint', '--os-access-token-endpoint'],
    [DEVICE, 'device_authorization_endpoint', '--os-device-authorization-endpoint'],
  ])('says how to name the endpoint that is missing for %j', async (grant, name, flag) => {
    plain().answerWith(sendJson(200, grant === CLIENT ? {} : { token_endpoint: 'https://idp.example/token' }));
    const error = await rejectionOf(find(plain, {}, grant));
    expect(error).toMatchObject({
      code: 'CONFIG_CREDENTIALS',
      message: `Cannot log in at the identity provider of "${plain().origin}/any/path": its document names no ${name}`,
      hint: `Check discovery_endpoint, or say where it is: <this command> ${flag} https://idp.example.org/token`,
    });
    expect(await rejectionOf(find(plain, { discoveryEndpoint: undefined }))).toMatchObject({
      message: 'Cannot log in at the identity provider: there is no token_endpoint',
    });
  });

  test.each([
    ['a page', send(200, '<html>Welcome</html>'), 'the answer is no JSON object'],
    ['a list', sendJson(200, []), 'the answer is no JSON object'],
    ['a refusal', send(401, 'No'), 'the server says "No" (HTTP 401)'],
    ['nothing', send(404), 'the server answered with an error (HTTP 404)'],
  ])('says where documents are when %s answers', async (_what, answer, state) => {
    plain().answerWith(answer);
    expect(await rejectionOf(find(plain))).toMatchObject({
      code: 'CONFIG_CREDENTIALS',
      message: `Cannot read the document of the identity provider at "${plain().origin}/any/path": ${state}`,
      hint: `Check discovery_endpoint, which ends in /.well-known/openid-configuration with most providers: curl -i ${plain().origin}/any/path`,
    });
  });

  test('leaves it to another try when the provider is busy', async () => {
    plain().answerWith(send(503));
    expect(await rejectionOf(find(plain))).toMatchObject({ code: 'REMOTE_STATUS', isTransient: true });
  });
});
