import type { Credentials } from '../../credentials/credentials.ts';
import type { Factor } from './factor.ts';
import { givenToken } from './given-token.ts';

/**
 * A token that somebody else got, exchanged for one of this run: its scope may differ, and it comes with a catalog. It
 * ends when the first one does.
 *
 * @throws ConfigError CONFIG_CREDENTIALS without a token
 */
export function tokenFactor(credentials: Credentials): Factor {
  const token = givenToken(credentials);
  return {
    who: 'the bearer of the given token',
    whatToCheck: 'the token, which may have expired',
    prove: async () => ({ method: 'token', data: { id: token }, headers: { 'x-auth-token': token } }),
  };
}
