import { Agent, fetch } from 'undici';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TLS } from '../support/tls.ts';
import { tokenOf } from './support/federation-access-token.ts';
import { OTHER_IDENTITY_PROVIDER } from './support/federation-identity.ts';
import { authVariables, LoginTrial } from './support/login-trial.ts';
import { FEDERATED, useFederation } from './support/use-federation.ts';
import { useStack } from './support/use-stack.ts';

// What somebody reads whom the provider, Apache or Keystone does not let in: who said no, in whose words, what to check.

const stack = useStack();
const federation = useFederation(stack);
let trial: LoginTrial;

beforeAll(async () => {
  trial = await LoginTrial.start(stack);
});

type Options = Readonly<Record<string, string>>;

const project = { project_name: stack.accounts.admin.project, project_domain_name: 'Default' };
const keystone = (): Options => ({ auth_url: federation().fronts.tokens, ...federation().path, ...project });
const discovered = (): Options => ({ ...keystone(), discovery_endpoint: federation().provider.discoveryUrl });
const job = (): Options => ({ ...discovered(), auth_type: 'v3oidcclientcredentials', ...FEDERATED.job });
const person = (user: Options = FEDERATED.admin): Options => ({
  ...discovered(),
  auth_type: 'v3oidcpassword',
  ...FEDERATED.cli,
  ...user,
});
const bearer = (token: string): Options => ({ ...keystone(), auth_type: 'v3oidcaccesstoken', access_token: token });
const dead = (): string => `https://127.0.0.1:${federation().deadPort}`;

const SECRET_NAMES = ['client_secret', 'password', 'access_token', 'passcode'];

interface Refusal {
  readonly options: () => Options;
  readonly exitCode: number;
  /** The first line. */
  readonly error: RegExp;
  /** The second line. */
  readonly hint: RegExp;
}

const MAPPING_HINT =
  /^Check the credentials from the environment: identity_provider and protocol .* mapping must know the user/;
const PROJECT_HINT =
  /^Check the credentials from the environment: the project and its domain, .* mapping .* gives the user a role in it/;
const TOKENS_HINT =
  /^Have the web server of Keystone take bearer tokens .* "AuthType auth-openidc" .*: curl -i -X POST https:/;
const TOKEN_HINT =
  /^Check the token in the credentials from the environment, which may have expired, .*: curl -i -X POST https:/;
const LATER_HINT = /glance-cache-prefetcher/;

const BY_THE_PROVIDER: Readonly<Record<string, Refusal>> = {
  'a wrong secret of the client': {
    options: () => ({ ...job(), client_secret: 'not the secret' }),
    exitCode: 7,
    error:
      /^Cannot log in at the identity provider "https:[^"]*\/token" as client "glance-cache": it says "invalid_client/,
    hint: /^Check the client and its secret/,
  },
  'an unknown client': {
    options: () => ({ ...job(), client_id: 'nobody' }),
    exitCode: 7,
    error: /as client "nobody": it says "invalid_client/,
    hint: /^Check the client and its secret/,
  },
  'a wrong password': {
    options: () => ({ ...person(), password: 'not the password' }),
    exitCode: 7,
    error: /it says "invalid_grant: [^"]*" \(HTTP 400\)$/,
    hint: /^Check the user and the password/,
  },
  'no passcode where one is wanted': {
    options: () => ({ ...person(), username: 'bob', password: 'builder' }),
    exitCode: 7,
    error: /it says "invalid_grant: [^"]*" \(HTTP 400\)$/,
    hint: /idp_otp_key/,
  },
  'a way to log in that is not for this client': {
    options: () => ({ ...job(), ...FEDERATED.cli }),
    exitCode: 7,
    error:
      /as client "openstack-cli": it says "invalid_request: requested grant type is not allowed for this client" \(HTTP 400\)$/,
    hint: /^Check the settings of the identity provider, and look at its log/,
  },
  'a document that is not there': {
    options: () => ({ ...job(), discovery_endpoint: `${federation().provider.issuer}/nowhere` }),
    exitCode: 3,
    error: /^Cannot read the document of the identity provider at "[^"]*\/nowhere": .* \(HTTP 404\)$/,
    hint: /^Check discovery_endpoint/,
  },
  'a document of nobody': {
    options: () => ({ ...job(), discovery_endpoint: `${dead()}/.well-known/openid-configuration` }),
    exitCode: 8,
    error: /ECONNREFUSED|refused/,
    hint: /./,
  },
  'a token endpoint of nobody': {
    options: () => ({ ...job(), access_token_endpoint: `${dead()}/token` }),
    exitCode: 8,
    error: /ECONNREFUSED|refused/,
    hint: /./,
  },
};

const BY_APACHE: Readonly<Record<string, Refusal>> = {
  'a token that is none': {
    options: () => bearer('no-token-of-anybody'),
    exitCode: 7,
    error:
      /as the bearer of the given access token through "sso": the web server in front of Keystone refuses the token of the identity provider, and says "invalid_token: Reference token could not be introspected" \(HTTP 401\)$/,
    hint: TOKEN_HINT,
  },
  'an ID token that it asks the provider about': {
    options: () => ({ ...person(), access_token_type: 'id_token' }),
    exitCode: 7,
    error:
      /as user "alice" through "sso": the web server .* says "invalid_token: Reference token could not be introspected" \(HTTP 401\)$/,
    hint: TOKEN_HINT,
  },
  'an access token that it cannot read itself': {
    options: () => ({ ...person(), auth_url: federation().fronts.jwt }),
    exitCode: 7,
    error: /the web server .* says "invalid_token: JWT token could not be validated" \(HTTP 401\)$/,
    hint: TOKEN_HINT,
  },
  'any token where it is for browsers only': {
    options: () => ({ ...job(), auth_url: federation().fronts.browsers }),
    exitCode: 7,
    error: /: the web server in front of Keystone lets nobody in with a token at this path \(HTTP 401\)$/,
    hint: TOKENS_HINT,
  },
  'any token where it redirects to the provider': {
    options: () => ({ ...job(), auth_url: federation().fronts.redirects }),
    exitCode: 8,
    error: /: it redirects to a page for browsers instead of taking the token of the identity provider$/,
    hint: TOKENS_HINT,
  },
  'a token when Keystone is down behind it': {
    options: () => ({ ...job(), auth_url: federation().fronts.orphaned }),
    exitCode: 8,
    error: /^Cannot log in at "https:.*: the server says "Service Unavailable .*" \(HTTP 503\)$/,
    hint: LATER_HINT,
  },
  'everybody when it is down itself': {
    options: () => ({ ...job(), auth_url: `${dead()}/v3` }),
    exitCode: 8,
    error: /ECONNREFUSED|refused/,
    hint: /./,
  },
};

const BY_KEYSTONE: Readonly<Record<string, Refusal>> = {
  'an identity provider that it does not know': {
    options: () => ({ ...job(), identity_provider: 'nobody' }),
    exitCode: 7,
    error:
      /as client "glance-cache" through "nobody": the server says "Could not find Identity Provider: nobody." \(HTTP 404\) \(req-/,
    hint: MAPPING_HINT,
  },
  'a protocol that the identity provider does not have': {
    options: () => ({ ...job(), protocol: 'mapped' }),
    exitCode: 7,
    error: /the server says "Could not find federated protocol mapped for Identity Provider: sso." \(HTTP 404\) \(req-/,
    hint: MAPPING_HINT,
  },
  'a token of another identity provider': {
    options: () => ({ ...job(), identity_provider: OTHER_IDENTITY_PROVIDER }),
    exitCode: 7,
    error: /the server says "[^"]*" \(HTTP 403\) \(req-/,
    hint: MAPPING_HINT,
  },
  'a user that its mapping does not know': {
    options: () => person(FEDERATED.unknown),
    exitCode: 7,
    error:
      /\/identity_providers\/sso\/protocols\/openid\/auth" as user "mallory" through "sso": the server says "[^"]*" \(HTTP 401\) \(req-/,
    hint: MAPPING_HINT,
  },
  'a user without a role in the project': {
    options: () => person(FEDERATED.guest),
    exitCode: 7,
    error: /\/v3\/auth\/tokens" as user "carol" through "sso": the server says "[^"]*" \(HTTP 401\) \(req-/,
    hint: PROJECT_HINT,
  },
  'another project': {
    options: () => ({ ...job(), project_name: stack.accounts.demo.project }),
    exitCode: 7,
    error: /\/v3\/auth\/tokens" as client "glance-cache" through "sso": the server says "[^"]*" \(HTTP 401\) \(req-/,
    hint: PROJECT_HINT,
  },
  'a project that is not there': {
    options: () => ({ ...job(), project_name: 'nowhere' }),
    exitCode: 7,
    error: /\/v3\/auth\/tokens" as client "glance-cache" through "sso": the server says "[^"]*" \(HTTP 401\) \(req-/,
    hint: PROJECT_HINT,
  },
};

async function expectRefused({ options, exitCode, error, hint }: Refusal): Promise<void> {
  const given = options();
  const env = authVariables({ ...given, cacert: federation().cacert });
  const refused = await trial.run({ env, args: ['--retries', '0'] });
  expect(refused).toMatchObject({ exitCode, stdout: '' });
  const [first = '', second = '', ...others] = refused.stderr.trimEnd().split('\n');
  expect(first.replace(/^ERROR: /, '')).toMatch(error);
  expect(second.replace(/^hint: /, '')).toMatch(hint);
  expect(others).toEqual([]);
  for (const name of SECRET_NAMES) if (given[name] !== undefined) expect(refused.stderr).not.toContain(given[name]);
}

describe.each([
  ['the provider', BY_THE_PROVIDER],
  ['Apache', BY_APACHE],
  ['Keystone', BY_KEYSTONE],
] as const)('%s refuses', (_who, refusals) => {
  test.each(Object.keys(refusals))('%s', async (name) => {
    await expectRefused(refusals[name] as Refusal);
  });
});

test('a login for no project is told to be that, as it has no catalog', async () => {
  await expectRefused({
    options: () => {
      const { project_name: _name, project_domain_name: _domain, ...unscoped } = job();
      return unscoped;
    },
    exitCode: 3,
    error: /^Cannot find Glance: the login is for no project, so it has no catalog$/,
    hint: /^Add project_id, or project_name and project_domain_name, to the credentials from the environment/,
  });
});

describe('when the provider has trouble', () => {
  let release: (() => void) | undefined;

  afterEach(() => {
    release?.();
    release = undefined;
  });

  const failAt = (part: string): void => {
    release = federation().provider.intercept(({ url }, response) => {
      if (url?.startsWith(part) !== true) return false;
      response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Out of order</h1>');
      return true;
    });
  };

  test('with its tokens, it is the provider that is told of', async () => {
    failAt('/token');
    await expectRefused({
      options: job,
      exitCode: 8,
      error: /^Cannot log in at the identity provider "[^"]*\/token": the server says "Out of order" \(HTTP 500\)$/,
      hint: LATER_HINT,
    });
  });

  test('with the questions of Apache, it is Apache that is told of', async () => {
    const token = await tokenOf(federation().provider, FEDERATED.job);
    failAt('/token/introspection');
    await expectRefused({
      options: () => bearer(token),
      exitCode: 7,
      error: /the web server .* says "invalid_token: Reference token could not be introspected" \(HTTP 401\)$/,
      hint: TOKEN_HINT,
    });
  });
});

test.each([
  {},
  { 'OIDC-sub': 'alice', 'OIDC-client_id': 'glance-cache' },
  { OIDC_SUB: 'alice', OIDC_CLIENT_ID: 'glance-cache' },
])('headers that only Apache may set make nobody of somebody unknown: %j', async (headers) => {
  const dispatcher = new Agent({ connect: { ca: TLS.ca } });
  const target = `${federation().fronts.tokens}/OS-FEDERATION/identity_providers/sso/protocols/openid/auth`;
  const ask = async (more: Options) => {
    const response = await fetch(target, { dispatcher, method: 'POST', headers: { ...headers, ...more } });
    await response.arrayBuffer();
    return [response.status, response.headers.get('content-type')];
  };
  const token = await tokenOf(federation().provider, FEDERATED.unknownJob);
  // Apache's no, and Keystone's.
  expect(await ask({})).toEqual([401, 'text/html; charset=iso-8859-1']);
  expect(await ask({ authorization: `Bearer ${token}` })).toEqual([401, 'application/json']);
  const known = await tokenOf(federation().provider, FEDERATED.job);
  expect(await ask({ authorization: `Bearer ${known}` })).toEqual([201, 'application/json']);
  await dispatcher.close();
});
