/**
 * A way to become somebody to Glance. One file per way; {@link chooseMethod} knows them all.
 */
import type { Transport } from '../../http/transport.ts';
import type { Scope } from '../scope.ts';
import type { IssuedToken } from '../token.ts';

/** Either kind of method. */
export type AuthMethod = LoginMethod | FixedMethod;

/** Logs in to Keystone. */
export interface LoginMethod {
  readonly kind: 'login';
  /** Who logs in, for messages: `user "glance" in domain "Default"`. Never a secret. */
  readonly who: string;
  /** What may be wrong where Keystone refuses; follows a colon. */
  readonly whatToCheck: string;
  /**
   * Logs in once. Not tried again here. What a method asks of others before Keystone, such as an identity provider, it
   * asks over the API's transport.
   *
   * @throws AuthError AUTH_REFUSED, AUTH_FORBIDDEN; RemoteError; ConfigError; the signal's reason
   */
  login(identity: IdentityApi, signal: AbortSignal): Promise<IssuedToken>;
}

/** Has all there is to have: nothing is asked of Keystone, and nothing can be renewed. */
export interface FixedMethod {
  readonly kind: 'fixed';
  /** What goes with every request to Glance. */
  readonly token: string;
  /** Where Glance is, unless an override says otherwise. */
  readonly endpoint: string | undefined;
}

/** What a login asks of Keystone. */
export interface TokenRequest {
  /** As Keystone names the method: `password`. */
  readonly method: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly scope: Scope | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Keystone's side of a login. */
export interface IdentityApi {
  readonly transport: Transport;
  /** Where version 3 of the API is: ends in `/v3`. Looked up once. */
  url(signal: AbortSignal): Promise<string>;
  /**
   * Asks for a token.
   *
   * @throws AuthError AUTH_REFUSED, AUTH_FORBIDDEN; RemoteError; ConfigError CONFIG_ENDPOINT where no Keystone is
   */
  requestToken(request: TokenRequest, signal: AbortSignal): Promise<IssuedToken>;
}
