import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { ServerOptions } from 'node:https';

/** A thing of Keystone that has an ID and a name. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/** Somebody who can log in. */
export interface CloudUser extends Named {
  readonly password: string;
  /** One-time passcodes that are good, each for one login: it is taken out of the list. */
  readonly passcodes?: string[];
  /** Methods of which the user has to bring all of one list; any one will do unless given. */
  readonly rules?: readonly (readonly string[])[];
  readonly domain: Named;
  readonly projects: readonly (Named & { readonly domain: Named; readonly roles: readonly string[] })[];
}

/** An application credential of one of the users. */
export interface CloudApplicationCredential extends Named {
  readonly secret: string;
  readonly userId: string;
  readonly projectId: string;
  readonly roles?: readonly string[];
}

/** An image of the cloud. Its bytes follow from its ID: `contentOf(id, sizeBytes)` of contents.js. */
export interface CloudImage {
  readonly id: string;
  name?: string | null;
  /** `active` unless told; only active and deactivated images have bytes. */
  status?: string;
  /** 0 unless told. */
  sizeBytes?: number;
  /** `public` unless told; anything else only the owner and admins see. */
  visibility?: string;
  /** ID of a project; that of the admin unless told. */
  owner?: string;
  hidden?: boolean;
  tags?: readonly string[];
  properties?: Readonly<Record<string, string>>;
  /** Which hashes Glance tells: both, only `md5`, or none. */
  digest?: 'sha512' | 'md5' | 'none';
  /** Whether the store can begin in the middle. */
  takesRanges?: boolean;
  /** Put over what Glance tells of the image. */
  overrides?: Readonly<Record<string, unknown>>;
}

/** An identity provider that Keystone trusts. */
export interface CloudFederation {
  /** By its name in Keystone. */
  readonly identityProvider: string;
  readonly protocol: string;
  /** Where its tokens are looked up: RFC 7662. */
  readonly introspectionUrl: string;
  /** Who looks them up. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** Names of users of the cloud, by the subject of the token, or by the client where it has none. */
  readonly users: Readonly<Record<string, string>>;
}

/** How a cloud is set up. All of it has defaults. */
export interface CloudOptions {
  readonly images?: readonly CloudImage[];
  /**
   * Unless told: `glance` with password `open sesame` and role admin in project `service`, and `demo` with password
   * `demo-secret` and role member in project `demo`; all in the domain with ID `default` and name `Default`.
   */
  readonly users?: readonly CloudUser[];
  readonly applicationCredentials?: readonly CloudApplicationCredential[];
  readonly federation?: CloudFederation;
  readonly tokenLifeSec?: number;
  /** How far Keystone's clock is ahead. */
  readonly clockSkewSec?: number;
  /** Images on a page of a list. */
  readonly pageSize?: number;
  /** Makes a service speak TLS, with a certificate such as `TLS` of ../tls.ts has. */
  readonly tls?: Readonly<Partial<Record<'keystone' | 'glance', ServerOptions>>>;
}

/** A request that has come. */
export interface CloudRequest {
  readonly service: 'keystone' | 'glance';
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Takes a request from the cloud: answers it, and says so by returning true. */
export type Interceptor = (request: CloudRequest, response: ServerResponse) => boolean | Promise<boolean>;

/** A cloud that runs. */
export interface Cloud {
  /** Without a version and without a slash at the end. */
  readonly keystoneUrl: string;
  /** Without a version and without a slash at the end; `/region-two` below it is the other region. */
  readonly glanceUrl: string;
  readonly requests: readonly CloudRequest[];
  /** By ID; may be changed while the cloud runs. */
  readonly images: Map<string, CloudImage>;
  /** A token for a user's first project. */
  issueToken(userName: string): string;
  /** From now on no token issued so far is good. */
  revokeTokens(): void;
  /**
   * Lets somebody look at every request before the cloud does.
   *
   * @returns ends it
   */
  intercept(interceptor: Interceptor): () => void;
  /** Ends all connections, and frees the ports. */
  close(): Promise<void>;
}

/** Starts a cloud on free ports of 127.0.0.1. Whoever starts it closes it. */
export function startCloud(options?: CloudOptions): Promise<Cloud>;
