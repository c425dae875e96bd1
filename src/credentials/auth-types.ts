/**
 * The ways to log in that this version knows: what each needs, and what it uses of all that may be set.
 */

import { ConfigError } from '../errors/cache-error.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import type { AuthOptionName } from '../settings/options/keystone.ts';
import { quoteValue } from '../settings/quote-value.ts';
import { FACTOR_NAMES, type FactorName, factorsOf, USUAL_FACTORS } from './factors.ts';
import { type CredentialSource, type GivenOptions, isNoAuth, type OptionKey } from './source.ts';

/** What identifies the one who logs in. */
export type IdentityKind = 'user' | 'token' | 'application credential' | 'client' | 'access token' | 'nobody';

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

const APPLICATION_CREDENTIAL = {
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
} as const satisfies AuthType;

// The passcode may be asked for on a terminal.
const TOTP = {
  name: 'v3totp',
  kind: 'user',
  needs: [['auth_url'], ['username', 'user_id']],
  takes: ['auth_url', ...USER, 'passcode', ...SCOPE, ...DEFAULT_DOMAIN],
} as const satisfies AuthType;

const MULTI_FACTOR = {
  name: 'v3multifactor',
  kind: 'user',
  needs: [['auth_methods']],
  takes: ['auth_url', 'auth_methods', ...SCOPE, ...DEFAULT_DOMAIN],
} as const satisfies AuthType;

const FACTORS: Readonly<Record<FactorName, AuthType>> = {
  v3password: PASSWORD,
  v3totp: TOTP,
  v3token: TOKEN,
  v3applicationcredential: APPLICATION_CREDENTIAL,
};

const FEDERATED: readonly AuthOptionName[] = ['auth_url', 'identity_provider', 'protocol', ...SCOPE, ...DEFAULT_DOMAIN];
const FEDERATED_NEEDS: readonly (readonly OptionKey[])[] = [['auth_url'], ['identity_provider'], ['protocol']];

const OPENID: readonly AuthOptionName[] = [
  ...FEDERATED,
  'client_id',
  'client_secret',
  'openid_scope',
  'discovery_endpoint',
  'access_token_endpoint',
  'access_token_type',
];
const OPENID_NEEDS: readonly (readonly OptionKey[])[] = [
  ...FEDERATED_NEEDS,
  ['discovery_endpoint', 'access_token_endpoint'],
  ['client_id'],
];

const CLIENT_CREDENTIALS = {
  name: 'v3oidcclientcredentials',
  kind: 'client',
  needs: OPENID_NEEDS,
  takes: OPENID,
} as const satisfies AuthType;

const OPENID_PASSWORD = {
  name: 'v3oidcpassword',
  kind: 'user',
  needs: [...OPENID_NEEDS, ['username'], ['password']],
  // The user is the provider's, which knows nothing of Keystone's domains.
  takes: [...OPENID, 'username', 'password', 'idp_otp_key', 'passcode'],
} as const satisfies AuthType;

const ACCESS_TOKEN = {
  name: 'v3oidcaccesstoken',
  kind: 'access token',
  needs: [...FEDERATED_NEEDS, ['access_token']],
  takes: [...FEDERATED, 'access_token'],
} as const satisfies AuthType;

const DEVICE = {
  name: 'v3oidcdeviceauthz',
  kind: 'client',
  needs: [...OPENID_NEEDS, ['discovery_endpoint', 'device_authorization_endpoint']],
  takes: [...OPENID, 'device_authorization_endpoint', 'code_challenge_method'],
} as const satisfies AuthType;

const HTTP_BASIC = {
  name: 'http_basic',
  kind: 'user',
  needs: [['endpoint', 'endpoint_override'], ['username'], ['password']],
  takes: ['endpoint', 'username', 'password'],
} as const satisfies AuthType;

const ADMIN_TOKEN = {
  name: 'admin_token',
  kind: 'token',
  needs: [['endpoint', 'endpoint_override'], ['token']],
  takes: ['endpoint', 'token'],
} as const satisfies AuthType;

const NONE = {
  name: 'none',
  kind: 'nobody',
  needs: [['endpoint', 'endpoint_override']],
  takes: ['endpoint'],
} as const satisfies AuthType;

/** By the names of keystoneauth, and the alias that openstacksdk has. Version 2 is read as version 3: it is all there is. */
const AUTH_TYPES: ReadonlyMap<string, AuthType> = new Map<string, AuthType>([
  ['password', PASSWORD],
  ['v3password', { ...PASSWORD, name: 'v3password' }],
  ['v2password', { ...PASSWORD, name: 'v3password', isVersion2: true }],
  ['token', TOKEN],
  ['v3token', { ...TOKEN, name: 'v3token' }],
  ['v2token', { ...TOKEN, name: 'v3token', isVersion2: true }],
  ['v3applicationcredential', APPLICATION_CREDENTIAL],
  ['v3totp', TOTP],
  ['v3multifactor', MULTI_FACTOR],
  ['v3oidcclientcredentials', CLIENT_CREDENTIALS],
  ['v3oidcpassword', OPENID_PASSWORD],
  ['v3oidcaccesstoken', ACCESS_TOKEN],
  ['v3oidcdeviceauthz', DEVICE],
  ['http_basic', HTTP_BASIC],
  ['admin_token', ADMIN_TOKEN],
  ['token_endpoint', ADMIN_TOKEN],
  ['none', NONE],
  ['noauth', { ...NONE, name: 'noauth', takes: ['endpoint', 'user_id', 'project_id'] }],
]);

/** The names of all ways to log in, aliases among them. */
export const AUTH_TYPE_NAMES: readonly string[] = [...AUTH_TYPES.keys()];

/** A way to log in by its name; undefined where the name is not known. */
export function typeNamed(name: string): AuthType | undefined {
  return AUTH_TYPES.get(normalised(name));
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
  if (type !== undefined) return type === MULTI_FACTOR ? combined(source) : type;
  if (asked !== undefined) {
    throw new ConfigError(
      'CONFIG_CREDENTIALS',
      `Cannot log in with the credentials from ${name}: this version does not know the auth_type ${quoteValue(asked.text)} (${asked.origin})`,
      {
        hint: `Use one of ${AUTH_TYPE_NAMES.join(', ')}, as in --os-auth-type password`,
        details: { source: name, auth_type: asked.text, known: AUTH_TYPE_NAMES },
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

/**
 * Several ways in one login, of which each brings what it needs.
 *
 * @throws ConfigError CONFIG_CREDENTIALS for one that cannot be combined
 */
function combined(source: CredentialSource): AuthType {
  const methods = source.given.get('auth_methods');
  // Without a list and without the type, it is what is given that asks for both.
  if (methods === undefined && source.given.has('auth_type')) return MULTI_FACTOR;
  const factors = factorsOf(methods?.text ?? USUAL_FACTORS);
  if (typeof factors === 'string') {
    throw new ConfigError(
      'CONFIG_CREDENTIALS',
      `Cannot log in with the credentials from ${source.name}: auth_methods has ${quoteValue(factors)} (${methods?.origin})`,
      {
        hint: `The ways to log in that can be combined are ${FACTOR_NAMES.join(', ')}: ${THIS_COMMAND} --os-auth-methods v3password,v3totp`,
        details: { source: source.name, auth_methods: methods?.text, known: FACTOR_NAMES },
      },
    );
  }
  const types = factors.map((name) => FACTORS[name]);
  return {
    ...MULTI_FACTOR,
    // Each wants auth_url.
    needs: [['auth_url'], ...types.flatMap(({ needs }) => needs.filter(([key]) => key !== 'auth_url'))],
    takes: [...new Set([...MULTI_FACTOR.takes, ...types.flatMap(({ takes }) => takes)])],
  };
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
  if (has('access_token')) return 'v3oidcaccesstoken';
  if (has('auth_methods')) return 'v3multifactor';
  if (!has('username', 'user_id')) return undefined;
  if (!has('passcode')) return 'password';
  return has('password') ? 'v3multifactor' : 'v3totp';
}
