// Passcodes and several factors, as somebody at a terminal gives them, and as a script does that has nobody.
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { adminWith, BOTH } from '../support/cloud/factor-users.ts';
import { isLogin } from '../support/cloud/scripted.ts';
import { FETCHED, type PrefetchFixture, QUEUED, usePrefetch } from '../support/prefetch-fixture.ts';
import { failure, type RunOptions, type RunResult, success } from '../support/run-program.ts';
import { type Typing, typeInto } from '../support/terminal.ts';

const IMAGE = idOf('1');
const QUESTION = 'One-time passcode of user "glance" in domain "Default": ';
const NO_PASSCODE = 'Cannot log in with the credentials from the environment: no passcode was given';
const NOBODY =
  'Cannot log in with the credentials from the environment: there is no passcode, and nobody at a terminal to ask for it';

const setUp = usePrefetch();

async function start(changes: Parameters<typeof adminWith>[0]): Promise<PrefetchFixture> {
  const it = await setUp({ users: [adminWith(changes)], images: [{ id: IMAGE, sizeBytes: 100 }] });
  it.queue(IMAGE);
  return it;
}

const TOTP = { OS_AUTH_TYPE: 'v3totp' };

/** Runs the prefetcher on a terminal, and types. */
function typed(it: PrefetchFixture, env: RunOptions['env'] = {}, ...typings: readonly Typing[]): Promise<RunResult> {
  const running = it.start([], { onTerminal: true, stdin: null, env });
  typeInto(running.process, ...typings);
  return running.ended;
}

describe('a passcode', () => {
  test('is asked for on a terminal, once', async () => {
    const it = await start({ passcodes: ['123456'] });
    const run = await typed(it, TOTP, [QUESTION, '123 456\n']);
    expect(run.code).toBe(0);
    expect(run.stdout.split(QUESTION)).toHaveLength(2);
    expect(it.stateOf(IMAGE)).toEqual(FETCHED);
  });

  test.each([
    ['an empty line', '\n', `${QUESTION}\r\nERROR: ${NO_PASSCODE}\r\n`],
    // Ctrl-D.
    ['the end of input', '\u0004', `${QUESTION}\r\nERROR: ${NO_PASSCODE}\r\n`],
  ])('is missing after %s', async (_what, text, screen) => {
    const it = await start({ passcodes: ['123456'] });
    const run = await typed(it, TOTP, [QUESTION, text]);
    expect(run.code).toBe(3);
    expect(run.stdout).toContain(screen);
    expect(it.stateOf(IMAGE)).toEqual(QUEUED);
  });

  test('is no longer asked for after Ctrl-C, which ends the run', async () => {
    const it = await start({ passcodes: ['123456'] });
    const run = await typed(it, TOTP, [QUESTION, '\u0003']);
    expect(run.code).toBe(130);
    expect(run.stdout).toMatch(/: \^C\r\nERROR: /);
    expect(it.cloud.requests.filter(isLogin)).toEqual([]);
  });

  test.each<[string, RunOptions]>([
    ['without a terminal, and does not wait for input', { stdin: null }],
    ['without a terminal, and does not take piped input for it', { stdin: '123456\n' }],
  ])('is missing %s', async (_when, options) => {
    const it = await start({ passcodes: ['123456'] });
    expect(await it.run([], { ...options, env: TOTP })).toEqual(
      failure(3, NOBODY, 'Give the passcode that is good now: <this command> --os-passcode PASSCODE'),
    );
  });

  test('is missing on a terminal when the input is something else', async () => {
    const it = await start({ passcodes: ['123456'] });
    const within = ['sh', '-c', 'echo 123456 | "$@"', 'sh'];
    const run = await it.run([], { onTerminal: true, within, env: TOTP });
    expect(run.code).toBe(3);
    expect(run.stdout).toContain(NOBODY);
    expect(run.stdout).not.toContain(QUESTION);
  });
});

describe('an account that wants password and passcode', () => {
  test.each([
    '--os-passcode 123456',
    // As the error without a passcode says.
    '--os-auth-type v3multifactor --os-auth-methods v3password,v3totp --os-passcode 123456',
  ])('takes both at once with %s', async (flags) => {
    const it = await start({ passcodes: ['123456'], rules: BOTH });
    expect(await it.run(flags.split(' '))).toEqual(success());
    expect(it.cloud.requests.filter(isLogin)).toHaveLength(1);
  });

  test('lets somebody with a password in who types the passcode', async () => {
    const it = await start({ passcodes: ['123456'], rules: BOTH });
    const run = await typed(it, {}, [QUESTION, '123456\n']);
    expect(run.code).toBe(0);
    expect(it.stateOf(IMAGE)).toEqual(FETCHED);
    const [, second] = it.cloud.requests.filter(isLogin);
    it.hide(String(second?.headers['openstack-auth-receipt']));
    it.checkText(run.stdout);
  });

  test('tells a script what it wants', async () => {
    const it = await start({ passcodes: ['123456'], rules: BOTH });
    const run = await it.run();
    expect(run.code).toBe(7);
    expect(run.stderr).toContain('Keystone wants password and totp together (HTTP 401)');
    expect(run.stderr).toContain('--os-auth-methods v3password,v3totp --os-passcode PASSCODE');
    expect(it.stateOf(IMAGE)).toEqual(QUEUED);
  });

  test('tells why a long run has ended', async () => {
    const it = await start({ passcodes: ['123456'], rules: BOTH });
    it.cloud.intercept((request) => {
      if (request.service === 'glance') it.cloud.revokeTokens();
      return false;
    });
    const run = await it.run(['--os-passcode', '123456']);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('the token has ended, and the passcode was good for one login');
  });
});
