/**
 * The ways to log in that this version knows: what each needs, and what it uses of all that may be set.
 */

import { ConfigError } from '../errors/cache-error.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import type { AuthOptionName } from '../settings/options/keystone.ts';
import { quoteValue } from '../settings/quote-value.ts';
import { type CredentialSource, type GivenOptions, isNoAuth, type OptionKey } from './source.ts';

/** What identifies the one who logs in. */
export type IdentityKind = 'user' | 'token' | 'application credential' | 'nobody';

/** One way to log in. */
export interface AuthType {
  /** Its name in {@link Credentials}. */
  readonly name: string;
  readonly kind: IdentityKind;
  /** It is from the time of Keystone's version 2, which knew no domains. */
  readonly isVersion2?: boolean;
  /** Of each of these at least one must be set. */
  readonly needs: readonly (readonly OptionKey[])[];
  /** The rest is left out: keystoneauth would fail over some of it, such as a stray user beside a token. */
  readonly takes: readonly AuthOptionName[];
}

const USER: readonly AuthOptionName[] = ['username', 'user_id', 'user_domain_id', 'user_domain_name'];
const DEFAULT_DOMAIN: readonly AuthOptionName[] = ['default_domain_id', 'default_domain_name'];
const SCOPE: readonly AuthOptionName[] = [
  'project_id',
  'project_name',
  'project_domain_id',
  'project_domain_name',
  'domain_id',
  'domain_name',
  'trust_id',
  'system_scope',
];

const PASSWORD = {
  name: 'password',
  kind: 'user',
  needs: [['auth_url'], ['username', 'user_id'], ['password']],
  takes: ['auth_url', ...USER, 'password', ...SCOPE, ...DEFAULT_DOMAIN],
} as const satisfies AuthType;

const TOKEN = {
  name: 'token',
  kind: 'token',
  needs: [['auth_url'], ['token']],
  takes: ['auth_url', 'token', ...SCOPE, ...DEFAULT_DOMAIN],
} as const satisfies AuthType;

const ADMIN_TOKEN = {
  name: 'admin_token',
  kind: 'token',
  needs: [['endpoint', 'endpoint_override'], ['token']],
  takes: ['endpoint', 'token'],
} as const satisfies AuthType;

/** By the names of keystoneauth, and the alias that openstacksdk has. Version 2 is read as version 3: it is all there is. */
const AUTH_TYPES: ReadonlyMap<string, AuthType> = new Map<string, AuthType>([
  ['password', PASSWORD],
  ['v3password', { ...PASSWORD, name: 'v3password' }],
  ['v2password', { ...PASSWORD, name: 'v3password', isVersion2: true }],
  ['token', TOKEN],
  ['v3token', { ...TOKEN, name: 'v3token' }],
  ['v2token', { ...TOKEN, name: 'v3token', isVersion2: true }],
  [
    'v3applicationcredential',
    {
      name: 'v3applicationcredential',
      kind: 'application credential',
      needs: [
        ['auth_url'],
        ['application_credential_id', 'application_credential_name'],
        ['application_credential_secret'],
      ],
      // Without a scope: the credential belongs to one project, and Keystone refuses a login that asks for any, even for
      // that one. keystoneauth sends what an openrc file has left in the environment, and fails.
      takes: [
        'auth_url',
        'application_credential_id',
        'application_credential_name',
        'application_credential_secret',
        ...USER,
        ...DEFAULT_DOMAIN,
      ],
    },
  ],
  ['admin_token', ADMIN_TOKEN],
  ['token_endpoint', ADMIN_TOKEN],
  ['none', { name: 'none', kind: 'nobody', needs: [['endpoint', 'endpoint_override']], takes: ['endpoint'] }],
  [
    'noauth',
    {
      name: 'noauth',
      kind: 'nobody',
      needs: [['endpoint', 'endpoint_override']],
      takes: ['endpoint', 'user_id', 'project_id'],
    },
  ],
]);

/** What identifies somebody with a type, by its name; undefined where the name is not known. */
export function kindOfType(name: string): IdentityKind | undefined {
  return AUTH_TYPES.get(normalised(name))?.kind;
}

/**
 * The way to log in that a source asks for, else the one that what it gives is for.
 *
 * @throws ConfigError CONFIG_CREDENTIALS for a way that is not known, and where nothing tells
 */
export function chooseAuthType(source: CredentialSource): AuthType {
  const { given, name } = source;
  const asked = given.get('auth_type');
  const chosen = asked === undefined ? inferred(given) : normalised(asked.text);
  const type = chosen === undefined ? undefined : AUTH_TYPES.get(chosen);
  if (type !== undefined) return type;
  if (asked !== undefined) {
    throw new ConfigError(
      'CONFIG_CREDENTIALS',
      `Cannot log in with the credentials from ${name}: this version does not know the auth_type ${quoteValue(asked.text)} (${asked.origin})`,
      {
        hint: `Use one of ${[...AUTH_TYPES.keys()].join(', ')}, as in --os-auth-type password`,
        details: { source: name, auth_type: asked.text, known: [...AUTH_TYPES.keys()] },
      },
    );
  }
  const identities = ['username', 'token', 'application_credential_id'] as const;
  throw new ConfigError(
    'CONFIG_CREDENTIALS',
    `Cannot log in with the credentials from ${name}: they name no user, no token and no application credential`,
    {
      hint: `Set ${identities.map((key) => source.spell(key)).join(', ')} or ${source.spell('auth_type')}, as in: ${THIS_COMMAND} --os-username glance`,
      details: { source: name },
    },
  );
}

function normalised(name: string): string {
  return name.trim().toLowerCase();
}

function inferred(given: GivenOptions): string | undefined {
  if (isNoAuth(given.get('auth_strategy'))) return 'noauth';
  const has = (...keys: readonly OptionKey[]): boolean => keys.some((key) => given.has(key));
  if (has('application_credential_id', 'application_credential_name', 'application_credential_secret')) {
    return 'v3applicationcredential';
  }
  // A token alone would do at Keystone; without one, and with an endpoint, it is for the endpoint.
  if (has('token')) return has('endpoint') && !has('auth_url') ? 'admin_token' : 'token';
  return has('username', 'user_id') ? 'password' : undefined;
}
