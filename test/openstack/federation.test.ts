import { beforeAll, expect, test } from 'vitest';
import { tokenOf } from './support/federation-access-token.ts';
import { IdentityAdmin } from './support/identity.ts';
import { authFlags, authVariables, LoginTrial, type Place } from './support/login-trial.ts';
import { FEDERATED, useFederation } from './support/use-federation.ts';
import { useStack } from './support/use-stack.ts';

// Every way to log in through an identity provider, from every place that credentials may be in: Apache with
// mod_auth_openidc takes the provider's token, Keystone maps its claims, and each time one image is fetched.

const stack = useStack();
const federation = useFederation(stack);
let trial: LoginTrial;
let identity: IdentityAdmin;

beforeAll(async () => {
  trial = await LoginTrial.start(stack);
  identity = await IdentityAdmin.connect(stack);
});

type Options = Readonly<Record<string, string>>;

const project = { project_name: stack.accounts.admin.project, project_domain_name: 'Default' };
const job = { auth_type: 'v3oidcclientcredentials', ...FEDERATED.job };
const person = { auth_type: 'v3oidcpassword', ...FEDERATED.cli, ...FEDERATED.admin };

/** With Keystone behind Apache, where only tokens are taken. */
const keystone = (): Options => ({ auth_url: federation().fronts.tokens, ...federation().path });
const discovered = (): Options => ({
  ...keystone(),
  ...project,
  discovery_endpoint: federation().provider.discoveryUrl,
});
const explicit = (): Options => ({ ...keystone(), ...project, access_token_endpoint: federation().provider.tokenUrl });

const inVariables = (options: Options): Place => ({
  env: authVariables({ ...options, cacert: federation().cacert }),
});

/** Secrets in a file of their own, as clouds.yaml has it. */
function inClouds({ auth_type = '', client_secret, password, access_token, ...auth }: Options): Place {
  const secrets = Object.entries({ client_secret, password, access_token }).filter(([, text]) => text !== undefined);
  const cloud = { auth_type, cacert: federation().cacert, region_name: stack.region, auth };
  return { env: { ...trial.clouds(cloud, { auth: Object.fromEntries(secrets) }), OS_CLOUD: 'test' } };
}

const inConf = (group: string, options: Options): Place => ({
  conf: { [group]: { ...options, cafile: federation().cacert } },
});

const WAYS: Readonly<Record<string, () => Place | Promise<Place>>> = {
  'v3oidcclientcredentials in variables': () => inVariables({ ...discovered(), ...job }),
  'v3oidcclientcredentials in clouds.yaml': () => inClouds({ ...discovered(), ...job }),
  'v3oidcclientcredentials in [keystone_authtoken]': () => inConf('keystone_authtoken', { ...discovered(), ...job }),
  'v3oidcclientcredentials in [cache_tools], without a document': () =>
    inConf('cache_tools', { ...explicit(), ...job }),
  'v3oidcclientcredentials in flags': () => ({
    args: authFlags({ ...explicit(), ...job, cacert: federation().cacert }),
  }),
  'v3oidcclientcredentials with the ID of the project': () =>
    inVariables({
      ...keystone(),
      ...job,
      discovery_endpoint: federation().provider.discoveryUrl,
      project_id: identity.projectId,
    }),
  'v3oidcclientcredentials where people with browsers get in too': () =>
    inVariables({ ...discovered(), ...job, auth_url: federation().fronts.both }),
  'v3oidcpassword in variables, without a document': () => inVariables({ ...explicit(), ...person }),
  'v3oidcpassword in clouds.yaml': () => inClouds({ ...discovered(), ...person }),
  'v3oidcpassword in [keystone_authtoken]': () => inConf('keystone_authtoken', { ...discovered(), ...person }),
  'v3oidcpassword with a client without a secret': () =>
    inVariables({
      ...discovered(),
      auth_type: 'v3oidcpassword',
      ...FEDERATED.publicCli,
      ...FEDERATED.admin,
    }),
  'v3oidcpassword with a passcode': () =>
    inVariables({ ...discovered(), ...person, ...FEDERATED.adminWithPasscode, idp_otp_key: 'totp' }),
  'v3oidcpassword with an ID token, which Apache reads itself': () =>
    inClouds({ ...discovered(), ...person, auth_url: federation().fronts.jwt, access_token_type: 'id_token' }),
  'v3oidcaccesstoken in variables': async () => inVariables({ ...keystone(), ...project, ...(await bearer()) }),
  'v3oidcaccesstoken in clouds.yaml': async () => inClouds({ ...keystone(), ...project, ...(await bearer()) }),
  'v3oidcaccesstoken in [keystone_authtoken]': async () =>
    inConf('keystone_authtoken', { ...keystone(), ...project, ...(await bearer()) }),
};

async function bearer(): Promise<Options> {
  return { auth_type: 'v3oidcaccesstoken', access_token: await tokenOf(federation().provider, FEDERATED.job) };
}

test.each(Object.keys(WAYS))('an image is fetched with %s', async (name) => {
  await trial.expectFetched((await WAYS[name]?.()) ?? {});
});

test.each(['', '/', '/v3', '/v3/'])('Keystone is found when auth_url ends in "%s"', async (end) => {
  const auth_url = `${new URL(federation().fronts.tokens).origin}${end}`;
  await trial.expectFetched(inVariables({ ...discovered(), ...job, auth_url }));
});

test.each([
  ['v3oidcclientcredentials', () => ({ ...discovered(), ...job })],
  ['v3oidcpassword', () => ({ ...discovered(), ...person })],
  ['v3oidcaccesstoken', async () => ({ ...keystone(), ...project, ...(await bearer()) })],
] as const)('the log of %s with all its details holds no secret', async (_name, options) => {
  const given: Options = await options();
  const { env = {} } = inVariables(given);
  const { exitCode, stderr } = await trial.run({ env, args: ['--debug'] });
  expect(exitCode).toBe(0);
  expect(stderr).toContain('Logged in to Keystone as ');
  for (const name of ['client_secret', 'password', 'access_token']) {
    if (given[name] !== undefined) expect(stderr).not.toContain(given[name]);
  }
  // Keystone's tokens begin like this, and long words are those of the provider.
  expect(stderr).not.toMatch(/gAAAA|[\w-]{42}/);
  await trial.takeFetched();
});
