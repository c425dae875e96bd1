/**
 * From what a source says to the options of one way to log in: complete, without contradictions, or an error that says
 * what is missing and how it is written in that source. Another source is never asked for what this one lacks.
 */

import { ConfigError } from '../errors/cache-error.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import { AUTH_OPTIONS, type AuthOptionName } from '../settings/options/keystone.ts';
import type { AuthType } from './auth-types.ts';
import type { Credentials } from './credentials.ts';
import type { CredentialSource, OptionKey } from './source.ts';

type Auth = Map<AuthOptionName, string>;

/** Options of which one must be set. */
type Need = readonly OptionKey[];

/** A domain by ID or by name. */
type Domain = readonly ['id' | 'name', string];

/** A URL of version 2, which is gone since Queens. */
const VERSION_2 = /\/v2\.0\/*$/;

/** The options of a login, and those that are given and not for it. */
export interface CompleteAuth {
  readonly auth: Credentials['auth'];
  readonly unused: readonly AuthOptionName[];
}

/**
 * The options of a login.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where something is missing, or where the login would be for two things at once
 */
export function completeAuth(source: CredentialSource, type: AuthType): CompleteAuth {
  const auth: Auth = new Map();
  for (const key of type.takes) {
    const text = source.given.get(key)?.text;
    if (text !== undefined) auth.set(key, text);
  }
  refuseSeveralScopes(source, auth);
  const url = auth.get('auth_url')?.trim();
  const isVersion2 = type.isVersion2 === true || source.isVersion2 === true || VERSION_2.test(url ?? '');
  const domain = takeDefaultDomain(auth, isVersion2);
  const unmet = type.needs.filter((need) => !need.some((key) => source.given.has(key)));
  // The users of others than Keystone are in no domain of it.
  const isKeystoneUser = type.takes.includes('user_domain_id');
  const missing = [...unmet, ...(isKeystoneUser ? completeUser(auth, domain) : []), ...completeScope(auth, domain)];
  if (missing.length > 0) throw incomplete(source, missing);
  if (url !== undefined) auth.set('auth_url', url.replace(VERSION_2, '/v3'));
  const unused = AUTH_OPTIONS.map(({ name }) => name).filter(
    (name) => source.given.has(name) && !type.takes.includes(name),
  );
  return { auth: Object.fromEntries(auth), unused };
}

/** Version 2 knew no domains; all its users and projects are in the one with this ID since. */
function takeDefaultDomain(auth: Auth, isVersion2: boolean): Domain | undefined {
  const domain = domainIn(auth, 'default_domain') ?? (isVersion2 ? (['id', 'default'] as const) : undefined);
  drop(auth, 'default_domain_id', 'default_domain_name');
  return domain;
}

/** Who is known by ID needs no domain; a name without one means nobody to Keystone. */
function completeUser(auth: Auth, defaultDomain: Domain | undefined): readonly Need[] {
  if (auth.has('application_credential_id') && !auth.has('auth_methods')) {
    drop(auth, 'application_credential_name', 'username', 'user_id', 'user_domain_id', 'user_domain_name');
    return [];
  }
  if (auth.has('user_id')) {
    drop(auth, 'username', 'user_domain_id', 'user_domain_name');
    return [];
  }
  if (auth.has('username')) return completeDomain(auth, 'user_domain', defaultDomain);
  // The name of an application credential is unique among those of one user only.
  return auth.has('application_credential_name') ? [['username', 'user_id']] : [];
}

function completeScope(auth: Auth, defaultDomain: Domain | undefined): readonly Need[] {
  if (auth.has('domain_id')) drop(auth, 'domain_name');
  if (auth.has('project_id')) drop(auth, 'project_name');
  if (auth.has('project_name')) return completeDomain(auth, 'project_domain', defaultDomain);
  drop(auth, 'project_domain_id', 'project_domain_name');
  return [];
}

function completeDomain(
  auth: Auth,
  owner: 'user_domain' | 'project_domain',
  defaultDomain: Domain | undefined,
): readonly Need[] {
  const domain = domainIn(auth, owner) ?? defaultDomain;
  if (domain === undefined) return [[`${owner}_name`, `${owner}_id`]];
  drop(auth, `${owner}_id`, `${owner}_name`);
  auth.set(`${owner}_${domain[0]}`, domain[1]);
  return [];
}

/** The ID wins. */
function domainIn(auth: Auth, owner: 'user_domain' | 'project_domain' | 'default_domain'): Domain | undefined {
  const id = auth.get(`${owner}_id`);
  if (id !== undefined) return ['id', id];
  const name = auth.get(`${owner}_name`);
  return name === undefined ? undefined : ['name', name];
}

function drop(auth: Auth, ...names: readonly AuthOptionName[]): void {
  for (const name of names) auth.delete(name);
}

const SCOPES: readonly Need[] = [
  ['project_id', 'project_name'],
  ['domain_id', 'domain_name'],
  ['trust_id'],
  ['system_scope'],
];

function refuseSeveralScopes(source: CredentialSource, auth: Auth): void {
  const isTaken = (key: OptionKey): boolean => [...auth.keys()].some((name) => name === key);
  const targets = SCOPES.flatMap((scope) => scope.filter(isTaken).slice(0, 1)).map((key) => source.spell(key));
  if (targets.length < 2) return;
  throw new ConfigError(
    'CONFIG_CREDENTIALS',
    `Cannot log in with the credentials from ${source.name}: a login cannot be scoped to multiple targets, and they give ${targets.join(' and ')}`,
    {
      hint: `Leave one of them, as Glance wants a project; which credentials those are: env | grep ^OS_ | grep -v -i -e password -e secret -e token`,
      details: { source: source.name, targets },
    },
  );
}

/** What stands in a hint for a value; most of them nobody can guess. */
const USUAL: Readonly<Partial<Record<OptionKey, string>>> = {
  auth_methods: 'v3password,v3totp',
  protocol: 'openid',
  discovery_endpoint: 'https://idp.example.org/.well-known/openid-configuration',
};

function flagFor(key: OptionKey): string {
  return `--os-${key.replaceAll('_', '-')} ${USUAL[key] ?? 'VALUE'}`;
}

function incomplete(source: CredentialSource, missing: readonly Need[]): ConfigError {
  // What one option would meet is told once.
  const firsts = [...new Set(missing.map(([first = 'auth_url']) => first))];
  const list = firsts.map((first) => {
    const others = missing.filter(([key, other]) => key === first && other !== undefined);
    const told = others.map((need) =>
      need
        .slice(1)
        .map((key) => source.spell(key))
        .join(', '),
    );
    return told.length === 0 ? source.spell(first) : `${source.spell(first)} (or ${told.join(' and ')})`;
  });
  const names = missing.flat();
  const domainHint = `The name of the domain is "Default" on most clouds: ${THIS_COMMAND} ${names
    .filter((name) => name.endsWith('_domain_name'))
    .map((name) => `--os-${name.replaceAll('_', '-')} Default`)
    .join(' ')}`;
  const hint = `Complete that source, or give the rest as flags, for other sources are not looked at for it: ${THIS_COMMAND} ${firsts.map(flagFor).join(' ')}`;
  return new ConfigError(
    'CONFIG_CREDENTIALS',
    `Cannot log in with the credentials from ${source.name}: there is no ${list.join(', no ')}`,
    {
      hint: source.remark ?? (names.every((name) => name.includes('domain')) ? domainHint : hint),
      details: { source: source.name, missing: firsts.map((first) => source.spell(first)) },
    },
  );
}
