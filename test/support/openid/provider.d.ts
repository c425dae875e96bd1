import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { ServerOptions } from 'node:https';

/** A client that is registered at a provider, in the names of OpenID Connect Dynamic Client Registration. */
export interface ProviderClient {
  readonly client_id: string;
  readonly client_secret?: string;
  /** `client_secret_basic` unless told. */
  readonly token_endpoint_auth_method?: string;
  readonly grant_types: readonly string[];
  readonly redirect_uris?: readonly string[];
  readonly response_types?: readonly string[];
  /** Whose certificate stands for a secret, with `tls_client_auth`. */
  readonly tls_client_auth_subject_dn?: string;
}

/** How a provider is set up. All of it has defaults. */
export interface ProviderOptions {
  /**
   * Unless told: `glance-cache` with the secret `cache secret`; `public` without one; `keystone` with the secret
   * `keystone secret`, which may look tokens up.
   */
  readonly clients?: readonly ProviderClient[];
  /**
   * Unless told: `alice` with password `wonderland`; `bob` with password `builder`, who must give `246810` in the field
   * `totp` as well.
   */
  readonly users?: Readonly<Record<string, { readonly password: string; readonly passcode?: string }>>;
  readonly tokenLifeSec?: number;
  /** How clients may authenticate, in the names of the document. */
  readonly clientAuthMethods?: readonly string[];
  /** 127.0.0.1 unless told. */
  readonly host?: string;
  /** A free one unless told. */
  readonly port?: number;
  /** Makes it speak TLS. */
  readonly tls?: ServerOptions;
}

/** A request that has come; the body is the provider's. */
export interface ProviderRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** A provider that runs. */
export interface OpenIdProvider {
  readonly issuer: string;
  readonly discoveryUrl: string;
  readonly tokenUrl: string;
  readonly deviceUrl: string;
  readonly introspectionUrl: string;
  readonly requests: readonly ProviderRequest[];
  /**
   * Lets somebody look at every request before the provider does; who answers it returns true.
   *
   * @returns ends it
   */
  intercept(
    interceptor: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>,
  ): () => void;
  close(): Promise<void>;
}

/** Starts a provider on the loopback. Whoever starts it closes it. */
export function startProvider(options?: ProviderOptions): Promise<OpenIdProvider>;
