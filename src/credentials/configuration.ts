/**
 * Credentials in the configuration files, in this order: keystoneauth's options in `[cache_tools]`, the four options that
 * the cache tools had up to Ussuri in `[DEFAULT]`, and the service user that glance-api itself checks tokens with.
 */

import type { Option } from '../settings/option.ts';
import { GLANCE_OPTIONS } from '../settings/options/glance.ts';
import { AUTH_OPTIONS, type KeystoneOptions, keystoneOptions } from '../settings/options/keystone.ts';
import { describeOrigin, type Settings } from '../settings/resolve.ts';
import { string } from '../settings/types/string.ts';
import { isIPv6 } from '../text/ip-address.ts';
import { printable } from '../text/printable.ts';
import {
  type CredentialSource,
  type GivenOptions,
  type GivenValue,
  givenValue,
  isMeant,
  type OptionKey,
} from './source.ts';

/** Our own group, which Glance never looks into. */
const OWN_GROUP = 'cache_tools';

/** Where glance-api keeps its service user. */
const SERVICE_GROUP = 'keystone_authtoken';

/**
 * The source among the configuration files.
 *
 * @param env `OS_AUTH_URL` beats `auth_url` of `[DEFAULT]`, and nothing else: so Glance documents it
 * @returns undefined where they identify nobody
 * @throws ConfigError CONFIG_VALUE for a bad value in the source that is used
 */
export function readConfiguration(
  settings: Settings,
  env: Readonly<Record<string, string | undefined>>,
): CredentialSource | undefined {
  const own = readGroup(settings, OWN_GROUP);
  if (isMeant(own) || own.given.has('auth_url')) return connected(settings, own, [OWN_GROUP]);
  const shared = readDefault(settings, env);
  if (shared !== undefined) return connected(settings, shared, [OWN_GROUP]);
  const service = readGroup(settings, SERVICE_GROUP);
  return isMeant(service) ? connected(settings, service, [SERVICE_GROUP, OWN_GROUP]) : undefined;
}

/**
 * A source with what concerns the connection: of the group that `auth_section` names, of those given, the last one first.
 * How Glance is reached is for our own group to say, whoever logs in.
 */
function connected(settings: Settings, source: GroupSource, groups: readonly string[]): CredentialSource {
  const given = new Map(source.given);
  for (const group of [source.group, ...groups]) {
    if (group === 'DEFAULT') continue;
    for (const [key, value] of connectionOf(settings, keystoneOptions(group))) given.set(key, value);
  }
  return { ...source, given };
}

/** A source among the configuration files, before the connection is known. */
interface GroupSource extends CredentialSource {
  readonly group: string;
}

/** The names that `[DEFAULT]` has for keystoneauth's. */
const DEFAULT_NAMES: ReadonlyMap<OptionKey, Option<string>> = new Map<OptionKey, Option<string>>([
  ['username', GLANCE_OPTIONS.adminUser],
  ['password', GLANCE_OPTIONS.adminPassword],
  ['project_name', GLANCE_OPTIONS.adminTenantName],
  ['auth_url', GLANCE_OPTIONS.authUrl],
  ['region_name', GLANCE_OPTIONS.authRegion],
]);

function readDefault(settings: Settings, env: Readonly<Record<string, string | undefined>>): GroupSource | undefined {
  // The others may stand there for something else, and a bad value that nobody uses is nobody's error.
  if (valueIn(settings, GLANCE_OPTIONS.adminUser) === undefined) return undefined;
  const given = new Map<OptionKey, GivenValue>();
  for (const [key, option] of DEFAULT_NAMES) put(given, key, valueIn(settings, option));
  put(given, 'auth_url', givenValue(env['OS_AUTH_URL'], 'OS_AUTH_URL'));
  return {
    group: 'DEFAULT',
    name: placeOf(settings, GLANCE_OPTIONS.adminUser),
    given,
    spell: (key) => `${DEFAULT_NAMES.get(key)?.name ?? key} in [DEFAULT]`,
    isVersion2: true,
    warnings: [],
    notes: [],
  };
}

function readGroup(settings: Settings, asked: string): GroupSource {
  const section = valueIn(settings, keystoneOptions(asked).authSection)?.text.trim();
  // One redirection only, as in keystoneauth.
  const group = section ?? asked;
  const login = keystoneOptions(group);
  const given = new Map<OptionKey, GivenValue>();
  put(given, 'auth_type', valueIn(settings, login.authType));
  for (const { name } of AUTH_OPTIONS) put(given, name, valueIn(settings, login.auth[name]));
  const isVersion2 = !given.has('auth_type') && addOldOptions(settings, login, given);
  const first = [login.authType, ...Object.values(login.auth)].find((option) => isSet(settings, option));
  return {
    group,
    name: placeOf(settings, first ?? login.authType),
    given,
    isNamed: section !== undefined,
    spell: (key) => `${key} in [${printable(group)}]`,
    isVersion2,
    warnings: [],
    notes: [],
  };
}

/**
 * Reads what `[keystone_authtoken]` had before keystoneauth. `www_authenticate_uri`, formerly `auth_uri`, is not among
 * it: clients are sent there, nobody logs in there.
 *
 * @returns whether the group is from that time
 */
function addOldOptions(settings: Settings, options: KeystoneOptions, given: Map<OptionKey, GivenValue>): boolean {
  const { group } = options.authType;
  const isOld = (name: string): boolean => isSet(settings, { group, name, type: string, help: '' });
  const hasOldUser = isOld('admin_user');
  // It was Keystone's own secret for the first set-up, and often left in the file beside the user.
  if (hasOldUser && isOld('admin_token')) given.delete('token');
  if (given.has('auth_url')) return hasOldUser;
  const url = valueIn(settings, options.identityUri) ?? urlOfHost(settings, options);
  put(given, 'auth_url', url);
  return hasOldUser || url !== undefined;
}

function urlOfHost(settings: Settings, { authHost, authPort, authProtocol }: KeystoneOptions): GivenValue | undefined {
  const host = valueIn(settings, authHost);
  if (host === undefined) return undefined;
  const address = isIPv6(host.text) ? `[${host.text}]` : host.text;
  return {
    text: `${settings.get(authProtocol)}://${address}:${settings.get(authPort)}`,
    origin: host.origin,
    place: host.place,
  };
}

function connectionOf(settings: Settings, options: KeystoneOptions): GivenOptions {
  const given = new Map<OptionKey, GivenValue>();
  put(given, 'region_name', valueIn(settings, options.regionName));
  put(given, 'interface', valueIn(settings, options.validInterfaces) ?? valueIn(settings, options.interface));
  put(given, 'service_type', valueIn(settings, options.serviceType));
  put(given, 'service_name', valueIn(settings, options.serviceName));
  put(given, 'endpoint_override', valueIn(settings, options.endpointOverride));
  put(given, 'cacert', valueIn(settings, options.cafile));
  put(given, 'cert', valueIn(settings, options.certfile));
  put(given, 'key', valueIn(settings, options.keyfile));
  put(given, 'insecure', valueIn(settings, options.insecure));
  put(given, 'timeout', valueIn(settings, options.timeout));
  return given;
}

function put(given: Map<OptionKey, GivenValue>, key: OptionKey, value: GivenValue | undefined): void {
  if (value !== undefined) given.set(key, value);
}

/** The value of an option, checked by its type; undefined where nothing but a default sets it. */
function valueIn(settings: Settings, option: Option<unknown>): GivenValue | undefined {
  if (!isSet(settings, option)) return undefined;
  const origin = settings.origin(option);
  const place = origin.kind === 'file' ? { file: origin.file, line: origin.line } : undefined;
  return givenValue(String(settings.get(option)), `${option.name} from ${describeOrigin(origin)}`, place);
}

function isSet(settings: Settings, option: Option<unknown>): boolean {
  return settings.origin(option).kind !== 'default';
}

/** A group, and the file where it was found. */
function placeOf(settings: Settings, option: Option<unknown>): string {
  const origin = settings.origin(option);
  const where = origin.kind === 'file' ? `in ${printable(origin.file)}` : 'of the configuration';
  return `[${printable(option.group)}] ${where}`;
}
