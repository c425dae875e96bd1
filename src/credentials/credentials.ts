/**
 * Who the prefetcher is to Keystone, and which Glance it asks: one complete set, from one source.
 */
import type { TlsSettings } from '../http/tls-settings.ts';
import type { AuthOptionName } from '../settings/options/keystone.ts';

/** One complete set of credentials. */
export interface Credentials {
  /** Where they come from, for messages: `the environment`, `cloud "prod" in /etc/openstack/clouds.yaml`. */
  readonly source: string;
  /** As keystoneauth names it, in lower case: `password`, `v3applicationcredential`. Never a version 2, nor an alias. */
  readonly authType: string;
  /** What the way to log in uses of keystoneauth's options, as far as it is set: nothing blank, nothing contradictory. */
  readonly auth: Readonly<Partial<Record<AuthOptionName, string>>>;
  readonly tls: TlsSettings;
  /** How long a server may take for an answer's headers, seconds; undefined for the program's own patience. */
  readonly timeoutSec: number | undefined;
  readonly endpoint: EndpointChoice;
}

/** Which endpoint of the catalog is meant. */
export interface EndpointChoice {
  readonly serviceType: string;
  readonly serviceName: string | undefined;
  /** Preferred first: `public`, `internal`, `admin`. */
  readonly interfaces: readonly string[];
  /** Any region when undefined. */
  readonly region: string | undefined;
  /** Used instead of the catalog; `%(project_id)s` in it is filled in. */
  readonly override: string | undefined;
}
