/**
 * What one source of credentials says, before anything is checked: texts with their origins, all in keystoneauth's
 * names. Every kind of source is brought into this form, so that the rules are written once.
 */
import type { AuthOptionName } from '../settings/options/keystone.ts';

/** How a connection is made and which Glance is meant, in the names of keystoneauth's sessions and of clouds.yaml. */
export type ConnectionName =
  | 'region_name'
  | 'interface'
  | 'service_type'
  | 'service_name'
  | 'endpoint_override'
  | 'cacert'
  | 'cert'
  | 'key'
  | 'insecure'
  | 'verify'
  | 'timeout';

/** Anything that a source may say. */
export type OptionKey = AuthOptionName | ConnectionName | 'auth_type' | 'auth_strategy';

/** A value as it was given. */
export interface GivenValue {
  readonly text: string;
  /** Where it was given, for messages: `OS_CACERT`, `--os-cacert`, `cacert of cloud "prod"`. Never secret. */
  readonly origin: string;
  /** Where it stays until somebody changes it; undefined for flags and variables. */
  readonly place?: GivenPlace | undefined;
}

/** A file with a value in it. */
export interface GivenPlace {
  readonly file: string;
  /** Undefined where several lines may say it, or in several files, as in clouds.yaml. */
  readonly line: number | undefined;
}

/** What was given, by option. Blank texts are left out: they mean "not set" everywhere. */
export type GivenOptions = ReadonlyMap<OptionKey, GivenValue>;

/** One source. */
export interface CredentialSource {
  /** For messages: `the environment`, `cloud "prod" in /etc/openstack/clouds.yaml`. */
  readonly name: string;
  readonly given: GivenOptions;
  /** Somebody asked for this source by its name, so it is not passed over for identifying nobody. */
  readonly isNamed?: boolean;
  /** How somebody writes an option there: `OS_USERNAME`, `auth.username`. */
  spell(key: OptionKey): string;
  /** The source is from the time of Keystone's version 2, which knew no domains. */
  readonly isVersion2?: boolean;
  /** One sentence that may explain why something is missing, such as a file that could not be read. */
  readonly remark?: string;
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

const NAMES: readonly OptionKey[] = [
  'username',
  'user_id',
  'token',
  'application_credential_id',
  'application_credential_name',
  'application_credential_secret',
  'client_id',
  'access_token',
  'oauth2_client_id',
];

/** Whether options name a user, a token, an application credential or a client of an identity provider. */
export function namesSomebody(given: GivenOptions): boolean {
  return NAMES.some((key) => given.has(key));
}

/**
 * Whether options say who logs in, or how. A URL, a region or an authority to trust identify nobody, and a password
 * without a user does not either.
 */
export function identifiesSomebody(given: GivenOptions): boolean {
  return (
    namesSomebody(given) || given.has('endpoint') || given.has('auth_type') || isNoAuth(given.get('auth_strategy'))
  );
}

/** Whether a source is to be used, complete or not. */
export function isMeant({ isNamed = false, given }: CredentialSource): boolean {
  return isNamed || identifiesSomebody(given);
}

/** Whether the old `auth_strategy` asks for no authentication. */
export function isNoAuth(strategy: GivenValue | undefined): boolean {
  return strategy?.text.trim().toLowerCase() === 'noauth';
}

/** A text as a value; undefined where it is absent or blank, which is how shells and templates say "not set". */
export function givenValue(text: string | undefined, origin: string, place?: GivenPlace): GivenValue | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  return place === undefined ? { text, origin } : { text, origin, place };
}
