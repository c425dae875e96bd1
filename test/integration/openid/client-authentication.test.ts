// A client proves to a real provider who it is, in each way that the provider knows.
import { expect, test } from 'vitest';
import { NO_PROXIES } from '../../../src/http/proxies.ts';
import { openIdProvider } from '../../../src/openid/openid-client-provider.ts';
import type { ProviderSettings } from '../../../src/openid/provider.ts';
import { FakeClock } from '../../support/clocks.ts';
import type { OpenIdProvider, ProviderClient } from '../../support/openid/provider.js';
import { recorded } from '../../support/openid/recorded.ts';
import { settingsAt } from '../../support/openid/settings.ts';
import { useProviders } from '../../support/openid/use-providers.ts';
import { useProxy } from '../../support/proxy-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { TLS } from '../../support/tls.ts';
import { DEFAULT_TLS, NO_SIGNAL, useTransports } from '../../support/transports.ts';

const startProvider = useProviders();
const transport = useTransports();
const proxy = useProxy();

const LONG = 'a secret that is long enough to sign with it';
const ALICE = { username: 'alice', password: 'wonderland', others: {} };

function clientOf(method: string, more: Partial<ProviderClient> = {}): ProviderClient {
  return {
    client_id: 'glance-cache',
    token_endpoint_auth_method: method,
    grant_types: ['client_credentials', 'password'],
    ...more,
  };
}

/** As somebody has it who knows the document only. */
function found(provider: OpenIdProvider, more: Partial<ProviderSettings> = {}): ProviderSettings {
  const discoveryEndpoint = new URL(provider.discoveryUrl);
  return settingsAt(provider.issuer, {
    discoveryEndpoint,
    tokenEndpoint: undefined,
    deviceEndpoint: undefined,
    ...more,
  });
}

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

test.each<[method: string, id: string, secret: string, sent: Readonly<Record<string, unknown>>]>([
  ['client_secret_basic', 'glance-cache', 'cache secret', { authorization: basic('glance-cache:cache secret') }],
  ['client_secret_basic', 'my-app_1.0', 'Tr0ub4dor&3:"!/=', { authorization: basic('my-app_1.0:Tr0ub4dor&3:"!/=') }],
  ['client_secret_post', 'glance-cache', '100% a+b', { client_secret: '100% a+b' }],
  ['client_secret_jwt', 'glance-cache', LONG, { client_assertion: expect.stringMatching(/^ey/) as string }],
])('the provider takes %s of %s with %s', async (method, id, secret, sent) => {
  const clients = [clientOf(method, { client_id: id, client_secret: secret })];
  const provider = await startProvider({ clients, clientAuthMethods: [method] });
  const wire = recorded(transport());
  const settings = found(provider, { clientId: id, clientSecret: secret });
  const asked = openIdProvider(settings, { transport: wire, clock: new FakeClock() });
  expect(await asked.clientToken(NO_SIGNAL)).toMatch(/^[\w-]{20,}$/);
  expect(await asked.userToken(ALICE, NO_SIGNAL)).toMatch(/^[\w-]{20,}$/);
  const posts = wire.requests.filter(({ url }) => url === provider.tokenUrl);
  expect(posts).toHaveLength(2);
  for (const { headers, body } of posts) {
    expect(headers?.['content-type']).toBe('application/x-www-form-urlencoded');
    expect({ ...headers, ...Object.fromEntries(new URLSearchParams(body)) }).toMatchObject(sent);
    // As keystoneauth has it: the ID goes once.
    expect(body?.includes('client_id')).toBe(method !== 'client_secret_basic');
  }
});

// What keystoneauth sends is tried first; a provider may have decoded it into something else, or not been able to.
test.each([
  ['glance-cache', 'p%41ss+word'],
  ['glance-cache', '100%'],
  ['urn:example:cache', 'cache secret'],
])('a provider that decodes the header as RFC 6749 has it takes %s with %s', async (id, secret) => {
  const clients = [clientOf('client_secret_basic', { client_id: id, client_secret: secret })];
  const provider = await startProvider({ clients });
  const wire = recorded(transport());
  const settings = found(provider, { clientId: id, clientSecret: secret });
  expect(await openIdProvider(settings, { transport: wire, clock: new FakeClock() }).clientToken(NO_SIGNAL)).toMatch(
    /./,
  );
  const sent = wire.requests.flatMap(({ headers }) => headers?.['authorization'] ?? []);
  const encoded = new URLSearchParams([[id, secret]]).toString().replace('=', ':');
  expect(sent).toHaveLength(2);
  expect(sent[0]).toBe(basic(`${id}:${secret}`));
  const pair = Buffer.from(sent[1]?.replace('Basic ', '') ?? '', 'base64').toString();
  expect(decodeURIComponent(pair.replaceAll('+', ' '))).toBe(`${id}:${secret}`);
  expect(pair).not.toBe(`${id}:${secret}`);
  expect(encoded).toContain('%');
});

test('a client without a secret gives its ID', async () => {
  const provider = await startProvider();
  const wire = recorded(transport());
  const settings = found(provider, { clientId: 'public', clientSecret: undefined });
  const asked = openIdProvider(settings, { transport: wire, clock: new FakeClock() });
  expect(await asked.userToken(ALICE, NO_SIGNAL)).toMatch(/./);
  expect(wire.formsTo(provider.tokenUrl)).toEqual([
    { grant_type: 'password', client_id: 'public', username: 'alice', password: 'wonderland', scope: 'openid profile' },
  ]);
});

test('a certificate of the connection stands for the secret', async () => {
  const clients = [clientOf('tls_client_auth', { tls_client_auth_subject_dn: 'CN=glance-cache-tools' })];
  const tls = { ...TLS.localhost, ca: TLS.ca, requestCert: true, rejectUnauthorized: false };
  const provider = await startProvider({ clients, tls, clientAuthMethods: ['tls_client_auth'] });
  const settings = found(provider, { clientSecret: undefined, hasCertificate: true });
  const clock = new FakeClock();
  const own = transport({ tls: { ...DEFAULT_TLS, ca: TLS.ca, ...TLS.client } });
  expect(await openIdProvider(settings, { transport: own, clock }).clientToken(NO_SIGNAL)).toMatch(/./);
  const without = transport({ tls: { ...DEFAULT_TLS, ca: TLS.ca } });
  const error = await rejectionOf(openIdProvider(settings, { transport: without, clock }).clientToken(NO_SIGNAL));
  expect(error).toMatchObject({ code: 'AUTH_REFUSED', details: { error: 'invalid_client', status: 401 } });
});

test('the provider is trusted as all servers are: by an authority, with any certificate, through a proxy', async () => {
  const provider = await startProvider({ tls: TLS.localhost });
  const clock = new FakeClock();
  const proxies = { ...NO_PROXIES, https: proxy().origin };
  const settings = found(provider);
  for (const options of [
    { tls: { ...DEFAULT_TLS, ca: TLS.ca } },
    { tls: { ...DEFAULT_TLS, insecure: true } },
    { tls: { ...DEFAULT_TLS, ca: TLS.ca }, proxies },
  ]) {
    const asked = openIdProvider(settings, { transport: transport(options), clock });
    expect(await asked.clientToken(NO_SIGNAL)).toMatch(/./);
  }
  expect(proxy().asked).toContain(`CONNECT ${new URL(provider.issuer).host}`);
  const error = await rejectionOf(openIdProvider(settings, { transport: transport(), clock }).clientToken(NO_SIGNAL));
  expect(error).toMatchObject({ code: 'REMOTE_TLS', exitCode: 8 });
});

test('the token that is wanted is the one that is taken', async () => {
  const provider = await startProvider();
  const asked = (more: Partial<ProviderSettings>) =>
    openIdProvider(found(provider, more), { transport: transport(), clock: new FakeClock() });
  const idToken = await asked({ tokenType: 'id_token' }).userToken(ALICE, NO_SIGNAL);
  const [, claims = ''] = idToken.split('.');
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ sub: 'alice', iss: provider.issuer });
  expect(await rejectionOf(asked({ tokenType: 'id_token' }).clientToken(NO_SIGNAL))).toMatchObject({
    code: 'REMOTE_ANSWER',
    message: `Cannot log in at the identity provider "${provider.tokenUrl}": its answer holds no usable id_token`,
    hint: 'Ask for one with a scope that has the word openid, or do without: <this command> --os-access-token-type access_token',
  });
});
