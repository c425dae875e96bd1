/**
 * Shows that no system call that fails on the token cache ends a run: it is warned about where that makes a difference, the
 * image is fetched, and the next run finds all as it should be. And that nothing but the one file is opened, for nobody else.
 */
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useCache } from '../support/cache-fixture.ts';
import { type Cloud, startCloud } from '../support/cloud/cloud.js';
import { isLogin } from '../support/cloud/scripted.ts';
import { CLOUD, filesIn, LOOK, tokenIn } from '../support/kept-tokens.ts';
import { loginOf, PASSWORD } from '../support/prefetch-fixture.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import type { RunResult } from '../support/run-program.ts';
import {
  callsBelow,
  type Fault,
  failing,
  ONE_POOL_THREAD,
  type WatchedCall,
  wasInjected,
  watchedInto,
} from '../support/strace.ts';
import { faultsOf, shuffled } from './faults.ts';

const IN_CI = 40;
const WARNING =
  /^\S+ \S+ \d+ WARNING \S+ \[-\] (?:The token cache is not used: |Cannot (?:keep|remove) the token (?:in|from) )[^\n]* \(E\w+\); [^\n]*\n$/;
const LINK = /^\S+ \S+ \d+ WARNING \S+ \[-\] The token cache is not used: "\S+" is a symbolic link; [^\n]*\n$/;

const cache = useCache();
const seed = seedOfRun();
let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud(CLOUD);
});
afterAll(() => cloud.close());

const home = (): string => join(cache().base, 'home');
const log = (): string => join(cache().base, 'trace');

async function look(within: readonly string[] = []): Promise<RunResult> {
  const env = { ...loginOf(cloud), ...ONE_POOL_THREAD };
  const result = await cache().run('prefetcher', LOOK, { env, within });
  const tokens = cloud.requests.flatMap(({ headers }) => headers['x-auth-token'] ?? []).flat();
  for (const secret of [PASSWORD, ...tokens]) expect(result.stdout + result.stderr).not.toContain(secret);
  return result;
}

/** The home as a state wants it. */
async function setUp(state: State): Promise<void> {
  rmSync(home(), { recursive: true, force: true });
  mkdirSync(home(), { mode: 0o700 });
  if (state === 'nothing') return;
  expect(await look()).toMatchObject({ code: 0, stderr: '' });
  if (state === 'a refused token') cloud.revokeTokens();
}

const STATES = ['nothing', 'a token', 'a refused token'] as const;
type State = (typeof STATES)[number];

async function watched(state: State): Promise<readonly WatchedCall[]> {
  await setUp(state);
  expect(await look(watchedInto(log()))).toMatchObject({ code: 0, stderr: '' });
  // What is looked for beside it is configuration.
  return callsBelow(join(home(), '.cache'), log());
}

/** What is not as it should be after a run in which a call failed. */
async function complaintAbout(state: State, fault: Fault): Promise<readonly string[]> {
  await setUp(state);
  const { code, stdout, stderr } = await look(failing(fault, log()));
  if (!wasInjected(log())) return [];
  const about = `${state}: ${JSON.stringify(fault)}: `;
  const complaints = [
    ...(code === 0 ? [] : [`${about}it ends with ${code}: ${stderr}`]),
    ...(stdout.includes('"planned"') ? [] : [`${about}it reports ${stdout}`]),
    ...(stderr === '' || WARNING.test(stderr) || LINK.test(stderr) ? [] : [`${about}it says ${stderr}`]),
  ];
  const mended = await look();
  const files = filesIn(home()).map((file) => `${(lstatSync(file).mode & 0o7777).toString(8)} ${typeof tokenIn(file)}`);
  if (mended.code !== 0 || mended.stderr !== '' || files.join() !== '600 string') {
    complaints.push(`${about}the next run leaves ${files.join()}, and says ${mended.stderr}`);
  }
  return complaints;
}

describe('the token cache', () => {
  for (const state of STATES) {
    test(
      `is no reason to fail when any system call on it fails, with ${state} in it`,
      async () => {
        const all = faultsOf(await watched(state));
        expect(all.length).toBeGreaterThan(20);
        const complaints: string[] = [];
        for (const fault of shuffled(all, seed).slice(0, rounds(IN_CI, all.length))) {
          complaints.push(...(await complaintAbout(state, fault)));
        }
        expect(complaints, `TEST_SEED=${seed}`).toEqual([]);
      },
      patienceMs(180_000),
    );
  }

  test('is one file, which no link leads away from, and no other program gets', async () => {
    await setUp('nothing');
    expect(await look(watchedInto(log()))).toMatchObject({ code: 0, stderr: '' });
    const [file = ''] = filesIn(home());
    const lines = readFileSync(log(), 'utf8').split('\n');
    const opened = lines.filter((line) => /\bopenat\(/.test(line) && line.includes(file));
    expect(opened.length).toBeGreaterThan(0);
    for (const line of opened)
      for (const flag of ['O_NOFOLLOW', 'O_CLOEXEC', 'O_NONBLOCK']) expect(line).toContain(flag);
    const made = opened.filter((line) => line.includes('O_CREAT'));
    expect(made).toEqual([expect.stringMatching(/O_EXCL.*, 0600\)/)]);
    expect(readdirSync(home())).toEqual(['.cache']);
  });

  test('keeps no half of a token where a file may not be as large', async () => {
    await setUp('nothing');
    const limited = await look(['sh', '-c', 'ulimit -f 1; trap "" XFSZ; exec "$@"', 'sh']);
    expect(limited.code).toBe(0);
    expect(limited.stderr).toMatch(WARNING);
    expect(filesIn(home()).map((path) => lstatSync(path).size)).toEqual([0]);
    const { length } = cloud.requests.filter(isLogin);
    expect(await look()).toMatchObject({ code: 0, stderr: '' });
    expect(cloud.requests.filter(isLogin)).toHaveLength(length + 1);
  });
});
