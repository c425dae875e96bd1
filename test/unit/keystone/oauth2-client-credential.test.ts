import { beforeEach, describe, expect, test } from 'vitest';
import type { Credentials } from '../../../src/credentials/credentials.ts';
import { openSession } from '../../../src/keystone/open-session.ts';
import { FakeClock } from '../../support/clocks.ts';
import type { Cloud } from '../../support/cloud/cloud.js';
import { adminOf } from '../../support/cloud/credentials.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { rejectionOf, thrownBy } from '../../support/thrown.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';

const startCloud = useClouds();
const transport = useTransports();

const APPLICATION = {
  id: 'app-1',
  name: 'prefetcher',
  secret: 'app-secret',
  userId: 'user-glance',
  projectId: 'project-service',
};

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud({ applicationCredentials: [APPLICATION] });
  // As Keystone answers at V3/OS-OAUTH2/token.
  cloud.intercept(({ path, headers, body }, response) => {
    if (path !== '/v3/OS-OAUTH2/token') return false;
    const isKnown = headers.authorization === `Basic ${btoa('app-1:app-secret')}`;
    const isMeant = isKnown && body === 'grant_type=client_credentials';
    const refusal = { error: 'invalid_client', error_description: 'Client authentication failed.' };
    const answer = isMeant ? { access_token: 'second-token', expires_in: 3600, token_type: 'Bearer' } : refusal;
    response.writeHead(isMeant ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    return true;
  });
});

const sessionOf = (changes: Credentials['auth'] = {}) => {
  const auth = {
    oauth2_endpoint: `${cloud.keystoneUrl}/v3/OS-OAUTH2/token`,
    oauth2_client_id: 'app-1',
    oauth2_client_secret: 'app-secret',
    ...changes,
  };
  const credentials = adminOf(cloud, { authType: 'v3oauth2clientcredential', auth });
  return openSession({ credentials, transport: transport(), clock: new FakeClock(), random: () => 0, retries: 0 });
};

describe("a login as a client of Keystone's OAuth 2.0 API", () => {
  test('sends both tokens with every request', async () => {
    const access = await sessionOf().access(NO_SIGNAL);
    expect(access).toMatchObject({ isAdmin: true, headers: { authorization: 'Bearer second-token' } });
    expect(access.headers['x-auth-token']).toMatch(/^gAAAA/);
    const [login] = cloud.requests.filter(({ path }) => path === '/v3/auth/tokens');
    const identity = {
      methods: ['application_credential'],
      application_credential: { id: 'app-1', secret: 'app-secret' },
    };
    expect(JSON.parse(login?.body ?? '')).toEqual({ auth: { identity } });
  });

  test('is refused in one sentence when Keystone does not know the client', async () => {
    const error = await rejectionOf(sessionOf({ oauth2_client_secret: 'wrong' }).access(NO_SIGNAL));
    expect(error).toMatchObject({ code: 'AUTH_REFUSED', exitCode: 7 });
    expect(JSON.stringify(error)).not.toContain('wrong');
  });

  test.each([{ oauth2_endpoint: 'no URL' }, { oauth2_client_id: undefined }, { oauth2_client_secret: undefined }])(
    'is refused before anything is sent with %j',
    (changes) => {
      // exactOptionalPropertyTypes: a key that is not set.
      const given = changes as Credentials['auth'];
      expect(thrownBy(() => sessionOf(given))).toMatchObject({ code: 'CONFIG_CREDENTIALS', exitCode: 3 });
      expect(cloud.requests).toEqual([]);
    },
  );
});
