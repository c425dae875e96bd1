import type { Option, OptionType } from '../option.ts';
import { boolean } from '../types/boolean.ts';
import { choice } from '../types/choice.ts';
import { float } from '../types/float.ts';
import { list } from '../types/list.ts';
import { port } from '../types/port.ts';
import { nonEmpty, string } from '../types/string.ts';

/**
 * keystoneauth's options: one table from which every spelling follows, as flag, environment variable, key of clouds.yaml
 * and of a configuration file. In files any group may hold them. `[keystone_authtoken]` is the one that every
 * glance-api.conf has, and so the one in the table of options.
 */

/** One option of a way to log in. */
export interface AuthOption {
  /** With underscores, as in clouds.yaml and configuration files. */
  readonly name: string;
  /** Former names, which count where the present one is absent. */
  readonly aliases?: readonly string[];
  /** Names from the time before keystoneauth, which only configuration files have. */
  readonly formerly?: readonly string[];
  /** Its name inside of keystoneauth, which counts in files only: under `auth` of clouds.yaml, and in configuration files. */
  readonly nameInFiles?: string;
  /** keystoneauth defines it with underscores, and so they are in its flag as well. */
  readonly hasUnderscores?: boolean;
  /** The value is never shown, in whatever output. */
  readonly secret?: boolean;
  /** It is for identity providers only, whose options help lists by themselves. */
  readonly isOfProvider?: boolean;
  /** What it is on most clouds: shells complete these, and it may be something else. */
  readonly words?: readonly string[];
  /** One sentence for help and manual. */
  readonly help: string;
}

const LOGIN_OPTIONS = [
  { name: 'auth_url', help: 'URL of Keystone, with or without /v3.' },
  { name: 'username', aliases: ['user_name'], formerly: ['admin_user'], help: 'User to log in as, by name.' },
  { name: 'user_id', help: 'User to log in as, by ID.' },
  { name: 'password', formerly: ['admin_password'], secret: true, help: 'Password of that user.' },
  { name: 'user_domain_id', help: 'Domain of the user, by ID.' },
  { name: 'user_domain_name', help: 'Domain of the user, by name.' },
  { name: 'project_id', aliases: ['tenant_id'], help: 'Project to log in to, by ID.' },
  {
    name: 'project_name',
    aliases: ['tenant_name'],
    formerly: ['admin_tenant_name'],
    help: 'Project to log in to, by name.',
  },
  { name: 'project_domain_id', help: 'Domain of the project, by ID.' },
  { name: 'project_domain_name', help: 'Domain of the project, by name.' },
  { name: 'domain_id', help: 'Domain to log in to, by ID; with a project, the domain of user and project.' },
  { name: 'domain_name', help: 'Domain to log in to, by name; with a project, the domain of user and project.' },
  { name: 'default_domain_id', help: 'Domain of user and project where they have none, by ID.' },
  { name: 'default_domain_name', help: 'Domain of user and project where they have none, by name.' },
  { name: 'system_scope', help: 'Log in to the whole system: all.' },
  { name: 'trust_id', help: 'Trust to log in with.' },
  { name: 'token', aliases: ['auth_token'], formerly: ['admin_token'], secret: true, help: 'Token to log in with.' },
  {
    name: 'application_credential_id',
    hasUnderscores: true,
    help: 'Application credential to log in with, by ID.',
  },
  {
    name: 'application_credential_name',
    hasUnderscores: true,
    help: 'Application credential to log in with, by name and user.',
  },
  {
    name: 'application_credential_secret',
    hasUnderscores: true,
    secret: true,
    help: 'Secret of the application credential.',
  },
  { name: 'passcode', secret: true, help: 'One-time passcode of the user; asked for on a terminal when absent.' },
  {
    name: 'auth_methods',
    hasUnderscores: true,
    help: 'Ways to log in that v3multifactor combines: v3password,v3totp.',
  },
  {
    name: 'identity_provider',
    isOfProvider: true,
    help: 'Identity provider to log in through, by its name in Keystone.',
  },
  {
    name: 'protocol',
    isOfProvider: true,
    help: 'Protocol of that identity provider, by its name in Keystone: openid on most clouds.',
  },
  { name: 'client_id', isOfProvider: true, help: 'Client to be to the identity provider.' },
  { name: 'client_secret', isOfProvider: true, secret: true, help: 'Secret of that client.' },
  { name: 'openid_scope', isOfProvider: true, nameInFiles: 'scope', help: 'Scope to ask the identity provider for.' },
  { name: 'discovery_endpoint', isOfProvider: true, help: 'URL of the discovery document of the identity provider.' },
  {
    name: 'access_token_endpoint',
    isOfProvider: true,
    help: 'URL for tokens of the identity provider, whatever its document says.',
  },
  {
    name: 'device_authorization_endpoint',
    isOfProvider: true,
    help: 'URL for device codes of the identity provider, whatever its document says.',
  },
  {
    name: 'code_challenge_method',
    isOfProvider: true,
    words: ['S256', 'plain'],
    help: 'PKCE method for v3oidcdeviceauthz: S256 or plain.',
  },
  {
    name: 'access_token_type',
    isOfProvider: true,
    words: ['access_token', 'id_token'],
    help: 'Which token of the identity provider Keystone gets: access_token or id_token.',
  },
  {
    name: 'access_token',
    isOfProvider: true,
    secret: true,
    help: 'Access token of the identity provider to log in with.',
  },
  {
    name: 'code',
    aliases: ['authorization_code'],
    secret: true,
    isOfProvider: true,
    help: 'Authorization code of the identity provider to log in with, once.',
  },
  {
    name: 'redirect_uri',
    isOfProvider: true,
    help: 'Redirect URI that the authorization code was asked for with.',
  },
  {
    name: 'oauth2_endpoint',
    hasUnderscores: true,
    help: "URL for tokens of Keystone's OAuth 2.0 API.",
  },
  { name: 'oauth2_client_id', hasUnderscores: true, help: 'Application credential to log in with, by ID.' },
  {
    name: 'oauth2_client_secret',
    hasUnderscores: true,
    secret: true,
    help: 'Secret of that application credential.',
  },
  {
    name: 'idp_otp_key',
    isOfProvider: true,
    hasUnderscores: true,
    help: 'Field in which the identity provider wants a one-time passcode, such as totp.',
  },
  { name: 'endpoint', aliases: ['url'], help: 'URL of Glance, for admin_token, http_basic, none and noauth.' },
] as const satisfies readonly AuthOption[];

/** The name of an option of a way to log in. */
export type AuthOptionName = (typeof LOGIN_OPTIONS)[number]['name'];

/** The options of every way to log in that the toolkit knows. */
export const AUTH_OPTIONS: readonly (AuthOption & { readonly name: AuthOptionName })[] = LOGIN_OPTIONS;

/** The options of one group. */
export type KeystoneOptions = ReturnType<typeof keystoneOptions>;

/**
 * keystoneauth's options in a group of the configuration files, and the old ones that stood for some of them.
 *
 * @param group any, such as the one that `auth_section` names
 */
export function keystoneOptions(group: string) {
  return {
    authType: textRow(group, 'auth_type', 'Way to log in; what is set decides when absent.', ['auth_plugin']),
    authSection: textRow(group, 'auth_section', 'Group that holds these options instead of this one.'),
    auth: authRows(group),
    identityUri: textRow(group, 'identity_uri', 'URL of Keystone before auth_url.'),
    authHost: textRow(group, 'auth_host', 'Host of Keystone before identity_uri.'),
    authPort: {
      ...row(group, 'auth_port', port, 'Port of Keystone before identity_uri.'),
      defaultText: '35357',
    },
    authProtocol: {
      ...row(group, 'auth_protocol', choice(['http', 'https']), 'Protocol of Keystone before identity_uri.'),
      defaultText: 'https',
    },
    cafile: textRow(group, 'cafile', 'Certificates of the authorities to trust, a file in PEM.'),
    certfile: textRow(group, 'certfile', 'Certificate to identify with, a file in PEM.'),
    keyfile: textRow(group, 'keyfile', 'Key of that certificate, a file in PEM.'),
    insecure: {
      ...row(group, 'insecure', boolean, 'Whether to trust any certificate of a server.'),
      defaultText: 'false',
    },
    timeout: row(group, 'timeout', float({ min: 0, unit: 'seconds' }), 'How long a server may take to answer.'),
    regionName: textRow(group, 'region_name', 'Region whose Glance is asked.'),
    validInterfaces: row(group, 'valid_interfaces', list, 'Interfaces of Glance to use, the preferred one first.'),
    interface: textRow(group, 'interface', 'Interface of Glance to use: public, internal or admin.'),
    serviceType: {
      ...row(group, 'service_type', nonEmpty('a text'), 'Type of Glance in the catalog.'),
      defaultText: 'image',
    },
    serviceName: textRow(group, 'service_name', 'Name of Glance in the catalog.'),
    endpointOverride: textRow(group, 'endpoint_override', 'URL of Glance, whatever the catalog says.'),
  };
}

/** The group that the table of options has. */
export const KEYSTONE_OPTIONS: readonly Option<unknown>[] = flatRows(keystoneOptions('keystone_authtoken'));

function flatRows({ auth, authType, authSection, ...others }: KeystoneOptions): readonly Option<unknown>[] {
  return [authType, authSection, ...Object.values(auth), ...Object.values(others)];
}

function row<T>(group: string, name: string, type: OptionType<T>, help: string): Option<T> {
  return { group, name, type, help };
}

function textRow(group: string, name: string, help: string, formerNames: readonly string[] = []): Option<string> {
  const deprecatedNames = formerNames.map((former) => ({ name: former }));
  return { ...row(group, name, string, help), ...(deprecatedNames.length === 0 ? {} : { deprecatedNames }) };
}

function authRows(group: string): Readonly<Record<AuthOptionName, Option<string>>> {
  const rows = AUTH_OPTIONS.map(({ name, aliases = [], nameInFiles, formerly = [], secret = false, help }) => {
    const inFiles = nameInFiles === undefined ? [] : [nameInFiles];
    const plain = textRow(group, name, help, [...aliases, ...inFiles, ...formerly]);
    return [name, secret ? { ...plain, secret } : plain] as const;
  });
  // The keys are the names of the table, which TypeScript cannot see through fromEntries.
  return Object.fromEntries(rows) as Record<AuthOptionName, Option<string>>;
}
