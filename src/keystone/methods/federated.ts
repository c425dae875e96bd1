import type { Credentials } from '../../credentials/credentials.ts';
import { AuthError, RemoteError } from '../../errors/cache-error.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import { credentialsError } from '../credentials-error.ts';
import { scopeOf } from '../scope.ts';
import type { IssuedToken } from '../token.ts';
import type { LoginMeans, LoginMethod } from './method.ts';

/** How somebody becomes known to an identity provider. */
export interface FederatedLogin {
  /** Who that is, for messages. Never a secret. */
  readonly who: string;
  /**
   * Gets the provider's token.
   *
   * @throws as {@link LoginMethod.login}
   */
  getBearer(means: LoginMeans, signal: AbortSignal): Promise<string>;
}

/**
 * A login through an identity provider that Keystone trusts: its token becomes one of Keystone that is for no project,
 * and that one becomes one for the project. keystoneauth does not ask for the second one when only `system_scope` is set.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where the provider or the protocol is missing, or the scope cannot be
 */
export function federatedMethod(credentials: Credentials, { who, getBearer }: FederatedLogin): LoginMethod {
  const { identity_provider: identityProvider, protocol } = credentials.auth;
  if (identityProvider === undefined || protocol === undefined) {
    throw credentialsError(credentials, {
      state: identityProvider === undefined ? 'they name no identity provider' : 'they name no protocol',
      hint: `Set identity_provider and protocol to the names they have in Keystone: ${THIS_COMMAND} --os-identity-provider NAME --os-protocol openid`,
    });
  }
  const scope = scopeOf(credentials);
  const exchange = async (bearer: string, { identity, onSecret }: LoginMeans, signal: AbortSignal) => {
    const unscoped = await identity.requestFederatedToken({ identityProvider, protocol, bearer }, signal);
    if (scope === undefined) return unscoped;
    const { token } = unscoped;
    onSecret(token);
    const part = { method: 'token', data: { id: token }, headers: { 'x-auth-token': token }, secrets: [token] };
    return identity.requestToken({ parts: [part], scope }, signal);
  };
  // What took a person, or a passcode that is good once, is not asked for again because Keystone was busy for a moment.
  let bearer: string | undefined;
  const login = async (means: LoginMeans, signal: AbortSignal): Promise<IssuedToken> => {
    const isKept = bearer !== undefined;
    bearer ??= await getBearer(means, signal);
    means.onSecret(bearer);
    try {
      const issued = await exchange(bearer, means, signal);
      bearer = undefined;
      return issued;
    } catch (error) {
      // Nor because somebody else gave up.
      if (signal.aborted || (error instanceof RemoteError && error.isTransient)) throw error;
      bearer = undefined;
      // One that was kept may have expired meanwhile.
      if (isKept && error instanceof AuthError) return login(means, signal);
      throw error;
    }
  };
  return {
    kind: 'login',
    who: `${who} through ${JSON.stringify(identityProvider)}`,
    // It is told about the second request only.
    whatToCheck:
      'the project and its domain, and that the mapping of the identity provider gives the user a role in it, as the login itself was good',
    login,
  };
}
