import type { Credentials } from '../../credentials/credentials.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import { credentialsError } from '../credentials-error.ts';
import { describeUser, userOf } from '../user.ts';
import type { Factor } from './factor.ts';

/**
 * A user and a password.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where one of them is missing, or a name lacks its domain
 */
export function passwordFactor(credentials: Credentials): Factor {
  const { password } = credentials.auth;
  const user = userOf(credentials);
  if (user === undefined || password === undefined) {
    throw credentialsError(credentials, {
      state: user === undefined ? 'they name no user' : 'there is no password',
      hint: `Set username, user_domain_name and password, choose another way to log in with auth_type, or name a cloud of clouds.yaml: ${THIS_COMMAND} --os-cloud admin`,
    });
  }
  return {
    who: describeUser(user),
    whatToCheck: 'the user, the password',
    prove: async () => ({ method: 'password', data: { user: { ...user, password } } }),
  };
}
