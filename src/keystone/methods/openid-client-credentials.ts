import type { Credentials } from '../../credentials/credentials.ts';
import { federatedMethod } from './federated.ts';
import type { LoginMethod } from './method.ts';
import { providerSettings } from './openid-settings.ts';

/**
 * A client of an OpenID provider, as itself: for jobs, whom nobody sits beside.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where something is missing, or is not what it must be
 */
export function openIdClientCredentialsMethod(credentials: Credentials): LoginMethod {
  const settings = providerSettings(credentials);
  return federatedMethod(credentials, {
    who: `client ${JSON.stringify(settings.clientId)}`,
    async getBearer(means, signal) {
      const { openIdProvider } = await import('../../openid/openid-client-provider.ts');
      return openIdProvider(settings, means).clientToken(signal);
    },
  });
}
