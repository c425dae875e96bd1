import type { Option } from '../option.ts';
import { hostAddress } from '../types/host-address.ts';
import { integer } from '../types/integer.ts';
import { port } from '../types/port.ts';
import { string } from '../types/string.ts';

/** Credentials for prefetching, and options of glance-api that other options of its files refer to with `$`. */
export const GLANCE_OPTIONS = {
  adminUser: {
    group: 'DEFAULT',
    name: 'admin_user',
    // Glance calls this one and the project secret. Masked wherever it occurs, "glance" would be gone from every path.
    type: string,
    help: 'User that fetches images.',
  },
  adminPassword: {
    group: 'DEFAULT',
    name: 'admin_password',
    type: string,
    secret: true,
    help: 'Password of that user; write $$ for a dollar sign in it.',
  },
  adminTenantName: {
    group: 'DEFAULT',
    name: 'admin_tenant_name',
    type: string,
    help: 'Project of that user.',
  },
  authUrl: {
    group: 'DEFAULT',
    name: 'auth_url',
    type: string,
    help: 'URL of Keystone.',
  },
  authRegion: {
    group: 'DEFAULT',
    name: 'auth_region',
    type: string,
    help: 'Region whose Glance is asked for images.',
  },
  bindHost: {
    group: 'DEFAULT',
    name: 'bind_host',
    type: hostAddress,
    defaultText: '0.0.0.0',
    help: 'Address glance-api listens on; other options may refer to it.',
  },
  bindPort: {
    group: 'DEFAULT',
    name: 'bind_port',
    type: port,
    defaultText: '9292',
    help: 'Port glance-api listens on; other options may refer to it.',
  },
  publicEndpoint: {
    group: 'DEFAULT',
    name: 'public_endpoint',
    type: string,
    help: 'URL under which clients know glance-api; other options may refer to it.',
  },
  workers: {
    group: 'DEFAULT',
    name: 'workers',
    type: integer({ min: 0 }),
    help: 'Processes of glance-api; other options may refer to it.',
  },
  nodeStagingUri: {
    group: 'DEFAULT',
    name: 'node_staging_uri',
    type: string,
    defaultText: 'file:///tmp/staging/',
    help: 'Where glance-api stages imports; other options may refer to it.',
  },
} satisfies Readonly<Record<string, Option<unknown>>>;
