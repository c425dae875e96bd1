import { describe, expect, test } from 'vitest';
import type { Credentials } from '../../../src/credentials/credentials.ts';
import type { Interaction } from '../../../src/keystone/interaction.ts';
import { openSession, type SessionOptions } from '../../../src/keystone/open-session.ts';
import { FakeClock } from '../../support/clocks.ts';
import type { Cloud } from '../../support/cloud/cloud.js';
import { ADMIN, adminOf, type CredentialChanges } from '../../support/cloud/credentials.ts';
import { adminWith, BOTH } from '../../support/cloud/factor-users.ts';
import { answerNext, isLogin } from '../../support/cloud/scripted.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { send, sendJson } from '../../support/http-answers.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';

const startCloud = useClouds();
const transport = useTransports();

const { password, ...NO_PASSWORD } = ADMIN;
const SERVICE = { project: { name: 'service', domain: { name: 'Default' } } };
const USER = { name: 'glance', domain: { name: 'Default' } };

/** Somebody who answers one question after the other. */
class Person implements Interaction {
  readonly questions: string[] = [];
  readonly #answers: (string | undefined)[];
  #isTyping = true;

  constructor(...answers: readonly (string | undefined)[]) {
    this.#answers = [...answers];
  }

  leaveKeyboard(): this {
    this.#isTyping = false;
    return this;
  }

  canAsk(): boolean {
    return this.#isTyping;
  }

  async tell(): Promise<void> {}

  async ask(question: string): Promise<string | undefined> {
    this.questions.push(question);
    return this.#answers.shift();
  }
}

function openFor(cloud: Cloud, changes: CredentialChanges, options: Partial<SessionOptions> = {}) {
  const patience = { clock: new FakeClock(), random: () => 0, retries: 2 };
  return openSession({ credentials: adminOf(cloud, changes), transport: transport(), ...patience, ...options });
}

const totp = (passcode?: string): CredentialChanges => ({
  authType: 'v3totp',
  auth: { ...NO_PASSWORD, ...(passcode === undefined ? {} : { passcode }) },
});

const several = (auth_methods: string, auth: Credentials['auth']): CredentialChanges => ({
  authType: 'v3multifactor',
  auth: { ...auth, auth_methods },
});

const sentTo = (cloud: Cloud) => cloud.requests.filter(isLogin).map(({ body }): unknown => JSON.parse(body));
const cloudWith = (...passcodes: string[]) => startCloud({ users: [adminWith({ passcodes })] });

describe('a login by passcode', () => {
  test.each(['123456', ' 123 456 ', '123\t456\n'])('sends the user and the passcode %j', async (passcode) => {
    const cloud = await cloudWith('123456');
    expect(await openFor(cloud, totp(passcode)).access(NO_SIGNAL)).toMatchObject({ isAdmin: true });
    const user = { ...USER, passcode: '123456' };
    expect(sentTo(cloud)).toEqual([{ auth: { identity: { methods: ['totp'], totp: { user } }, scope: SERVICE } }]);
  });

  test('asks for it where somebody is there', async () => {
    const cloud = await cloudWith('123456');
    const person = new Person('123 456');
    await openFor(cloud, totp(), { interaction: person }).access(NO_SIGNAL);
    expect(person.questions).toEqual(['One-time passcode of user "glance" in domain "Default":']);
  });

  test.each([
    ['nobody is there', undefined, 'there is no passcode, and nobody at a terminal to ask for it'],
    ['nobody types', new Person('1').leaveKeyboard(), 'there is no passcode, and nobody at a terminal to ask for it'],
    ['the line is empty', new Person(''), 'no passcode was given'],
    ['the input ends', new Person(undefined), 'no passcode was given'],
  ])('is a fault of the credentials where %s', async (_when, interaction, state) => {
    const cloud = await cloudWith('1');
    expect(await rejectionOf(openFor(cloud, totp(), { interaction }).access(NO_SIGNAL))).toMatchObject({
      code: 'CONFIG_CREDENTIALS',
      exitCode: 3,
      message: `Cannot log in with the credentials from the environment: ${state}`,
      hint: expect.stringContaining('--os-passcode PASSCODE') as string,
    });
    expect(sentTo(cloud)).toEqual([]);
  });

  test('is refused with another passcode, which no message repeats', async () => {
    const cloud = await cloudWith('123456');
    answerNext(cloud, isLogin, sendJson(401, { error: { message: 'I do not know 987654.' } }));
    const error = await rejectionOf(openFor(cloud, totp(), { interaction: new Person('987654') }).access(NO_SIGNAL));
    expect(error).toMatchObject({
      code: 'AUTH_REFUSED',
      message: expect.stringContaining('"I do not know ***."') as string,
      hint: expect.stringContaining('the passcode, which is good for half a minute only') as string,
    });
  });

  test('is tried again with the same passcode when Keystone fails for a moment', async () => {
    const cloud = await cloudWith('123456');
    const person = new Person('123456');
    answerNext(cloud, isLogin, send(503));
    await openFor(cloud, totp(), { interaction: person }).access(NO_SIGNAL);
    expect(person.questions).toHaveLength(1);
  });

  test('asks anew when it has waited for Keystone for long', async () => {
    const cloud = await cloudWith('222222');
    const clock = new FakeClock();
    const person = new Person('111111', '222222');
    answerNext(cloud, isLogin, send(503, '', { 'retry-after': '31' }));
    await openFor(cloud, totp(), { interaction: person, clock }).access(NO_SIGNAL);
    expect(person.questions).toHaveLength(2);
  });

  test.each(['', '111111'])('asks anew when the token is refused later, after %j was given', async (given) => {
    const cloud = await cloudWith('111111', '222222', '333333');
    const person = new Person(...(given === '' ? ['111111'] : []), '222222', '333333');
    const session = openFor(cloud, totp(given === '' ? undefined : given), { interaction: person });
    const first = await session.access(NO_SIGNAL);
    const second = await session.renewed(first, NO_SIGNAL);
    const third = await session.renewed(second, NO_SIGNAL);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(person.questions).toHaveLength(given === '' ? 3 : 2);
  });

  test('says why it cannot be renewed where nobody is there', async () => {
    const cloud = await cloudWith('111111', '222222');
    const session = openFor(cloud, totp('111111'));
    const first = await session.access(NO_SIGNAL);
    expect(await rejectionOf(session.renewed(first, NO_SIGNAL))).toMatchObject({
      code: 'CONFIG_CREDENTIALS',
      message:
        'Cannot log in with the credentials from the environment: the token has ended, and the passcode was good for one login',
      hint: expect.stringContaining('an application credential can log in again') as string,
    });
    expect(sentTo(cloud)).toHaveLength(1);
  });
});

describe('a login with several factors', () => {
  test.each(['v3password,v3totp', ' PASSWORD, totp ,password', 'v3password,,totp'])(
    'sends those of %j in one request',
    async (methods) => {
      const cloud = await startCloud({ users: [adminWith({ passcodes: ['123456'], rules: BOTH })] });
      await openFor(cloud, several(methods, { ...ADMIN, passcode: '123456' })).access(NO_SIGNAL);
      const identity = {
        methods: ['password', 'totp'],
        password: { user: { ...USER, password } },
        totp: { user: { ...USER, passcode: '123456' } },
      };
      expect(sentTo(cloud)).toEqual([{ auth: { identity, scope: SERVICE } }]);
    },
  );

  test('sends a token in the header as well', async () => {
    const cloud = await cloudWith('123456');
    const token = cloud.issueToken('glance');
    const auth = { ...NO_PASSWORD, token, passcode: '123456' };
    await openFor(cloud, several('v3totp,v3token', auth)).access(NO_SIGNAL);
    expect(sentTo(cloud)).toMatchObject([{ auth: { identity: { methods: ['totp', 'token'], token: { id: token } } } }]);
    expect(cloud.requests.at(-1)?.headers['x-auth-token']).toBe(token);
  });

  test('asks for the passcode among them', async () => {
    const cloud = await startCloud({ users: [adminWith({ passcodes: ['123456'], rules: BOTH })] });
    const interaction = new Person('123456');
    await openFor(cloud, several('v3password,v3totp', ADMIN), { interaction }).access(NO_SIGNAL);
    expect(interaction.questions).toHaveLength(1);
  });
});

describe('a login with too few factors', () => {
  const start = (rules: readonly (readonly string[])[]) =>
    startCloud({ users: [adminWith({ passcodes: ['123456'], rules })] });

  test.each<[string, readonly (readonly string[])[], string, string]>([
    [
      'password and passcode',
      [['password', 'totp']],
      'password and totp together',
      'Give all of it at once: <this command> --os-auth-type v3multifactor --os-auth-methods v3password,v3totp --os-passcode PASSCODE; where nobody is there',
    ],
    [
      'what is not known',
      [
        ['password', 'thumb', 'eye'],
        ['x509', 'password'],
      ],
      'eye, password and thumb together, or password and x509 together',
      'Log in with what it wants, or with an application credential',
    ],
    [
      'a token',
      [['token', 'password']],
      'password and token together',
      'Give all of it at once: <this command> --os-auth-type v3multifactor --os-auth-methods v3password,v3token; where nobody is there',
    ],
  ])('says that Keystone wants %s', async (_what, rules, wanted, hint) => {
    const cloud = await start(rules);
    const error = await rejectionOf(openFor(cloud, {}).access(NO_SIGNAL));
    expect(error).toMatchObject({
      code: 'AUTH_REFUSED',
      exitCode: 7,
      message: `Cannot log in at "${cloud.keystoneUrl}/v3/auth/tokens" as user "glance" in domain "Default": Keystone wants ${wanted} (HTTP 401)`,
      hint: expect.stringContaining(hint) as string,
      details: {
        status: 401,
        request_id: 'req-2',
        source: 'the environment',
        required_auth_methods: rules.map((rule) => rule.toSorted()),
      },
    });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('receipt-');
  });

  test.each<[string, unknown]>([
    ['no JSON', undefined],
    ['without the fields', {}],
    ['full of other things', { required_auth_methods: ['totp', [1], []], receipt: [] }],
  ])('says so when the answer with the receipt is %s', async (_what, body) => {
    const cloud = await startCloud();
    const headers = { 'openstack-auth-receipt': 'receipt' };
    answerNext(cloud, isLogin, body === undefined ? send(401, '<', headers) : sendJson(401, body, headers));
    expect(await rejectionOf(openFor(cloud, {}).access(NO_SIGNAL))).toMatchObject({
      code: 'AUTH_REFUSED',
      message: expect.stringContaining('Keystone wants more than one proof of who that is (HTTP 401)') as string,
    });
  });

  test('knows that rules hold for application credentials as well', async () => {
    const cloud = await startCloud();
    const body = { receipt: { methods: ['application_credential'] }, required_auth_methods: [] };
    answerNext(cloud, isLogin, sendJson(401, body, { 'openstack-auth-receipt': 'receipt' }));
    expect(await rejectionOf(openFor(cloud, {}).access(NO_SIGNAL))).toMatchObject({
      code: 'AUTH_REFUSED',
      message: expect.stringContaining('Keystone wants more than application_credential (HTTP 401)') as string,
      hint: 'Have the admin of the cloud make application_credential one of the multi-factor rules of the user, as in: openstack user set --multi-factor-auth-rule password,totp --multi-factor-auth-rule application_credential USER',
    });
  });

  test('says no more of it than fits a line, and nothing that a terminal obeys', async () => {
    const cloud = await startCloud();
    const rule = Array.from({ length: 50 }, (_, i) => `\u001b[31m${i}${'x'.repeat(1000)}`);
    const body = { required_auth_methods: Array.from({ length: 50 }, () => rule) };
    answerNext(cloud, isLogin, sendJson(401, body, { 'openstack-auth-receipt': 'receipt' }));
    const { message } = (await rejectionOf(openFor(cloud, {}).access(NO_SIGNAL))) as Error;
    expect(message.length).toBeLessThan(2000);
    expect(message).not.toContain('\u001b');
  });

  test('asks for the passcode and goes on with the receipt where somebody is there', async () => {
    const cloud = await start([['token'], ['password', 'totp']]);
    const secrets: string[] = [];
    const options = { interaction: new Person('123456'), onToken: (text: string) => secrets.push(text) };
    expect(await openFor(cloud, {}, options).access(NO_SIGNAL)).toMatchObject({ isAdmin: true });
    const user = { ...USER, passcode: '123456' };
    expect(sentTo(cloud)).toEqual([
      { auth: { identity: { methods: ['password'], password: { user: { ...USER, password } } }, scope: SERVICE } },
      { auth: { identity: { methods: ['totp'], totp: { user } }, scope: SERVICE } },
    ]);
    const [first, second] = cloud.requests.filter(isLogin);
    expect(first?.headers).not.toHaveProperty('openstack-auth-receipt');
    expect(second?.headers['openstack-auth-receipt']).toMatch(/^receipt-/);
    expect(secrets).toContain(second?.headers['openstack-auth-receipt']);
  });

  test('says that it was the passcode that was wrong then', async () => {
    const cloud = await start([['password', 'totp']]);
    const error = await rejectionOf(openFor(cloud, {}, { interaction: new Person('654321') }).access(NO_SIGNAL));
    expect(error).toMatchObject({
      code: 'AUTH_REFUSED',
      hint: 'Check the credentials from the environment: the user, the passcode, which is good for half a minute only; to try those of the shell: openstack token issue',
    });
  });

  test.each<[string, readonly (readonly string[])[], CredentialChanges]>([
    ['more than a passcode is missing', [['password', 'totp', 'token']], {}],
    ['something else is missing', [['password', 'token']], {}],
    ['it was a passcode that was right', [['password', 'totp']], totp('123456')],
  ])('asks for nothing where %s', async (_when, rules, changes) => {
    const cloud = await start(rules);
    const interaction = new Person('123456');
    expect(await rejectionOf(openFor(cloud, changes, { interaction }).access(NO_SIGNAL))).toMatchObject({
      code: 'AUTH_REFUSED',
      message: expect.stringContaining('Keystone wants password') as string,
    });
    expect(interaction.questions).toEqual([]);
  });

  test('asks for nothing where nobody types', async () => {
    const cloud = await start([['password', 'totp']]);
    const interaction = new Person('123456').leaveKeyboard();
    expect(await rejectionOf(openFor(cloud, {}, { interaction }).access(NO_SIGNAL))).toMatchObject({
      code: 'AUTH_REFUSED',
    });
    expect(interaction.questions).toEqual([]);
  });
});
