// Providers, and whatever stands before them, may answer anything. A login ends with a token or with an error that says
// why, soon, and no terminal obeys what is shown; nothing that was sent in confidence is in it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CacheError } from '../../src/errors/cache-error.ts';
import { openIdProvider } from '../../src/openid/openid-client-provider.ts';
import type { DevicePrompt, Provider, ProviderSettings } from '../../src/openid/provider.ts';
import { printable } from '../../src/text/printable.ts';
import { FakeClock } from '../support/clocks.ts';
import { sendJson, sendRaw } from '../support/http-answers.ts';
import { useHttpServer } from '../support/http-server.ts';
import type { Answer } from '../support/loopback-server.ts';
import { settingsAt } from '../support/openid/settings.ts';
import { patienceMs, rounds } from '../support/rounds.ts';
import { NO_SIGNAL, useTransports } from '../support/transports.ts';
import { type Trouble, trouble, troubledAnswer } from '../support/troubled-answers.ts';

const server = useHttpServer();
const transport = useTransports();

const SECRETS = [
  'cache secret',
  'wonderland',
  '246810',
  'the-device-code',
  'an-access-token',
  btoa('glance-cache:cache secret'),
];

/** What is asked, and what the provider says when it is well: each answer in its turn, the last one for ever. */
interface Way {
  readonly settings: (origin: string) => Partial<ProviderSettings>;
  readonly well: (origin: string) => readonly unknown[];
  readonly ask: (provider: Provider, show: (prompt: DevicePrompt) => Promise<void>) => Promise<string>;
}

const TOKEN = {
  access_token: 'an-access-token',
  token_type: 'Bearer',
  expires_in: 300,
  id_token: 'a.b.c',
  scope: 'openid',
};
const BEGUN = {
  device_code: 'the-device-code',
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://idp.example/device',
  verification_uri_complete: 'https://idp.example/device?code',
  expires_in: 30,
  interval: 5,
};
const REFUSED = { error: 'invalid_grant', error_description: 'wrong: wonderland cache secret 246810' };
const TURNED_DOWN = { error: 'access_denied', error_description: 'wrong: cache secret' };

const askForUser: Way['ask'] = (provider) =>
  provider.userToken({ username: 'alice', password: 'wonderland', others: { totp: '246810' } }, NO_SIGNAL);
const askForDevice: Way['ask'] = (provider, show) => provider.deviceToken({ challengeMethod: 'S256', show }, NO_SIGNAL);

const WAYS: readonly Way[] = [
  { settings: () => ({}), well: () => [TOKEN], ask: (provider) => provider.clientToken(NO_SIGNAL) },
  { settings: () => ({}), well: () => [REFUSED], ask: askForUser },
  { settings: () => ({ tokenType: 'id_token' }), well: () => [TOKEN], ask: askForUser },
  {
    settings: (origin) => ({ discoveryEndpoint: new URL('/d', origin), tokenEndpoint: undefined }),
    well: (origin) => [
      {
        issuer: origin,
        token_endpoint: `${origin}/token`,
        grant_types_supported: ['client_credentials', 'password'],
        token_endpoint_auth_methods_supported: ['client_secret_jwt', 'client_secret_basic'],
      },
      TOKEN,
    ],
    ask: askForUser,
  },
  { settings: () => ({}), well: () => [BEGUN, { error: 'authorization_pending' }, TOKEN], ask: askForDevice },
  { settings: () => ({}), well: () => [BEGUN, { error: 'slow_down' }, TURNED_DOWN], ask: askForDevice },
];

/** The answers, of which one has that trouble. */
function answersWith(well: readonly unknown[], place: number, how: Trouble): readonly Answer[] {
  return well.map((value, index) =>
    index === place % well.length
      ? sendRaw(troubledAnswer(how, value))
      : sendJson(typeof value === 'object' && value !== null && 'error' in value ? 400 : 200, value),
  );
}

test(
  'a login ends with a token or an error of ours whatever a provider answers',
  async () => {
    const means = { transport: transport(), clock: new FakeClock() };
    const round = fc.asyncProperty(fc.constantFrom(...WAYS), fc.nat(2), trouble, async (way, place, how) => {
      const { origin } = server();
      server().answerWith(...answersWith(way.well(origin), place, how));
      const shown: string[] = [];
      const show = async ({ page, code, pageWithCode = '' }: DevicePrompt): Promise<void> => {
        shown.push(page, code, pageWithCode);
      };
      const provider = openIdProvider(settingsAt(origin, way.settings(origin)), means);
      const outcome = await way.ask(provider, show).catch((error: unknown) => error);
      for (const text of shown) expect(printable(text)).toBe(text);
      if (typeof outcome === 'string') {
        expect(outcome).toMatch(/^[\x21-\x7e]+$/);
        return;
      }
      expect(outcome).toBeInstanceOf(CacheError);
      const { message, hint = '', details = {} } = outcome as CacheError;
      expect(printable(message)).toBe(message);
      expect(message.length).toBeLessThan(2000);
      const told = [message, hint, JSON.stringify(details)].join(' ');
      for (const secret of SECRETS) expect(told).not.toContain(secret);
    });
    await fc.assert(round, { numRuns: rounds(120, 20_000) });
  },
  patienceMs(60_000),
);
