/**
 * A way to become somebody to Glance. One file per way; {@link chooseMethod} knows them all.
 */
import type { Transport } from '../../http/transport.ts';
import type { Clock } from '../../time/clock.ts';
import type { Interaction } from '../interaction.ts';
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
   * Logs in once. Not tried again here.
   *
   * @throws AuthError AUTH_REFUSED, AUTH_FORBIDDEN; RemoteError; ConfigError; the signal's reason
   */
  login(means: LoginMeans, signal: AbortSignal): Promise<IssuedToken>;
}

/** What a login may use. */
export interface LoginMeans {
  readonly identity: IdentityApi;
  /** For what a method asks of others before Keystone, such as an identity provider. */
  readonly transport: Transport;
  /** Whom to ask, and to show something; undefined where nobody is there. */
  readonly interaction: Interaction | undefined;
  readonly clock: Clock;
  /** How often the same session has logged in: what was good once is spent then. */
  readonly loginsBefore: number;
  /** Hears every secret that comes up on the way, before it is used. */
  readonly onSecret: (text: string) => void;
}

/** Has all there is to have: nothing is asked of Keystone, and nothing can be renewed. */
export interface FixedMethod {
  readonly kind: 'fixed';
  /** What identifies the caller to Glance; goes with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** What of the headers no output may contain. */
  readonly secrets: readonly string[];
  /** What it is that Glance may refuse: `the token`. */
  readonly what: string;
  /** What to do when Glance at an endpoint refuses. */
  whatToCheck(endpoint: string): string;
  /** Where Glance is, unless an override says otherwise. */
  readonly endpoint: string | undefined;
}

/** One proof of who somebody is. */
export interface AuthPart {
  /** As Keystone names the method: `password`. */
  readonly method: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** What of it is secret and not in the credentials: it came up on the way, and an answer may repeat it. */
  readonly secrets?: readonly string[];
}

/** What a login asks of Keystone. */
export interface TokenRequest {
  /** At least one. */
  readonly parts: readonly AuthPart[];
  readonly scope: Scope | undefined;
  /** What Keystone gave for proofs that were right and not enough. Secret. */
  readonly receipt?: string;
  /** Instead of what the method has. */
  readonly whatToCheck?: string;
}

/** Who an identity provider says somebody is. */
export interface FederatedIdentity {
  /** By its name in Keystone. */
  readonly identityProvider: string;
  /** By its name in Keystone. */
  readonly protocol: string;
  /** The provider's token. Secret. */
  readonly bearer: string;
}

/** Keystone's side of a login. */
export interface IdentityApi {
  /** Where version 3 of the API is: ends in `/v3`. Looked up once. */
  url(signal: AbortSignal): Promise<string>;
  /**
   * Asks for a token.
   *
   * @throws AuthError AUTH_REFUSED, which is a {@link MissingFactorsError} where there were too few proofs,
   * AUTH_FORBIDDEN; RemoteError; ConfigError CONFIG_ENDPOINT where no Keystone is
   */
  requestToken(request: TokenRequest, signal: AbortSignal): Promise<IssuedToken>;
  /**
   * Asks for the token, for no project, of somebody whom an identity provider vouches for:
   * https://docs.openstack.org/api-ref/identity/v3-ext/#request-an-unscoped-os-federation-token
   *
   * @throws as {@link requestToken}
   */
  requestFederatedToken(identity: FederatedIdentity, signal: AbortSignal): Promise<IssuedToken>;
}
