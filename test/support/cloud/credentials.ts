import type { Credentials } from '../../../src/credentials/credentials.ts';
import { DEFAULT_TLS } from '../transports.ts';

/** What tests change of the credentials below. */
export interface CredentialChanges {
  readonly authType?: string;
  /** Instead of all options but auth_url. */
  readonly auth?: Credentials['auth'];
  readonly endpoint?: Partial<Credentials['endpoint']>;
}

/** The admin of a cloud, as the environment would have it. */
export function adminOf(
  { keystoneUrl }: { readonly keystoneUrl: string },
  { authType = 'password', auth = ADMIN, endpoint = {} }: CredentialChanges = {},
): Credentials {
  return {
    source: 'the environment',
    authType,
    auth: { auth_url: keystoneUrl, ...auth },
    tls: DEFAULT_TLS,
    timeoutSec: undefined,
    endpoint: {
      serviceType: 'image',
      serviceName: undefined,
      interfaces: ['public'],
      region: undefined,
      override: undefined,
      ...endpoint,
    },
  };
}

/** The admin, by names. */
export const ADMIN: Credentials['auth'] = {
  username: 'glance',
  password: 'open sesame',
  user_domain_name: 'Default',
  project_name: 'service',
  project_domain_name: 'Default',
};

/** A member of another project, by names. */
export const DEMO: Credentials['auth'] = {
  username: 'demo',
  password: 'demo-secret',
  user_domain_name: 'Default',
  project_name: 'demo',
  project_domain_name: 'Default',
};

/** Credentials of a Glance without Keystone. */
export function fixedAt(endpoint: string): CredentialChanges {
  return { authType: 'admin_token', auth: { token: 'fixed-token', endpoint } };
}
