import type { Credentials } from '../../credentials/credentials.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import { credentialsError } from '../credentials-error.ts';
import { federatedMethod } from './federated.ts';
import type { LoginMethod } from './method.ts';

/**
 * A token that somebody else got from the identity provider. When it has expired, there is no other one.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where something is missing
 */
export function openIdAccessTokenMethod(credentials: Credentials): LoginMethod {
  // One that comes from a file may end with a line feed.
  const accessToken = credentials.auth.access_token?.trim();
  if (accessToken === undefined) {
    throw credentialsError(credentials, {
      state: 'there is no access token',
      hint: `Set access_token to one that the identity provider gives, or choose another way to log in: ${THIS_COMMAND} --os-auth-type v3oidcclientcredentials`,
    });
  }
  return federatedMethod(credentials, {
    who: 'the bearer of the given access token',
    getBearer: async () => accessToken,
  });
}
