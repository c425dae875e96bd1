/**
 * The keys of a cloud in clouds.yaml. The environment has the same ones, in capitals behind `OS_`: to openstacksdk it is
 * one more cloud.
 */
import { AUTH_OPTIONS } from '../settings/options/keystone.ts';
import type { ConnectionName, GivenOptions, GivenValue, OptionKey } from './source.ts';

/** The first key that is set counts. Of `endpoint_type` and `interface` the old one wins, as with openstacksdk. */
const CONNECTION_KEYS: Readonly<Record<ConnectionName, readonly string[]>> = {
  region_name: ['image_region_name', 'region_name'],
  interface: ['image_endpoint_type', 'image_interface', 'endpoint_type', 'interface'],
  service_type: ['image_service_type'],
  service_name: ['image_service_name'],
  // Without the prefix it would be that of every service.
  endpoint_override: ['image_endpoint_override'],
  cacert: ['cacert'],
  cert: ['cert'],
  key: ['key'],
  insecure: ['insecure'],
  verify: ['verify'],
  timeout: ['api_timeout'],
};

/** For every option the keys that may set it, the one that counts first. */
const KEYS: ReadonlyMap<OptionKey, readonly string[]> = new Map<OptionKey, readonly string[]>([
  ['auth_type', ['auth_type', 'auth_plugin']],
  ...AUTH_OPTIONS.map(({ name, aliases = [], nameInFiles }): [OptionKey, readonly string[]] => [
    name,
    [name, ...aliases, ...(nameInFiles === undefined ? [] : [nameInFiles])],
  ]),
  ...Object.entries(CONNECTION_KEYS).map(([name, keys]): [OptionKey, readonly string[]] => [
    name as ConnectionName,
    keys,
  ]),
]);

/** Keys that mean something under `auth` only, and nothing beside it or in the environment. */
export const ONLY_IN_AUTH: ReadonlySet<string> = new Set(AUTH_OPTIONS.flatMap(({ nameInFiles }) => nameInFiles ?? []));

/** All options with their keys. */
export function openstackKeys(): Iterable<readonly [OptionKey, readonly string[]]> {
  return KEYS;
}

/** The key that is written for an option today. */
export function presentKey(option: OptionKey): string {
  const keys = KEYS.get(option) ?? [option];
  return keys.find((key) => key === option) ?? keys[0] ?? option;
}

/**
 * What the keys say.
 *
 * @param lookUp the value of a key, undefined where it is not set or blank
 */
export function readOpenstackKeys(lookUp: (key: string, option: OptionKey) => GivenValue | undefined): GivenOptions {
  const given = new Map<OptionKey, GivenValue>();
  for (const [option, keys] of KEYS) {
    for (const key of keys) {
      const value = given.has(option) ? undefined : lookUp(key, option);
      if (value !== undefined) given.set(option, value);
    }
  }
  return shareDomain(given);
}

/**
 * Beside a project, `domain_id` and `domain_name` are the domain of user and project where these have none: so
 * openstacksdk reads them. keystoneauth would take them for a second thing to log in to.
 */
export function shareDomain(given: GivenOptions): GivenOptions {
  if (!given.has('project_id') && !given.has('project_name')) return given;
  const shared = new Map(given);
  const domains = [given.get('domain_id'), given.get('domain_name')] as const;
  shared.delete('domain_id');
  shared.delete('domain_name');
  for (const owner of ['user', 'project'] as const) {
    if (given.has(`${owner}_domain_id`) || given.has(`${owner}_domain_name`)) continue;
    const [id, name] = domains;
    if (id !== undefined) shared.set(`${owner}_domain_id`, id);
    else if (name !== undefined) shared.set(`${owner}_domain_name`, name);
  }
  return shared;
}
