/**
 * Shows that a login on another device tells what the person there is to know, and nothing else.
 */
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { openSession } from '../../src/keystone/open-session.ts';
import { systemClock } from '../../src/time/system-clock.ts';
import { adminOf } from '../support/cloud/credentials.ts';
import { useClouds } from '../support/cloud/use-clouds.ts';
import { sendJson } from '../support/http-answers.ts';
import { trusting, useProviders } from '../support/openid/use-providers.ts';
import { patienceMs } from '../support/rounds.ts';
import { rejectionOf } from '../support/thrown.ts';
import { NO_SIGNAL, useTransports } from '../support/transports.ts';
import { answerFor, FAILURES, OAUTH_FAILURES, spellings } from './telling.ts';

const startProvider = useProviders();
const startCloud = useClouds();
const transport = useTransports();

const SECRET = `cAnAry-cs "<&%> \\ 1/+?=~`;

/** Good for a second: what fails for a moment is tried again for as long. */
const DEVICE = {
  device_code: 'cAnAry-device-code-0123456789',
  user_code: 'WDJB-MJHT',
  verification_uri: 'https://idp.test/device',
  expires_in: 1,
  interval: 0.01,
};

/** What Keystone cannot make anything of. */
const GRANTED = sendJson(200, {
  access_token: 'cAnAry-access-token-0123456789',
  id_token: 'cAnAry.id-token.0123456789',
  refresh_token: 'cAnAry-refresh-token-0123456789',
  token_type: 'Bearer',
});

test.each(['/device/auth', '/token'])(
  'tells no secret when %s answers in any way',
  async (path) => {
    const provider = await startProvider();
    const cloud = await startCloud({ federation: trusting(provider) });
    const heard = new Set<string>();
    for (const [what, answer] of Object.entries({ ...FAILURES, ...OAUTH_FAILURES, 'a token': GRANTED })) {
      const told: string[] = [];
      const heal = [answerFor(provider, path, answer, heard)];
      if (path !== '/device/auth') heal.push(answerFor(provider, '/device/auth', sendJson(200, DEVICE), heard));
      const auth = {
        identity_provider: 'sso',
        protocol: 'openid',
        client_id: 'glance-cache',
        client_secret: SECRET,
        access_token_endpoint: provider.tokenUrl,
        device_authorization_endpoint: provider.deviceUrl,
        code_challenge_method: 'S256',
      };
      const session = openSession({
        credentials: adminOf(cloud, { authType: 'v3oidcdeviceauthz', auth }),
        transport: transport({ timeouts: { connectSec: 5, headersSec: 1, stallSec: 1 } }),
        clock: systemClock,
        random: () => 0,
        retries: 0,
        interaction: { tell: async (line) => void told.push(line), canAsk: () => false, ask: async () => undefined },
        log: (line) => void told.push(line),
      });
      const failure = await rejectionOf(session.access(NO_SIGNAL));
      told.push(inspect(failure, { depth: 10 }));
      const texts = told.join('\n');
      for (const secret of ['cAnAry', ...[...heard].flatMap(spellings)]) expect(texts, what).not.toContain(secret);
      if (path === '/token') expect(texts).toContain(DEVICE.user_code);
      for (const end of heal) end();
    }
  },
  patienceMs(120_000),
);
