import type { ProviderSettings } from '../../../src/openid/provider.ts';

/** The client that every provider of these tests knows, by the endpoints of a server. */
export function settingsAt(origin: string, more: Partial<ProviderSettings> = {}): ProviderSettings {
  return {
    discoveryEndpoint: undefined,
    tokenEndpoint: new URL('/token', origin),
    deviceEndpoint: new URL('/device/auth', origin),
    clientId: 'glance-cache',
    clientSecret: 'cache secret',
    hasCertificate: false,
    scope: 'openid profile',
    tokenType: 'access_token',
    secrets: ['cache secret', 'wonderland', '246810'],
    ...more,
  };
}
