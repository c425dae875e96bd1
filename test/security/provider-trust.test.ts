/**
 * Shows that a provider gets no more trust than any server: what is sent to it goes nowhere else, what it sends is
 * bounded, and its certificate counts.
 */
import type { ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { RemoteError } from '../../src/errors/cache-error.ts';
import type { TlsSettings } from '../../src/http/tls-settings.ts';
import { openSession } from '../../src/keystone/open-session.ts';
import { systemClock } from '../../src/time/system-clock.ts';
import type { Cloud } from '../support/cloud/cloud.js';
import { adminOf } from '../support/cloud/credentials.ts';
import { answerAll } from '../support/cloud/scripted.ts';
import { useClouds } from '../support/cloud/use-clouds.ts';
import { drip, redirect, sendZeros } from '../support/http-answers.ts';
import { useHttpServer } from '../support/http-server.ts';
import type { Answer } from '../support/loopback-server.ts';
import type { OpenIdProvider } from '../support/openid/provider.js';
import { trusting, useProviders } from '../support/openid/use-providers.ts';
import { rejectionOf } from '../support/thrown.ts';
import { TLS } from '../support/tls.ts';
import { DEFAULT_TLS, NO_SIGNAL, useTransports } from '../support/transports.ts';
import { answerFor } from './telling.ts';

const startProvider = useProviders();
const startCloud = useClouds();
const transport = useTransports();
const elsewhere = useHttpServer();

/** How a login is made. */
interface LoginOptions {
  readonly tls?: Partial<TlsSettings>;
  readonly endpoint?: 'discovery' | 'token';
}

/** Logs in with the secret of a client. */
async function logIn(
  { cloud, provider }: { readonly cloud: Cloud; readonly provider: OpenIdProvider },
  { tls = {}, endpoint = 'discovery' }: LoginOptions = {},
) {
  const auth = {
    identity_provider: 'sso',
    protocol: 'openid',
    project_name: 'service',
    project_domain_name: 'Default',
    client_id: 'glance-cache',
    client_secret: 'cache secret',
    ...(endpoint === 'token'
      ? { access_token_endpoint: provider.tokenUrl }
      : { discovery_endpoint: provider.discoveryUrl }),
  };
  const session = openSession({
    credentials: adminOf(cloud, { authType: 'v3oidcclientcredentials', auth }),
    transport: transport({
      tls: { ...DEFAULT_TLS, ...tls },
      timeouts: { connectSec: 5, headersSec: 5, stallSec: 0.2 },
      authorities: () => undefined,
    }),
    clock: systemClock,
    random: () => 0,
    retries: 0,
  });
  return session.access(NO_SIGNAL);
}

async function setUp(tls?: ServerOptions) {
  const provider = await startProvider(tls === undefined ? {} : { tls });
  return { provider, cloud: await startCloud({ federation: trusting(provider) }) };
}

type World = Awaited<ReturnType<typeof setUp>>;

/** The places where a login asks somebody, each with what makes it answer something else. */
const PLACES: Readonly<Record<string, (world: World, answer: Answer) => void>> = {
  'the document of the provider': ({ provider }, answer) =>
    void answerFor(provider, new URL(provider.discoveryUrl).pathname, answer, new Set()),
  'the token of the provider': ({ provider }, answer) =>
    void answerFor(provider, new URL(provider.tokenUrl).pathname, answer, new Set()),
  'the federation of Keystone': ({ cloud }, answer) =>
    void answerAll(cloud, ({ path }) => path.startsWith('/v3/OS-FEDERATION/'), answer),
  'the token of the project': ({ cloud }, answer) =>
    void answerAll(cloud, ({ path }) => path === '/v3/auth/tokens', answer),
};

describe.each(Object.entries(PLACES))('%s', (_place, answerThere) => {
  test.each([301, 302, 303, 307, 308])('is not asked for elsewhere after a redirect with %i', async (status) => {
    const world = await setUp();
    answerThere(world, redirect(status, `http://127.0.0.1:${elsewhere().port}/token?access_token=x`));
    const error = await rejectionOf(logIn(world));
    expect(error).toMatchObject({ code: 'REMOTE_REDIRECT' });
    expect(elsewhere().requests).toEqual([]);
    expect(elsewhere().connectionCount).toBe(0);
  });

  test('is given up when there is no end to it', async () => {
    const world = await setUp();
    answerThere(world, sendZeros(200, 2 ** 40, { 'content-type': 'application/json' }));
    expect(await rejectionOf(logIn(world))).toBeInstanceOf(RemoteError);
  });

  test('is given up when it comes byte by byte', async () => {
    const world = await setUp();
    answerThere(world, drip(Buffer.alloc(1000, ' '), 1, 50));
    expect(await rejectionOf(logIn(world))).toMatchObject({ code: 'REMOTE_STALLED' });
  });
});

describe('the certificate of a provider', () => {
  test.each([
    ['that nobody vouches for', TLS.localhost, {}],
    ['that is for another name', TLS.wrongName, { ca: TLS.ca }],
    ['that has expired', TLS.expired, { ca: TLS.ca }],
  ])('%s is refused before anything is sent', async (_what, pair, tls) => {
    const world = await setUp(pair);
    for (const endpoint of ['discovery', 'token'] as const) {
      expect(await rejectionOf(logIn(world, { tls, endpoint }))).toMatchObject({ code: 'REMOTE_TLS' });
    }
    expect(world.provider.requests).toEqual([]);
    // Whoever asks for it gets it.
    expect(await logIn(world, { tls: { insecure: true } })).toMatchObject({ isAdmin: true });
  });

  test('is taken from the authority of the settings, and the client shows its own', async () => {
    const world = await setUp({ ...TLS.localhost, ca: TLS.ca, requestCert: true, rejectUnauthorized: false });
    const shown = new Set<unknown>();
    world.provider.intercept(({ socket, url }) => {
      const { subject } = (socket as TLSSocket).getPeerCertificate();
      // The stand-in for Keystone's web server has none.
      if (url !== new URL(world.provider.introspectionUrl).pathname)
        shown.add((subject as typeof subject | undefined)?.CN);
      return false;
    });
    expect(await logIn(world, { tls: { ca: TLS.ca } })).toMatchObject({ isAdmin: true });
    expect([...shown]).toEqual([undefined]);
    shown.clear();
    expect(await logIn(world, { tls: { ca: TLS.ca, ...TLS.client } })).toMatchObject({ isAdmin: true });
    expect([...shown]).toEqual(['glance-cache-tools']);
  });
});
