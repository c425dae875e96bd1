/**
 * An OpenID provider, as a port: gives tokens that say who somebody is, for which Keystone gives its own.
 */
import type { Transport } from '../http/transport.ts';
import type { Clock } from '../time/clock.ts';

/** Which provider, and who the program is to it. */
export interface ProviderSettings {
  /** Where its document is; undefined where the endpoints are given. */
  readonly discoveryEndpoint: URL | undefined;
  /** Used instead of what the document says. */
  readonly tokenEndpoint: URL | undefined;
  /** Used instead of what the document says. */
  readonly deviceEndpoint: URL | undefined;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  /** Whether a certificate of the connection stands for the secret. */
  readonly hasCertificate: boolean;
  /** What to ask for, with spaces between: `openid profile`; nothing in particular when undefined. */
  readonly scope: string | undefined;
  /** Which of its tokens is wanted. */
  readonly tokenType: 'access_token' | 'id_token';
  /** Texts that were sent in confidence, and that its answers may repeat. */
  readonly secrets: readonly string[];
}

/** A user of the provider. */
export interface ProviderUser {
  readonly username: string;
  readonly password: string;
  /** Further fields of the request, such as a one-time passcode. */
  readonly others: Readonly<Record<string, string>>;
}

/** What a person is to do on another device. */
export interface DevicePrompt {
  /** The page to open. Printable. */
  readonly page: string;
  /** What to enter there. Printable. */
  readonly code: string;
  /** The page that has the code already. Printable. */
  readonly pageWithCode: string | undefined;
  /** How long it may be done, seconds. */
  readonly lifetimeSec: number;
}

/** How a person at another device logs in. */
export interface DeviceLogin {
  /** PKCE, https://www.rfc-editor.org/rfc/rfc7636; none when undefined. */
  readonly challengeMethod: 'S256' | 'plain' | undefined;
  /** Shows what to do. */
  show(prompt: DevicePrompt): Promise<void>;
}

/** What a provider is asked with. */
export interface ProviderMeans {
  readonly transport: Transport;
  readonly clock: Clock;
}

/** Gives tokens. All of these throw AuthError AUTH_REFUSED, RemoteError, ConfigError CONFIG_CREDENTIALS; the signal's reason. */
export interface Provider {
  /** The token of the client itself: https://www.rfc-editor.org/rfc/rfc6749#section-4.4 */
  clientToken(signal: AbortSignal): Promise<string>;
  /** The token of a user who trusts the client with the password: https://www.rfc-editor.org/rfc/rfc6749#section-4.3 */
  userToken(user: ProviderUser, signal: AbortSignal): Promise<string>;
  /**
   * The token of a person who has logged in with a browser already, which ended at the redirect URI with a code:
   * https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3
   */
  codeToken(code: string, redirectUri: string | undefined, signal: AbortSignal): Promise<string>;
  /** The token of a person who logs in on another device: https://www.rfc-editor.org/rfc/rfc8628 */
  deviceToken(login: DeviceLogin, signal: AbortSignal): Promise<string>;
}
