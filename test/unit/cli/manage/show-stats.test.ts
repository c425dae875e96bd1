import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { showStats } from '../../../../src/cli/manage/show-stats.ts';
import { Output, type OutputStream } from '../../../../src/cli/output.ts';
import { ParsedArguments } from '../../../../src/cli/parsed-arguments.ts';
import type { Call } from '../../../../src/cli/program.ts';
import { Rights } from '../../../../src/cli/rights.ts';
import { PROGRAMS } from '../../../support/call-in-process.ts';
import { madeUp, nodeStats } from '../../../support/node-stats.ts';
import { FakeTerminal } from '../progress/fake-terminal.ts';

const ESCAPE = '\u001b';

const here = nodeStats([madeUp(1, { sizeBytes: 3 * 1024 ** 3 })]);
const REPORT = {
  allNodes: false,
  total: here.total,
  distinctImages: 1,
  items: [{ ...here.total, nodeUrl: undefined, isOwn: true, here }],
  here,
};

/** What is shown on a stream in an environment. */
async function show(stream: OutputStream, env: Readonly<Record<string, string>>): Promise<void> {
  const invocation = {
    args: [],
    env,
    cwd: '/',
    homeDir: undefined,
    accountHome: undefined,
    pid: 1,
    stdin: Readable.from([]),
    stdout: new Output('standard output', () => stream),
    stderr: new Output('standard error', () => new PassThrough()),
    rights: new Rights({ geteuid: () => 1, getegid: () => 1, umask: () => 0 }),
    secrets: [],
    signal: new AbortController().signal,
    listenForHangUps: () => () => undefined,
  };
  const args = new ParsedArguments({ operands: [], sources: [], settings: [], texts: new Map() });
  const call: Call = { program: PROGRAMS.manage, invocation, args };
  await showStats(call, REPORT);
}

async function onTerminal(columns: number, env: Readonly<Record<string, string>>): Promise<string> {
  const terminal = new FakeTerminal(columns, 100);
  await show(terminal, env);
  return terminal.text;
}

function widthOf(text: string): number {
  return Math.max(...text.split('\n').map(({ length }) => length));
}

describe('showStats()', () => {
  test.each([40, 60, 80, 200])('fills a terminal of %d columns but for the last', async (columns) => {
    const text = await onTerminal(columns, { LANG: 'de_DE.UTF-8', NO_COLOR: '1' });
    expect(text).toContain('█');
    expect(text).toContain('3.0 GiB');
    expect(widthOf(text)).toBeLessThan(columns);
    expect(widthOf(text)).toBeGreaterThan(Math.min(columns, 130) - 5);
    expect(text).not.toContain(ESCAPE);
  });

  test('keeps to what a picture needs, and to what can be read', async () => {
    const env = { LANG: 'C.UTF-8', NO_COLOR: '1' };
    expect(widthOf(await onTerminal(10, env))).toBe(widthOf(await onTerminal(40, env)));
    expect(await onTerminal(900, env)).toBe(await onTerminal(200, env));
    // A serial line does not know its width.
    expect(await onTerminal(0, env)).toBe(await onTerminal(80, env));
  });

  test('draws in ASCII where the locale has no more', async () => {
    expect(await onTerminal(80, { LC_ALL: 'C', LANG: 'de_DE.UTF-8', NO_COLOR: '1' })).toMatch(/^[\n -~]*$/);
  });

  test('has colour on a terminal that shows it', async () => {
    expect(await onTerminal(80, { TERM: 'xterm' })).toContain(`${ESCAPE}[`);
    expect(await onTerminal(80, { TERM: 'dumb' })).not.toContain(ESCAPE);
  });

  test('is exact and plain on a pipe, whatever the locale', async () => {
    const pipe = new PassThrough({ encoding: 'utf8' });
    await show(pipe, { LANG: 'C.UTF-8', TERM: 'xterm' });
    const text = String(pipe.read());
    expect(text).toMatch(/^[\n -~]*$/);
    expect(text).toContain(`# used ${3 * 1024 ** 3} B`);
  });
});
