// A person logs in at a real provider, on another device: the pages are those of oidc-provider.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Interaction } from '../../../src/keystone/interaction.ts';
import { openSession } from '../../../src/keystone/open-session.ts';
import { FakeClock } from '../../support/clocks.ts';
import { adminOf } from '../../support/cloud/credentials.ts';
import { answerNext } from '../../support/cloud/scripted.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { sendJson } from '../../support/http-answers.ts';
import { type Person, visit } from '../../support/openid/browser.ts';
import { changeAnswer } from '../../support/openid/hurry.ts';
import type { OpenIdProvider } from '../../support/openid/provider.js';
import { recorded } from '../../support/openid/recorded.ts';
import { trusting, useProviders } from '../../support/openid/use-providers.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';

const startProvider = useProviders();
const startCloud = useClouds();
const transport = useTransports();

/** Somebody who begins once the program has asked that often; the time is the test's own. */
class PatientClock extends FakeClock {
  /** What is done in which wait, counted from 1. */
  readonly #acts: Readonly<Record<number, () => unknown>>;

  constructor(acts: Readonly<Record<number, () => unknown>>) {
    super();
    this.#acts = acts;
  }

  override async sleep(seconds: number, signal: AbortSignal): Promise<void> {
    await super.sleep(seconds, signal);
    await this.#acts[this.sleeps.length]?.();
    signal.throwIfAborted();
  }
}

/** A program that somebody sits beside. */
class Desk implements Interaction {
  readonly lines: string[] = [];

  async tell(line: string): Promise<void> {
    this.lines.push(line);
  }

  canAsk(): boolean {
    return false;
  }

  async ask(): Promise<undefined> {
    throw new Error('Nothing is asked for');
  }

  /** Does what the first line says. */
  async obey(person: Partial<Person> = {}): Promise<string> {
    const [, page = '', code = ''] = /^To log in, open (\S+) on any device, and enter the code (\S+)$/.exec(
      this.lines[0] ?? '',
    ) ?? [undefined];
    return visit(page, { code, ...person });
  }
}

interface Try {
  readonly auth?: Readonly<Record<string, string>>;
  readonly client?: 'glance-cache' | 'public';
  readonly acts?: (desk: Desk) => Readonly<Record<number, () => unknown>>;
}

async function begin({ auth = {}, client = 'public', acts = (desk) => ({ 1: () => desk.obey() }) }: Try = {}) {
  const provider = await startProvider();
  const cloud = await startCloud({ federation: trusting(provider) });
  const desk = new Desk();
  const clock = new PatientClock(acts(desk));
  const wire = recorded(transport());
  const credentials = adminOf(cloud, {
    authType: 'v3oidcdeviceauthz',
    auth: {
      identity_provider: 'sso',
      protocol: 'openid',
      client_id: client,
      ...(client === 'public' ? {} : { client_secret: 'cache secret' }),
      discovery_endpoint: provider.discoveryUrl,
      project_name: 'service',
      project_domain_name: 'Default',
      ...auth,
    },
  });
  const session = openSession({ credentials, transport: wire, clock, random: () => 0, retries: 3, interaction: desk });
  return { provider, cloud, desk, clock, wire, session };
}

/** What is refused instead of an answer, once. */
function refuseOnce(provider: OpenIdProvider, status: number, body: unknown): () => boolean {
  let isDone = false;
  provider.intercept((request, response) => {
    if (request.url !== '/token' || isDone) return false;
    isDone = true;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    return true;
  });
  return () => isDone;
}

test.each([
  ['public', {}],
  ['public', { code_challenge_method: 'S256' }],
  ['glance-cache', { code_challenge_method: 'plain' }],
  ['public', { access_token_type: 'access_token', openid_scope: 'openid email' }],
] as const)('a person confirms a login of %s with %j after a while', async (client, auth) => {
  const acts = (desk: Desk) => ({ 3: () => desk.obey() });
  const { session, clock, wire, desk, provider } = await begin({ client, auth, acts });
  expect(await session.access(NO_SIGNAL)).toMatchObject({ isAdmin: true });
  expect(clock.sleeps).toEqual([5, 5, 5]);
  expect(desk.lines).toEqual([
    expect.stringMatching(/^To log in, open http:\/\/127\.0\.0\.1:\d+\/device on any device, and enter the code \S+$/),
    expect.stringMatching(/^or open http:\/\/127\.0\.0\.1:\d+\/device\?user_code=\S+$/),
    'Waiting for that, 10 min at most',
  ]);
  const [begun] = wire.formsTo(provider.deviceUrl);
  const asked = wire.formsTo(provider.tokenUrl);
  expect(begun).toMatchObject({
    client_id: client,
    scope: 'openid_scope' in auth ? auth.openid_scope : 'openid profile',
  });
  expect(asked).toHaveLength(3);
  // oidc-provider does not look at PKCE here.
  const method = 'code_challenge_method' in auth ? auth.code_challenge_method : undefined;
  expect(begun?.['code_challenge_method']).toBe(method);
  const verifier = asked[0]?.['code_verifier'] ?? '';
  const hash = createHash('sha256').update(verifier).digest('base64url');
  expect(begun?.['code_challenge']).toBe(method === undefined ? undefined : method === 'plain' ? verifier : hash);
  expect(verifier.length).toBe(method === undefined ? 0 : 43);
});

test('the page that has the code already works as well', async () => {
  const acts = (desk: Desk) => ({
    1: () => visit(desk.lines[1]?.replace('or open ', '') ?? '', { code: 'not asked for' }),
  });
  const { session } = await begin({ acts });
  expect(await session.access(NO_SIGNAL)).toMatchObject({ isAdmin: true });
});

test('a person who turns the login down ends it', async () => {
  const acts = (desk: Desk) => ({ 1: () => desk.obey({ turnsDown: true }) });
  const { session, provider } = await begin({ acts });
  expect(await rejectionOf(session.access(NO_SIGNAL))).toMatchObject({
    code: 'AUTH_REFUSED',
    message: `Cannot log in at the identity provider "${provider.tokenUrl}" as client "public": it says "access_denied: End-User aborted interaction" (HTTP 400)`,
    hint: 'The provider or the person turned the login down; allow it there, and run it again: <this command>',
  });
});

test('a person who does not come is waited for as long as the code is good, and no longer', async () => {
  const { session, clock, provider } = await begin({ acts: () => ({}) });
  provider.intercept((request, response) => {
    if (request.url === '/device/auth') changeAnswer(response, (answer) => ({ ...answer, expires_in: 12 }));
    return false;
  });
  const error = await rejectionOf(session.access(NO_SIGNAL));
  expect(error).toMatchObject({
    code: 'AUTH_REFUSED',
    message: `Cannot log in at the identity provider "${provider.tokenUrl}" as client "public": nobody confirmed the login in time`,
  });
  expect(clock.sleeps).toEqual([5, 5, 2]);
});

test('a code that expires earlier than was said ends the wait', async () => {
  const { session, provider } = await begin();
  expect(refuseOnce(provider, 400, { error: 'expired_token' })()).toBe(false);
  expect(await rejectionOf(session.access(NO_SIGNAL))).toMatchObject({
    message: expect.stringContaining('it says "expired_token" (HTTP 400)') as string,
    hint: 'Nobody confirmed the login in time; run it again: <this command>',
  });
});

test.each([
  ['asks for patience', 400, { error: 'slow_down' }],
  ['is overloaded', 503, '<html>busy</html>'],
  ['limits how often it is asked', 429, { error: 'too_many' }],
])('a provider that %s is asked less often, for the same code', async (_what, status, body) => {
  const { session, provider, clock, wire, desk } = await begin({ acts: (desk) => ({ 2: () => desk.obey() }) });
  const isRefused = refuseOnce(provider, status, body);
  expect(await session.access(NO_SIGNAL)).toMatchObject({ isAdmin: true });
  expect(isRefused()).toBe(true);
  expect(clock.sleeps).toEqual([5, 10]);
  expect(wire.formsTo(provider.deviceUrl)).toHaveLength(1);
  expect(desk.lines).toHaveLength(3);
});

test('a connection that is cut does not end the wait', async () => {
  const { session, provider, clock, wire } = await begin({ acts: (desk) => ({ 3: () => desk.obey() }) });
  let left = 2;
  provider.intercept((request) => {
    if (request.url !== '/token' || left === 0) return false;
    left -= 1;
    request.socket.destroy();
    return true;
  });
  expect(await session.access(NO_SIGNAL)).toMatchObject({ isAdmin: true });
  expect(clock.sleeps).toEqual([5, 10, 15]);
  expect(wire.formsTo(provider.deviceUrl)).toHaveLength(1);
});

test('nobody is asked again because Keystone is busy for a moment', async () => {
  const { session, cloud, provider, wire, desk } = await begin();
  const isFederated = ({ path }: { readonly path: string }) => path.includes('OS-FEDERATION');
  const isRescoped = ({ path, method }: { readonly path: string; readonly method: string }) =>
    method === 'POST' && path.endsWith('/auth/tokens');
  const left = [
    answerNext(cloud, isFederated, sendJson(503, {}), sendJson(502, {})),
    answerNext(cloud, isRescoped, sendJson(503, {})),
  ];
  expect(await session.access(NO_SIGNAL)).toMatchObject({ isAdmin: true });
  expect(left.map((count) => count())).toEqual([0, 0]);
  expect(wire.formsTo(provider.deviceUrl)).toHaveLength(1);
  expect(desk.lines).toHaveLength(3);
});

test('a signal ends the wait at once', async () => {
  const stop = new AbortController();
  const { session, wire, provider } = await begin({ acts: () => ({ 2: () => stop.abort(new Error('stopped')) }) });
  expect(await rejectionOf(session.access(stop.signal))).toEqual(new Error('stopped'));
  expect(wire.formsTo(provider.tokenUrl)).toHaveLength(1);
});

test('what a provider has shown obeys nobody', async () => {
  const { session, provider, desk } = await begin({ acts: () => ({}) });
  provider.intercept((request, response) => {
    if (request.url === '/device/auth') {
      const texts = { user_code: '\u001b[31mRED', verification_uri: 'https://idp/\u202e\u0007', expires_in: 1 };
      changeAnswer(response, (answer) => ({ ...answer, ...texts, verification_uri_complete: '\u009b2J' }));
    }
    return false;
  });
  await rejectionOf(session.access(NO_SIGNAL));
  expect(desk.lines).toEqual([
    'To log in, open https://idp/\\u202e\\x07 on any device, and enter the code \\x1b[31mRED',
    'or open \\x9b2J',
    'Waiting for that, 1 s at most',
  ]);
});
