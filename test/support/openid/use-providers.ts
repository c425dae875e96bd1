import { afterEach } from 'vitest';
import { type OpenIdProvider, type ProviderOptions, startProvider } from './provider.js';

/** Starts providers; all are closed after each test. */
export function useProviders(): (options?: ProviderOptions) => Promise<OpenIdProvider> {
  const providers: OpenIdProvider[] = [];
  afterEach(async () => {
    for (const provider of providers.splice(0)) await provider.close();
  });
  return async (options) => {
    const provider = await startProvider(options);
    providers.push(provider);
    return provider;
  };
}

/** The federation of a cloud with a provider: its users and its client are the cloud's admin. */
export function trusting(provider: OpenIdProvider) {
  return {
    identityProvider: 'sso',
    protocol: 'openid',
    introspectionUrl: provider.introspectionUrl,
    clientId: 'keystone',
    clientSecret: 'keystone secret',
    users: { alice: 'glance', bob: 'glance', 'glance-cache': 'glance' },
  };
}
