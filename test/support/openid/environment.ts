import type { Cloud } from '../cloud/cloud.js';
import type { OpenIdProvider } from './provider.js';

/** The environment of the client `glance-cache`, which logs in to a cloud through a provider; others unless said so. */
export function federatedOf(
  cloud: Pick<Cloud, 'keystoneUrl'>,
  provider: Pick<OpenIdProvider, 'discoveryUrl'>,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return {
    OS_AUTH_TYPE: 'v3oidcclientcredentials',
    OS_AUTH_URL: cloud.keystoneUrl,
    OS_IDENTITY_PROVIDER: 'sso',
    OS_PROTOCOL: 'openid',
    OS_CLIENT_ID: 'glance-cache',
    OS_CLIENT_SECRET: 'cache secret',
    OS_DISCOVERY_ENDPOINT: provider.discoveryUrl,
    OS_PROJECT_NAME: 'service',
    OS_PROJECT_DOMAIN_NAME: 'Default',
    ...more,
  };
}
