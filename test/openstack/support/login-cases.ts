import type { WriteLogin } from './login-pairs.ts';
import { type CloudFiles, type Place, writeCloud, writeConf, writeLogin } from './logins.ts';

/** A login written as people write it. */
export interface LoginCase {
  readonly what: string;
  readonly write: WriteLogin;
}

/** A login that the real libraries get wrong, and how they would have to be told. */
export interface MendedCase extends LoginCase {
  /** What is wrong with theirs, as they say it; absent where they ask for something else, without a word. */
  readonly theyFail?: RegExp;
  readonly corrected: WriteLogin;
}

type Texts = Readonly<Record<string, string>>;

/** The files of a cloud, `BASE` in them replaced. */
export function cloudOf(files: CloudFiles): WriteLogin {
  return (folder, base) => writeCloud(folder, JSON.parse(JSON.stringify(files).replaceAll('BASE', base)) as CloudFiles);
}

function oneCloud(cloud: unknown, others: Omit<CloudFiles, 'clouds'> = {}): WriteLogin {
  return cloudOf({ clouds: { c: cloud }, ...others });
}

function conf(sections: Readonly<Record<string, Texts>>): WriteLogin {
  return (folder, base) =>
    writeConf(folder, JSON.parse(JSON.stringify(sections).replaceAll('BASE', base)) as typeof sections);
}

function environment(options: Texts): WriteLogin {
  return (_folder, base) => {
    const env = Object.fromEntries(
      Object.entries(options).map(([key, text]) => [`OS_${key}`, text.replace('BASE', base)]),
    );
    return { args: [], env, theirs: { kind: 'environment', env } };
  };
}

function at(place: Place, type: string, options: Readonly<Record<string, string | readonly string[]>>): WriteLogin {
  return (folder, base) => writeLogin(folder, place, { type, options }, base);
}

const KEYSTONE = { auth_url: 'BASE/identity/v3' };
const PROJECT = { project_name: 'p', project_domain_name: 'D' };
const USER = { username: 'u', password: 's p+%', user_domain_name: 'D' };
const FEDERATED = { ...KEYSTONE, ...PROJECT, identity_provider: 'idp', protocol: 'openid' };
const CLIENT = { client_id: 'glance-cache', client_secret: 's:e%c+r/e t' };
const PROVIDER = { ...FEDERATED, ...CLIENT, discovery_endpoint: 'BASE/provider/document' };
const { client_secret: _secret, ...PUBLIC_PROVIDER } = PROVIDER;
const { project_name: _project, project_domain_name: _domain, ...UNSCOPED } = PROVIDER;
const CREDENTIAL = { ...KEYSTONE, application_credential_id: 'i', application_credential_secret: 's' };
const FACTORS = { ...KEYSTONE, ...PROJECT, ...USER, passcode: '123456' };
const CLIENT_TYPE = 'v3oidcclientcredentials';
const PASSWORD_TYPE = 'v3oidcpassword';
const TOKEN_TYPE = { access_token_type: 'access_token' };

function dashed(options: Texts): Texts {
  return Object.fromEntries(Object.entries(options).map(([key, text]) => [key.replaceAll('_', '-'), text]));
}

/** Ways to write that the real libraries read as we do. */
export const WRITTEN: readonly LoginCase[] = [
  {
    what: 'dashes for the underscores in clouds.yaml',
    write: oneCloud({ auth_type: CLIENT_TYPE, auth: dashed(PROVIDER), interface: 'internal' }),
  },
  {
    what: 'all options beside auth',
    write: oneCloud({ auth_type: CLIENT_TYPE, ...PROVIDER, openid_scope: 'openid x' }),
  },
  {
    what: 'an option inside and beside auth',
    write: oneCloud({ auth_type: CLIENT_TYPE, auth: PROVIDER, client_secret: 'other', client_id: 'other' }),
  },
  {
    what: 'scope for openid_scope in auth',
    write: oneCloud({ auth_type: CLIENT_TYPE, auth: { ...PROVIDER, scope: 'openid email' } }),
  },
  {
    what: 'scope and openid_scope in auth',
    write: oneCloud({ auth_type: CLIENT_TYPE, auth: { ...PROVIDER, scope: 'openid a', openid_scope: 'openid b' } }),
  },
  {
    what: 'scope beside auth, which means nothing',
    write: oneCloud({ auth_type: CLIENT_TYPE, auth: PROVIDER, scope: 'openid email' }),
  },
  {
    what: 'OS_SCOPE, which means nothing',
    write: (folder, base) => {
      const { args, env, theirs } = at('environment', CLIENT_TYPE, PROVIDER)(folder, base);
      const scoped = { ...env, OS_SCOPE: 'openid email' };
      return { args, env: scoped, theirs: { ...theirs, env: scoped } };
    },
  },
  {
    what: 'secrets in secure.yaml',
    write: oneCloud(
      { auth_type: PASSWORD_TYPE, auth: { ...PUBLIC_PROVIDER, username: 'ü' } },
      { secure: { c: { auth: { password: '{x} ü', client_secret: 'é' } } } },
    ),
  },
  {
    what: 'the identity provider in a profile',
    write: oneCloud(
      { profile: 'sso', auth: { ...CLIENT, ...PROJECT } },
      { publicClouds: { sso: { auth_type: CLIENT_TYPE, auth: PUBLIC_PROVIDER, interface: 'internal' } } },
    ),
  },
  {
    what: 'a region with a client of its own',
    write: oneCloud(
      {
        auth_type: CLIENT_TYPE,
        auth: PROVIDER,
        regions: [
          'R1',
          { name: 'R2', values: { auth: { client_id: 'two', client_secret: 'two' }, interface: 'admin' } },
        ],
      },
      { region: 'R2' },
    ),
  },
  {
    what: 'a URL with another setting in it',
    write: oneCloud({
      auth_type: 'password',
      auth: { ...USER, ...PROJECT, auth_url: 'BASE/identity/{suffix}' },
      suffix: 'v3',
    }),
  },
  {
    what: 'one domain for user and project',
    write: oneCloud({ auth: { ...KEYSTONE, username: 'u', password: 'x', project_name: 'p', domain_name: 'D' } }),
  },
  {
    what: 'former names in clouds.yaml',
    write: oneCloud({
      auth: {
        ...KEYSTONE,
        user_name: 'u',
        password: 'x',
        tenant_name: 'p',
        user_domain_id: 'd',
        project_domain_id: 'd',
      },
      endpoint_type: 'internal',
    }),
  },
  { what: 'numbers for texts', write: oneCloud({ auth: { ...KEYSTONE, ...USER, project_id: '0012' } }) },
  {
    what: 'a passcode beside auth',
    write: oneCloud({ auth_type: 'v3totp', auth: { ...KEYSTONE, ...PROJECT, user_id: 'u' }, passcode: '012345' }),
  },
  {
    what: 'several factors, of which one is beside auth',
    write: oneCloud({ auth_type: 'v3multifactor', auth: { ...FACTORS, auth_methods: ['v3password', 'v3totp'] } }),
  },
  {
    what: "openstacksdk's name for admin_token",
    write: oneCloud({ auth_type: 'token_endpoint', auth: { url: 'BASE/glance', token: 't' } }),
  },
  {
    what: 'former names in the environment',
    write: environment({
      AUTH_URL: 'BASE/identity',
      USERNAME: 'u',
      PASSWORD: 'x',
      USER_DOMAIN_ID: 'd',
      TENANT_ID: 'p',
      ENDPOINT_TYPE: 'internalURL',
    }),
  },
  {
    what: 'a group that another one names',
    write: conf({
      cache_tools: { auth_section: 'sso' },
      sso: { auth_type: CLIENT_TYPE, ...PROVIDER, ...TOKEN_TYPE, scope: 'openid' },
    }),
  },
  {
    what: 'former names in a configuration file',
    write: conf({
      cache_tools: {
        auth_plugin: 'password',
        ...KEYSTONE,
        user_name: 'u',
        password: 'x',
        user_domain_id: 'd',
        tenant_id: 'p',
      },
    }),
  },
];

/** Ways to write with which the real libraries fail, or do something else than their documents say. */
export const MENDED: readonly MendedCase[] = [
  {
    what: 'a configuration file without access_token_type',
    write: at('file', CLIENT_TYPE, { ...PROVIDER, openid_scope: 'openid profile' }),
    theyFail: /^KeyError: None/,
    corrected: at('cloud', CLIENT_TYPE, PROVIDER),
  },
  {
    what: 'a configuration file without a scope',
    write: at('file', CLIENT_TYPE, { ...PROVIDER, ...TOKEN_TYPE }),
    corrected: at('cloud', CLIENT_TYPE, PROVIDER),
  },
  {
    what: 'a configuration file that writes openid_scope as all other places do',
    write: conf({ cache_tools: { auth_type: CLIENT_TYPE, ...PROVIDER, ...TOKEN_TYPE, openid_scope: 'openid x' } }),
    corrected: at('cloud', CLIENT_TYPE, { ...PROVIDER, openid_scope: 'openid x' }),
  },
  {
    what: 'flags without an access_token_type',
    write: at('flags', PASSWORD_TYPE, { ...PROVIDER, username: 'u', password: 'x' }),
    theyFail: /^KeyError: None/,
    corrected: at('cloud', PASSWORD_TYPE, { ...PROVIDER, username: 'u', password: 'x' }),
  },
  {
    what: 'a URL of Keystone without its version, for an identity provider',
    write: at('cloud', CLIENT_TYPE, { ...PROVIDER, auth_url: 'BASE/identity' }),
    corrected: at('cloud', CLIENT_TYPE, PROVIDER),
  },
  {
    what: 'a dash in auth-type',
    write: oneCloud({ 'auth-type': CLIENT_TYPE, auth: PROVIDER }),
    theyFail: /^TypeError/,
    corrected: at('cloud', CLIENT_TYPE, PROVIDER),
  },
  {
    what: 'factors in one text',
    write: at('cloud', 'v3multifactor', { ...FACTORS, auth_methods: 'v3password, v3totp' }),
    theyFail: /^NoMatchingPlugin/,
    corrected: at('cloud', 'v3multifactor', { ...FACTORS, auth_methods: ['v3password', 'v3totp'] }),
  },
  {
    what: "factors by Keystone's names",
    write: at('cloud', 'v3multifactor', { ...FACTORS, auth_methods: ['password', 'totp'] }),
    theyFail: /./,
    corrected: at('cloud', 'v3multifactor', { ...FACTORS, auth_methods: ['v3password', 'v3totp'] }),
  },
  {
    what: 'an application credential beside the project that an openrc file has left',
    write: at('environment', 'v3applicationcredential', { ...CREDENTIAL, ...PROJECT }),
    corrected: at('environment', 'v3applicationcredential', CREDENTIAL),
  },
  {
    what: 'an application credential beside the user that an openrc file has left',
    write: at('environment', 'v3applicationcredential', { ...CREDENTIAL, username: 'u' }),
    theyFail: /^OptionError/,
    corrected: at('environment', 'v3applicationcredential', CREDENTIAL),
  },
  {
    what: "the domain of a user who is the provider's",
    write: at('cloud', PASSWORD_TYPE, { ...PROVIDER, ...USER }),
    theyFail: /^TypeError: .*user_domain_name/,
    corrected: at('cloud', PASSWORD_TYPE, { ...PROVIDER, username: USER.username, password: USER.password }),
  },
  {
    what: 'an option that the way to log in has no use for',
    write: at('cloud', 'v3oidcaccesstoken', { ...FEDERATED, access_token: 'a', client_id: 'c' }),
    theyFail: /^TypeError: .*client_id/,
    corrected: at('cloud', 'v3oidcaccesstoken', { ...FEDERATED, access_token: 'a' }),
  },
  {
    what: 'a default domain for a type with a version',
    write: at('cloud', 'v3password', {
      ...KEYSTONE,
      username: 'u',
      password: 'x',
      project_name: 'p',
      default_domain_id: 'd',
    }),
    theyFail: /^OptionError/,
    corrected: at('cloud', 'v3password', {
      ...KEYSTONE,
      username: 'u',
      password: 'x',
      project_name: 'p',
      user_domain_id: 'd',
      project_domain_id: 'd',
    }),
  },
  {
    what: 'a way to log in with a capital',
    write: at('cloud', ' V3Password ', { ...KEYSTONE, ...USER, ...PROJECT }),
    theyFail: /^NoMatchingPlugin/,
    corrected: at('cloud', 'v3password', { ...KEYSTONE, ...USER, ...PROJECT }),
  },
  {
    what: 'a token in the environment without its type',
    write: environment({ AUTH_URL: 'BASE/identity', TOKEN: 't', PROJECT_ID: 'p' }),
    theyFail: /^TypeError: .*token/,
    corrected: at('environment', 'token', { auth_url: 'BASE/identity', token: 't', project_id: 'p' }),
  },
];

/** A public client: only since 5.2 they do without a secret, and give the ID in the body. */
export const WITHOUT_SECRET: readonly (LoginCase & { readonly theyFail?: RegExp })[] = [
  {
    what: 'clouds.yaml',
    write: at('cloud', CLIENT_TYPE, PUBLIC_PROVIDER),
    theyFail: /^TypeError: .*client_secret/,
  },
  { what: 'a configuration file', write: at('file', CLIENT_TYPE, { ...PUBLIC_PROVIDER, ...TOKEN_TYPE }) },
];

/** A token for the system: theirs gets one for nothing, and says nothing of it. */
export const FOR_THE_SYSTEM: WriteLogin = at('cloud', CLIENT_TYPE, { ...UNSCOPED, system_scope: 'all' });

/** A user with a colon, which is where every server takes the password to begin. */
export const WITH_A_COLON: WriteLogin = at('cloud', 'http_basic', {
  endpoint: 'BASE/glance',
  username: 'a:b',
  password: 'x',
});
