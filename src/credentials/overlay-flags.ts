/**
 * Flags over a source: each replaces the value of its own option, and displaces what contradicts it. Whoever names
 * another project means that one, although the source has the ID of the first.
 */
import type { AuthOptionName } from '../settings/options/keystone.ts';
import { typeMeant } from './choose-auth-type.ts';
import { shareDomain } from './openstack-keys.ts';
import { type CredentialSource, type GivenOptions, isNoAuth, type OptionKey } from './source.ts';

const PROJECT: readonly OptionKey[] = ['project_id', 'project_name', 'project_domain_id', 'project_domain_name'];
const DOMAIN: readonly OptionKey[] = ['domain_id', 'domain_name'];
const OTHER_SCOPES: readonly OptionKey[] = ['trust_id', 'system_scope'];
const USER_DOMAIN: readonly OptionKey[] = ['user_domain_id', 'user_domain_name'];
const PROJECT_DOMAIN: readonly OptionKey[] = ['project_domain_id', 'project_domain_name'];
const DEFAULT_DOMAIN: readonly OptionKey[] = ['default_domain_id', 'default_domain_name'];
const USER: readonly OptionKey[] = ['username', 'user_id', 'password', 'passcode'];
const TOKENS: readonly OptionKey[] = ['token', 'access_token'];
const APPLICATION_CREDENTIAL: readonly AuthOptionName[] = [
  'application_credential_id',
  'application_credential_name',
  'application_credential_secret',
];

/** What a flag takes out of the source, beside its own option. */
const DISPLACED: Readonly<Partial<Record<OptionKey, readonly OptionKey[]>>> = {
  username: ['user_id', ...TOKENS, ...APPLICATION_CREDENTIAL],
  user_id: ['username', ...USER_DOMAIN, ...TOKENS, ...APPLICATION_CREDENTIAL],
  password: [...TOKENS, ...APPLICATION_CREDENTIAL],
  token: ['access_token', ...APPLICATION_CREDENTIAL],
  access_token: ['token', ...APPLICATION_CREDENTIAL],
  application_credential_id: ['application_credential_name', ...TOKENS],
  application_credential_name: ['application_credential_id', ...TOKENS],
  application_credential_secret: TOKENS,
  user_domain_id: ['user_domain_name'],
  user_domain_name: ['user_domain_id'],
  project_id: [...PROJECT, ...DOMAIN, ...OTHER_SCOPES],
  project_name: ['project_id', ...DOMAIN, ...OTHER_SCOPES],
  project_domain_id: ['project_domain_name'],
  project_domain_name: ['project_domain_id'],
  domain_id: [...DOMAIN, ...OTHER_SCOPES, ...USER_DOMAIN, ...PROJECT_DOMAIN, ...DEFAULT_DOMAIN],
  domain_name: [...DOMAIN, ...OTHER_SCOPES, ...USER_DOMAIN, ...PROJECT_DOMAIN, ...DEFAULT_DOMAIN],
  default_domain_id: ['default_domain_name'],
  default_domain_name: ['default_domain_id'],
  client_id: [...TOKENS, ...APPLICATION_CREDENTIAL],
  code: TOKENS,
  oauth2_client_id: [...TOKENS, ...APPLICATION_CREDENTIAL],
  // An endpoint of its own would go over what the document of another provider says.
  discovery_endpoint: ['access_token_endpoint', 'device_authorization_endpoint'],
  trust_id: [...PROJECT, ...DOMAIN, 'system_scope'],
  system_scope: [...PROJECT, ...DOMAIN, 'trust_id'],
  auth_type: ['auth_strategy'],
  // Whoever names an authority wants the server verified.
  cacert: ['insecure', 'verify'],
  // A certificate and a key belong together.
  cert: ['key'],
};

/** A source with flags over it. */
export function overlayFlags(source: CredentialSource, flags: GivenOptions): CredentialSource {
  if (flags.size === 0) return source;
  const given = new Map(source.given);
  const displaced = [...flags.keys()].flatMap((key) => DISPLACED[key] ?? []);
  for (const key of [...displaced, ...displacedWay(source, flags)]) given.delete(key);
  for (const [key, value] of flags) given.set(key, value);
  // A project without its domain in the flags, and a domain: the domain is that of user and project.
  const shared = DOMAIN.some((key) => flags.has(key)) ? shareDomain(given) : given;
  return { ...source, given: shared, name: source === NO_SOURCE ? source.name : `${source.name} and the command line` };
}

/** What flags lie over when there is nothing else. */
export const NO_SOURCE: CredentialSource = {
  name: 'the command line',
  given: new Map(),
  spell: (key) => `--os-${key.replaceAll('_', '-')}`,
  warnings: [],
  notes: [],
};

/** Options of which each says who logs in, or proves it. */
const IDENTITY: readonly AuthOptionName[] = [
  'username',
  'user_id',
  'password',
  'passcode',
  'token',
  'access_token',
  'client_id',
  'code',
  'oauth2_client_id',
  'auth_methods',
  ...APPLICATION_CREDENTIAL,
];

/** What says how to log in. */
const WAY: readonly OptionKey[] = ['auth_type', 'auth_strategy', 'auth_methods'];

/** Who gives something that the way to log in has no use for means another way, and need not say so twice. */
function displacedWay({ given: base }: CredentialSource, flags: GivenOptions): readonly OptionKey[] {
  if (flags.has('auth_type')) return [];
  const strategy = flags.get('auth_strategy');
  if (isNoAuth(strategy)) return ['auth_type'];
  const type = typeMeant(base);
  const identity = IDENTITY.filter((key) => flags.has(key));
  if (identity.length > 0) {
    if (identity.every((key) => type?.takes.includes(key))) return ['auth_strategy'];
    return flags.has('client_id') ? [...WAY, ...USER] : WAY;
  }
  // "keystone", which is all the other strategy there is.
  return strategy !== undefined && (type?.name === 'none' || type?.name === 'noauth') ? ['auth_type'] : [];
}
