import type { Credentials } from '../../credentials/credentials.ts';
import { givenToken } from './given-token.ts';
import type { FixedMethod } from './method.ts';

/**
 * A token that goes to a given endpoint as it is. Keystone is not asked.
 *
 * @throws ConfigError CONFIG_CREDENTIALS without a token
 */
export function adminTokenMethod(credentials: Credentials): FixedMethod {
  return fixedToken(credentials, givenToken(credentials));
}

/** What a token that nobody issued for this run is to Glance. */
export function fixedToken({ source, auth, authType }: Credentials, token: string): FixedMethod {
  return {
    kind: 'fixed',
    headers: { 'x-auth-token': token },
    secrets: [token],
    what: 'the token',
    whatToCheck: () =>
      `Check the credentials from ${source}: a token given with auth_type ${authType} cannot be renewed; a new one: openstack token issue -f value -c id`,
    endpoint: auth.endpoint,
  };
}
