import { expect, test } from 'vitest';
import { openSession } from '../../../src/keystone/open-session.ts';
import { FakeClock } from '../../support/clocks.ts';
import { adminOf } from '../../support/cloud/credentials.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { trusting, useProviders } from '../../support/openid/use-providers.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';

const startProvider = useProviders();
const startCloud = useClouds();
const transport = useTransports();

const PROJECT = { project_name: 'service', project_domain_name: 'Default' };

test.each([
  ['v3oidcclientcredentials', {}],
  ['v3oidcpassword', { username: 'alice', password: 'wonderland' }],
  ['v3oidcpassword', { username: 'bob', password: 'builder', idp_otp_key: 'totp', passcode: '246810' }],
])('logs in as %s with %j', async (authType, user) => {
  const provider = await startProvider();
  const cloud = await startCloud({ federation: trusting(provider) });
  const auth = {
    ...PROJECT,
    ...user,
    identity_provider: 'sso',
    protocol: 'openid',
    client_id: 'glance-cache',
    client_secret: 'cache secret',
    discovery_endpoint: provider.discoveryUrl,
  };
  const credentials = adminOf(cloud, { authType, auth });
  const session = openSession({
    credentials,
    transport: transport(),
    clock: new FakeClock(),
    random: () => 0,
    retries: 0,
  });
  expect(await session.access(NO_SIGNAL)).toMatchObject({ isAdmin: true });
});
