import type { Credentials } from '../../credentials/credentials.ts';
import { scopeOf } from '../scope.ts';
import { givenToken } from './given-token.ts';
import type { LoginMethod } from './method.ts';

/**
 * A token that somebody else got, exchanged for one of this run: its scope may differ, and it comes with a catalog. It
 * ends when the first one does.
 *
 * @throws ConfigError CONFIG_CREDENTIALS without a token
 */
export function tokenMethod(credentials: Credentials): LoginMethod {
  const token = givenToken(credentials);
  const scope = scopeOf(credentials);
  const request = { method: 'token', data: { id: token }, scope, headers: { 'x-auth-token': token } };
  return {
    kind: 'login',
    who: 'the bearer of the given token',
    whatToCheck: 'the token may have expired, or its user may have no role in the project',
    login: (identity, signal) => identity.requestToken(request, signal),
  };
}
