/**
 * The ways to log in that this version knows: what each needs, and what it uses of all that may be set.
 */

import type { AuthOptionName } from '../settings/options/keystone.ts';
import type { FactorName } from './factors.ts';
import type { OptionKey } from './source.ts';

/** One way to log in. */
export interface AuthType {
  /** Its name in {@link Credentials}. */
  readonly name: string;
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
  needs: [['auth_url'], ['username', 'user_id'], ['password']],
  takes: ['auth_url', ...USER, 'password', ...SCOPE, ...DEFAULT_DOMAIN],
} as const satisfies AuthType;

const TOKEN = {
  name: 'token',
  needs: [['auth_url'], ['token']],
  takes: ['auth_url', 'token', ...SCOPE, ...DEFAULT_DOMAIN],
} as const satisfies AuthType;

const APPLICATION_CREDENTIAL = {
  name: 'v3applicationcredential',
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
  needs: [['auth_url'], ['username', 'user_id']],
  takes: ['auth_url', ...USER, 'passcode', ...SCOPE, ...DEFAULT_DOMAIN],
} as const satisfies AuthType;

const MULTI_FACTOR = {
  name: 'v3multifactor',
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
  needs: OPENID_NEEDS,
  takes: OPENID,
} as const satisfies AuthType;

const OPENID_PASSWORD = {
  name: 'v3oidcpassword',
  needs: [...OPENID_NEEDS, ['username'], ['password']],
  // The user is the provider's, which knows nothing of Keystone's domains.
  takes: [...OPENID, 'username', 'password', 'idp_otp_key', 'passcode'],
} as const satisfies AuthType;

const ACCESS_TOKEN = {
  name: 'v3oidcaccesstoken',
  needs: [...FEDERATED_NEEDS, ['access_token']],
  takes: [...FEDERATED, 'access_token'],
} as const satisfies AuthType;

const DEVICE = {
  name: 'v3oidcdeviceauthz',
  needs: [...OPENID_NEEDS, ['discovery_endpoint', 'device_authorization_endpoint']],
  takes: [...OPENID, 'device_authorization_endpoint', 'code_challenge_method'],
} as const satisfies AuthType;

const CODE = {
  name: 'v3oidcauthcode',
  needs: [...OPENID_NEEDS, ['code']],
  takes: [...OPENID, 'code', 'redirect_uri'],
} as const satisfies AuthType;

// It is an application credential, and so for one project.
const OAUTH2_CLIENT_CREDENTIAL = {
  name: 'v3oauth2clientcredential',
  needs: [['auth_url'], ['oauth2_endpoint'], ['oauth2_client_id'], ['oauth2_client_secret']],
  takes: ['auth_url', 'oauth2_endpoint', 'oauth2_client_id', 'oauth2_client_secret'],
} as const satisfies AuthType;

const HTTP_BASIC = {
  name: 'http_basic',
  needs: [['endpoint', 'endpoint_override'], ['username'], ['password']],
  takes: ['endpoint', 'username', 'password'],
} as const satisfies AuthType;

const ADMIN_TOKEN = {
  name: 'admin_token',
  needs: [['endpoint', 'endpoint_override'], ['token']],
  takes: ['endpoint', 'token'],
} as const satisfies AuthType;

const NONE = {
  name: 'none',
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
  ['v3oidcauthcode', CODE],
  ['v3oauth2clientcredential', OAUTH2_CLIENT_CREDENTIAL],
  ['http_basic', HTTP_BASIC],
  ['admin_token', ADMIN_TOKEN],
  ['token_endpoint', ADMIN_TOKEN],
  ['none', NONE],
  ['noauth', { ...NONE, name: 'noauth', takes: ['endpoint', 'user_id', 'project_id'] }],
]);

/** The names of all ways to log in, aliases among them. */
export const AUTH_TYPE_NAMES: readonly string[] = [...AUTH_TYPES.keys()];

/** A way to log in by its name, in any case; undefined where the name is not known. */
export function typeNamed(name: string): AuthType | undefined {
  return AUTH_TYPES.get(name.trim().toLowerCase());
}

/** Several ways in one login, of which each brings what it needs. */
export function combinedType(factors: readonly FactorName[]): AuthType {
  const types = factors.map((name) => FACTORS[name]);
  return {
    ...MULTI_FACTOR,
    // Each wants auth_url.
    needs: [['auth_url'], ...types.flatMap(({ needs }) => needs.filter(([key]) => key !== 'auth_url'))],
    takes: [...new Set([...MULTI_FACTOR.takes, ...types.flatMap(({ takes }) => takes)])],
  };
}
