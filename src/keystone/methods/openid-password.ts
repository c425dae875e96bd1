import type { Credentials } from '../../credentials/credentials.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import { credentialsError } from '../credentials-error.ts';
import { passcodeSource } from './ask-for-passcode.ts';
import { federatedMethod } from './federated.ts';
import type { LoginMethod } from './method.ts';
import { providerSettings } from './openid-settings.ts';

/**
 * A user of an OpenID provider with a password, and with a one-time passcode where the provider wants one.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where something is missing, or is not what it must be
 */
export function openIdPasswordMethod(credentials: Credentials): LoginMethod {
  const settings = providerSettings(credentials);
  const { username, password, idp_otp_key: passcodeField } = credentials.auth;
  if (username === undefined || password === undefined) {
    throw credentialsError(credentials, {
      state: username === undefined ? 'they name no user' : 'there is no password',
      hint: `Set username and password to those at the identity provider: ${THIS_COMMAND} --os-username NAME`,
    });
  }
  const passcodeFor = passcodeSource();
  const who = `user ${JSON.stringify(username)}`;
  return federatedMethod(credentials, {
    who,
    async getBearer(means, signal) {
      const others: Record<string, string> = {};
      if (passcodeField !== undefined) {
        others[passcodeField] = await passcodeFor({ credentials, means, who }, signal);
      }
      const { openIdProvider } = await import('../../openid/openid-client-provider.ts');
      return openIdProvider(settings, means).userToken({ username, password, others }, signal);
    },
  });
}
