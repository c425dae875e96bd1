import type { Credentials } from '../../credentials/credentials.ts';
import { givenToken } from './given-token.ts';
import type { FixedMethod } from './method.ts';

/**
 * A token that goes to a given endpoint as it is. Keystone is not asked.
 *
 * @throws ConfigError CONFIG_CREDENTIALS without a token
 */
export function adminTokenMethod(credentials: Credentials): FixedMethod {
  return { kind: 'fixed', token: givenToken(credentials), endpoint: credentials.auth.endpoint };
}
