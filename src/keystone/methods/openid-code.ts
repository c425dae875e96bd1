import type { Credentials } from '../../credentials/credentials.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import { credentialsError } from '../credentials-error.ts';
import { federatedMethod } from './federated.ts';
import type { LoginMethod } from './method.ts';
import { providerSettings } from './openid-settings.ts';

/**
 * A code that an OpenID provider gave for a login in a browser. It is good for one login, and for a minute or so.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where something is missing, or is not what it must be
 */
export function openIdCodeMethod(credentials: Credentials): LoginMethod {
  const settings = providerSettings(credentials);
  const { code, redirect_uri: redirectUri } = credentials.auth;
  if (code === undefined) {
    throw credentialsError(credentials, {
      state: 'there is no authorization code',
      hint: `Set code to the one in the address that the browser ended at, or log in on another device: ${THIS_COMMAND} --os-auth-type v3oidcdeviceauthz`,
    });
  }
  return federatedMethod(credentials, {
    who: `a person with client ${JSON.stringify(settings.clientId)}`,
    async getBearer(means, signal) {
      const { openIdProvider } = await import('../../openid/openid-client-provider.ts');
      return openIdProvider(settings, means).codeToken(code, redirectUri, signal);
    },
  });
}
