import type { Option } from '../option.ts';
import { boolean } from '../types/boolean.ts';
import { choice } from '../types/choice.ts';
import { hostAddress } from '../types/host-address.ts';
import { integer } from '../types/integer.ts';
import { port } from '../types/port.ts';
import { string } from '../types/string.ts';

const NO_REGISTRY = 'The registry is gone since Victoria; images are asked for at the Glance that Keystone names';
const OWN_CREDENTIALS =
  'The prefetcher acts for no user but its own; give it credentials in the file or the environment';
const HELP = 'Accepted and ignored: belonged to the registry.';

/** Options that once did something. Old files set them, so they are accepted; what replaced them is said on request. */
export const OBSOLETE_OPTIONS = {
  registryHost: {
    group: 'DEFAULT',
    name: 'registry_host',
    type: hostAddress,
    defaultText: '0.0.0.0',
    obsolete: NO_REGISTRY,
    help: HELP,
  },
  registryPort: {
    group: 'DEFAULT',
    name: 'registry_port',
    type: port,
    defaultText: '9191',
    obsolete: NO_REGISTRY,
    help: HELP,
  },
  registryClientProtocol: {
    group: 'DEFAULT',
    name: 'registry_client_protocol',
    type: choice(['http', 'https']),
    defaultText: 'http',
    obsolete: NO_REGISTRY,
    help: HELP,
  },
  registryClientKeyFile: {
    group: 'DEFAULT',
    name: 'registry_client_key_file',
    type: string,
    obsolete: NO_REGISTRY,
    help: HELP,
  },
  registryClientCertFile: {
    group: 'DEFAULT',
    name: 'registry_client_cert_file',
    type: string,
    obsolete: NO_REGISTRY,
    help: HELP,
  },
  registryClientCaFile: {
    group: 'DEFAULT',
    name: 'registry_client_ca_file',
    type: string,
    obsolete: NO_REGISTRY,
    help: HELP,
  },
  registryClientInsecure: {
    group: 'DEFAULT',
    name: 'registry_client_insecure',
    type: boolean,
    defaultText: 'false',
    obsolete: NO_REGISTRY,
    help: HELP,
  },
  registryClientTimeout: {
    group: 'DEFAULT',
    name: 'registry_client_timeout',
    type: integer({ min: 0, unit: 'seconds' }),
    defaultText: '600',
    obsolete: NO_REGISTRY,
    help: HELP,
  },
  useUserToken: {
    group: 'DEFAULT',
    name: 'use_user_token',
    type: boolean,
    defaultText: 'true',
    obsolete: OWN_CREDENTIALS,
    help: HELP,
  },
  sendIdentityHeaders: {
    group: 'DEFAULT',
    name: 'send_identity_headers',
    type: boolean,
    defaultText: 'false',
    obsolete: OWN_CREDENTIALS,
    help: HELP,
  },
  authStrategy: {
    group: 'DEFAULT',
    name: 'auth_strategy',
    type: string,
    defaultText: 'noauth',
    obsolete: 'The credentials that are given decide how to authenticate',
    help: 'Accepted and ignored: chose between Keystone and no authentication.',
  },
} satisfies Readonly<Record<string, Option<unknown>>>;
