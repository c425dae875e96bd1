import { beforeAll, describe, expect, test } from 'vitest';
import { IdentityAdmin, type NewUser } from './support/identity.ts';
import { authFlags, LoginTrial, type Place } from './support/login-trial.ts';
import { errorOf } from './support/prefetch.ts';
import { callForJson } from './support/rest.ts';
import { issueToken } from './support/token.ts';
import { TotpSecret } from './support/totp.ts';
import { useStack } from './support/use-stack.ts';

// Passcodes and several factors against the real Keystone: an image is fetched by who has what it wants, and who has
// not is told what that is.

const stack = useStack();
const { project } = stack.accounts.admin;
const secret = new TotpSecret();
let trial: LoginTrial;
let identity: IdentityAdmin;
/** Keystone takes either factor of this user. */
let easy: NewUser;
/** Keystone wants both of this one. */
let careful: NewUser;

beforeAll(async () => {
  trial = await LoginTrial.start(stack);
  identity = await IdentityAdmin.connect(stack);
  easy = await identity.createUser('easy', 'easy secret');
  careful = await identity.createUser('careful', 'careful secret');
  await identity.addTotp(easy, secret);
  await identity.addTotp(careful, secret);
  await identity.setFactors(careful, [['password', 'totp']]);
});

function who({ name }: NewUser) {
  return {
    auth_url: stack.keystoneUrl,
    username: name,
    user_domain_name: 'Default',
    project_name: project,
    project_domain_name: 'Default',
  };
}

/** Options as the variables of an openrc file. */
function variables(options: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [`OS_${name.toUpperCase()}`, value]));
}

const both = () => ({ ...who(careful), password: careful.password, passcode: secret.passcode() });

const WAYS: Readonly<Record<string, () => Place>> = {
  'v3totp in the environment': () => ({
    env: variables({ ...who(easy), auth_type: 'v3totp', passcode: secret.passcode() }),
  }),
  'v3totp by ID, with blanks in the passcode, in clouds.yaml': () => ({
    env: trial.clouds({
      auth_type: 'v3totp',
      auth: {
        auth_url: stack.keystoneUrl,
        user_id: easy.id,
        project_id: identity.projectId,
        passcode: secret.passcode().replace(/^.../, '$& '),
      },
    }),
    args: ['--os-cloud', 'test'],
  }),
  'v3totp in glance-cache.conf': () => ({
    conf: { cache_tools: { ...who(easy), auth_type: 'v3totp', passcode: secret.passcode() } },
  }),
  'v3multifactor in the environment': () => ({
    env: variables({ ...both(), auth_type: 'v3multifactor', auth_methods: 'v3password,v3totp' }),
  }),
  'v3multifactor with a list in clouds.yaml': () => ({
    env: trial.clouds({ auth_type: 'v3multifactor', auth: { ...both(), auth_methods: ['v3password', 'v3totp'] } }),
    args: ['--os-cloud', 'test'],
  }),
  "v3multifactor with Keystone's own names in glance-cache.conf": () => ({
    conf: { cache_tools: { ...both(), auth_type: 'v3multifactor', auth_methods: 'totp, password' } },
  }),
  'password and passcode, and no auth_type': () => ({ env: variables(both()) }),
  'a passcode as a flag beside an openrc file with a password': () => ({
    env: variables({ ...who(careful), auth_type: 'password', password: careful.password }),
    args: authFlags({ passcode: secret.passcode() }),
  }),
};

test.each(Object.keys(WAYS))('an image is fetched with %s', async (name) => {
  await trial.expectFetched(WAYS[name]?.() ?? {});
});

describe('somebody with a password alone', () => {
  const passwordOnly = () => variables({ ...who(careful), password: careful.password });

  test('is told what Keystone wants, and how to give it', async () => {
    const refused = await trial.run({ env: passwordOnly(), args: ['--format', 'json'] });
    expect(refused).toMatchObject({ exitCode: 7, stdout: '' });
    const { message, hint, ...error } = errorOf(refused);
    expect(message).toBe(
      `Cannot log in at "${stack.keystoneUrl}/auth/tokens" as user "careful" in domain "Default": Keystone wants password and totp together (HTTP 401)`,
    );
    expect(hint).toContain('--os-auth-type v3multifactor --os-auth-methods v3password,v3totp --os-passcode PASSCODE');
    expect(error).toMatchObject({
      code: 'AUTH_REFUSED',
      details: { status: 401, required_auth_methods: [['password', 'totp']] },
    });
    expect(refused.stderr).not.toContain(careful.password);
  });

  test('is asked for the passcode on a terminal, and gets in', async () => {
    const input = `${secret.passcode()}\n`;
    const run = await trial.run({ env: passwordOnly() }, 'glance', { input, onTerminal: true });
    expect(run.stdout).toContain('One-time passcode of user "careful" in domain "Default":');
    expect(run).toMatchObject({ exitCode: 0 });
    await trial.takeFetched();
  });

  test('is refused on a terminal with the wrong passcode', async () => {
    const input = `${secret.wrongPasscode()}\n`;
    const run = await trial.run({ env: passwordOnly() }, 'glance', { input, onTerminal: true });
    expect(run).toMatchObject({ exitCode: 7 });
    expect(run.stdout).toContain('the passcode, which is good for half a minute only');
  });
});

test.each(['v3totp', 'v3multifactor'])('a wrong passcode is refused with %s', async (auth_type) => {
  const options = { ...both(), auth_type, auth_methods: 'v3password,v3totp', passcode: secret.wrongPasscode() };
  const refused = await trial.run({ env: variables(options), args: ['--format', 'json'] });
  expect(refused).toMatchObject({ exitCode: 7, stdout: '' });
  expect(errorOf(refused)).toMatchObject({ code: 'AUTH_REFUSED', details: { status: 401 } });
});

test('without a passcode and a terminal nobody is asked', async () => {
  const refused = await trial.run({
    env: variables({ ...who(easy), auth_type: 'v3totp' }),
    args: ['--format', 'json'],
  });
  expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
  expect(errorOf(refused)).toMatchObject({ code: 'CONFIG_CREDENTIALS' });
});

test('an application credential of such a user needs a rule of its own', async () => {
  const user = await identity.createUser('scripted', 'scripted secret');
  const token = await issueToken(stack.keystoneUrl, { ...user, project });
  const made = await callForJson<{ application_credential: { id: string; secret: string } }>(
    `${stack.keystoneUrl}/users/${user.id}/application_credentials`,
    { method: 'POST', token, json: { application_credential: { name: 'prefetch' } } },
  );
  const { id, secret: key } = made.application_credential;
  const place = {
    env: variables({
      auth_url: stack.keystoneUrl,
      application_credential_id: id,
      application_credential_secret: key,
    }),
  };
  await identity.setFactors(user, [['password', 'totp']]);
  const refused = await trial.run(place);
  expect(refused).toMatchObject({ exitCode: 7 });
  expect(refused.stderr).toContain('Keystone wants more than application_credential (HTTP 401)');
  expect(refused.stderr).toContain('make application_credential one of the multi-factor rules of the user');
  await identity.setFactors(user, [['password', 'totp'], ['application_credential']]);
  await trial.expectFetched(place);
});
