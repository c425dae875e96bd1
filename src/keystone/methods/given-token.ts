import type { Credentials } from '../../credentials/credentials.ts';
import { credentialsError } from '../credentials-error.ts';

/**
 * The token that the credentials hold.
 *
 * @throws ConfigError CONFIG_CREDENTIALS without one
 */
export function givenToken(credentials: Credentials): string {
  const { token } = credentials.auth;
  if (token !== undefined) return token;
  throw credentialsError(credentials, {
    state: 'there is no token',
    hint: 'Choose another way to log in with auth_type, or set token to what this prints: openstack token issue -f value -c id',
  });
}
