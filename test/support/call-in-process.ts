/**
 * Calls a program of the toolkit within this process, from the source: for tests that call thousands of times, which
 * processes of their own would take minutes for. What it is called with is injected; nothing of the tester's gets in.
 */
import { Readable, Writable } from 'node:stream';
import { callProgram } from '../../src/cli/call-program.ts';
import { CLEANER } from '../../src/cli/cleaner.ts';
import { MANAGE } from '../../src/cli/manage.ts';
import { Output } from '../../src/cli/output.ts';
import { PREFETCHER } from '../../src/cli/prefetcher.ts';
import type { Program } from '../../src/cli/program.ts';
import { PRUNER } from '../../src/cli/pruner.ts';
import { Rights } from '../../src/cli/rights.ts';
import type { CacheFixture } from './cache-fixture.ts';
import type { ProgramName, RunOptions, RunResult } from './run-program.ts';

/** The programs. */
export const PROGRAMS: Readonly<Record<ProgramName, Program>> = {
  manage: MANAGE,
  pruner: PRUNER,
  cleaner: CLEANER,
  prefetcher: PREFETCHER,
};

/** Somebody who is not root, and has no rights to give up: those of this process are shared with all other tests. */
const NOT_ROOT = { geteuid: () => 65_534, getegid: () => 65_534, umask: () => 0o022 };

/** What may be said about a call. */
export interface CallOptions extends Pick<RunOptions, 'env' | 'home' | 'cwd'> {
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** What SIGHUP would do: an event of any kind is one. */
  readonly hangUps?: EventTarget;
  /** Makes standard error a terminal. Whoever sits there reads what is written, while the program goes on. */
  readonly onShown?: (text: string) => void;
}

/** Calls a program. */
export async function callInProcess(
  name: ProgramName,
  args: readonly string[],
  options: CallOptions = {},
): Promise<RunResult> {
  const {
    env = {},
    home = '/nonexistent',
    cwd = '/',
    stdin = '',
    signal = new AbortController().signal,
    hangUps,
    onShown,
  } = options;
  const stdout = new Gathered();
  const stderr = new Gathered(onShown);
  const code = await callProgram(PROGRAMS[name], {
    args,
    env: { HOME: home, NO_COLOR: '1', ...env },
    cwd,
    homeDir: home,
    accountHome: undefined,
    pid: process.pid,
    stdin: Readable.from([stdin]),
    stdout: new Output('standard output', () => stdout),
    stderr: new Output('standard error', () => stderr),
    rights: new Rights(NOT_ROOT),
    secrets: [],
    signal,
    listenForHangUps: (told) => {
      hangUps?.addEventListener('SIGHUP', told);
      return () => hangUps?.removeEventListener('SIGHUP', told);
    },
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** Calls a program on a cache. */
export function callOn(
  cache: CacheFixture,
  program: ProgramName,
  args: readonly string[],
  options: CallOptions = {},
): Promise<RunResult> {
  return callInProcess(program, ['--config-file', cache.conf, ...args], { home: cache.home, ...options });
}

class Gathered extends Writable {
  readonly isTTY: boolean;
  readonly #chunks: Buffer[] = [];
  readonly #onShown: CallOptions['onShown'];

  /** @param onShown makes it a terminal */
  constructor(onShown?: CallOptions['onShown']) {
    super();
    this.isTTY = onShown !== undefined;
    this.#onShown = onShown;
  }

  /** What was written, as a terminal would get it. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    this.#onShown?.(chunk.toString('utf8'));
    done();
  }
}
