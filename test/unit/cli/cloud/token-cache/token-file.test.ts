import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TokenFile } from '../../../../../src/cli/cloud/token-cache/token-file.ts';
import type { TokenKeeper } from '../../../../../src/keystone/kept-token.ts';
import type { IssuedToken } from '../../../../../src/keystone/token.ts';
import { formatRecord, LONGEST_BYTES, parseRecord } from '../../../../../src/keystone/token-cache/token-record.ts';
import { FakeClock } from '../../../../support/clocks.ts';
import { useTempDir } from '../../../../support/temp-dir.ts';

const folder = useTempDir();

function issued(token: string, catalogBytes = 10, lifetimeSec = 3600): IssuedToken {
  return { token, lifetimeSec, projectId: 'p', isAdmin: true, catalog: ['x'.repeat(catalogBytes)] };
}

/** A file of tokens as a run has it. */
class Run {
  readonly clock: FakeClock;
  readonly file: TokenFile;
  readonly lines: string[] = [];
  readonly tokens: TokenKeeper;

  constructor(clock: FakeClock, path: string, flags: string) {
    this.clock = clock;
    this.file = new TokenFile(path, openSync(path, flags), clock);
    this.tokens = this.file.keeperFor(this);
    onTestFinished(() => this.file.close());
  }

  debug(line: string): void {
    this.lines.push(`DEBUG ${line}`);
  }

  warning(line: string): void {
    this.lines.push(`WARNING ${line.replaceAll(folder(), '~')}`);
  }
}

const pathOf = (): string => join(folder(), 'x.json');
const text = (): string => readFileSync(pathOf(), 'utf8');
const tokenIn = (): string | undefined => parseRecord(text())?.issued.token;

function open(clock = new FakeClock(), { path = pathOf(), flags = 'r+' } = {}): Run {
  if (path === pathOf()) writeFileSync(path, '', { flag: 'a', mode: 0o600 });
  return new Run(clock, path, flags);
}

describe('TokenFile', () => {
  test('has nothing at first, and in the next run what was kept in this one', () => {
    const first = open();
    expect([first.file.token, first.tokens.kept()]).toEqual([undefined, undefined]);
    first.tokens.keep(issued('one'), 5);
    const kept = { issued: issued('one'), ageSec: 5 };
    expect(first.tokens.kept()).toEqual(kept);
    first.clock.seconds += 10;
    const second = open(first.clock);
    expect(second.file.token).toBe('one');
    expect(second.tokens.kept()).toEqual({ ...kept, ageSec: 15 });
    expect([...first.lines, ...second.lines]).toEqual([]);
  });

  test('has what was kept last, however long it is, and nothing of what was there before', () => {
    const anyKeeping = fc.record({
      run: fc.nat({ max: 2 }),
      token: fc.stringMatching(/^[a-z]{1,9}$/),
      length: fc.nat(99),
    });
    fc.assert(
      fc.property(fc.array(anyKeeping, { minLength: 1, maxLength: 8 }), (keepings) => {
        const runs = [open(), open(), open()];
        for (const { run, token, length } of keepings) runs[run]?.tokens.keep(issued(token, length), 0);
        for (const { file } of runs) file.close();
        const last = keepings.at(-1);
        expect(text()).toBe(formatRecord(issued(last?.token ?? '', last?.length), 1_000_000));
      }),
      { numRuns: 50 },
    );
  });

  test('is no longer used once it has expired, and is emptied when the next run opens it', () => {
    const first = open();
    first.tokens.keep(issued('one', 10, 100), 0);
    first.clock.seconds += 99;
    expect(first.file.token).toBe('one');
    first.clock.seconds += 1;
    expect([first.file.token, first.tokens.kept()]).toEqual([undefined, undefined]);
    expect(tokenIn()).toBe('one');
    expect(open(first.clock).file.token).toBeUndefined();
    expect(text()).toBe('');
  });

  test('forgets what was refused', () => {
    const { tokens } = open();
    tokens.keep(issued('one'), 0);
    tokens.forget('one');
    expect([tokens.kept(), text()]).toEqual([undefined, '']);
    tokens.keep(issued('two'), 0);
    expect(tokenIn()).toBe('two');
  });

  test('leaves the token that another run has put in place of the refused one', () => {
    const [first, second] = [open(), open()];
    first.tokens.keep(issued('one'), 0);
    second.tokens.keep(issued('two'), 0);
    first.tokens.forget('one');
    expect([first.tokens.kept(), tokenIn()]).toEqual([undefined, 'two']);
    second.tokens.forget('one');
    expect([second.file.token, tokenIn()]).toEqual(['two', 'two']);
  });

  test.each([
    ['without an end', { ...issued('one'), lifetimeSec: undefined }],
    ['too long to be read again', issued('one', LONGEST_BYTES)],
  ])('keeps no token that is %s', (_what, token) => {
    const { tokens, lines } = open();
    tokens.keep(token, 0);
    expect([tokens.kept(), text()]).toEqual([undefined, '']);
    expect(lines).toEqual([expect.stringMatching(/^DEBUG The token is not kept: /)]);
  });

  test.each([
    ['garbage', 'garbage'],
    ['a line that was cut', (formatRecord(issued('one'), 1_000_000) ?? '').slice(0, -9)],
    ['what is too large', `${formatRecord(issued('one'), 1_000_000)}${'x'.repeat(LONGEST_BYTES)}`],
  ])('has nothing where there is %s, and puts a token in its place', (_what, content) => {
    writeFileSync(pathOf(), content, { mode: 0o600 });
    const { tokens } = open();
    expect(tokens.kept()).toBeUndefined();
    tokens.keep(issued('two'), 0);
    expect(text()).toBe(formatRecord(issued('two'), 1_000_000));
  });

  test('goes on in memory where the disk is full, and says so', () => {
    const { tokens, lines } = open(new FakeClock(), { path: '/dev/full' });
    tokens.keep(issued('one'), 0);
    expect(tokens.kept()?.issued.token).toBe('one');
    expect(lines).toEqual([
      'WARNING Cannot keep the token in "/dev/full": no space left on device (ENOSPC); see whether there is room: df -h /dev/full',
    ]);
  });

  test('forgets in memory what it cannot remove, and says so', () => {
    open().tokens.keep(issued('one'), 0);
    const { tokens, lines } = open(new FakeClock(), { flags: 'r' });
    expect(tokens.kept()?.issued.token).toBe('one');
    tokens.forget('one');
    expect(tokens.kept()).toBeUndefined();
    expect(lines).toEqual([
      expect.stringMatching(/^WARNING Cannot remove the token from "~\/x\.json": .* \(\w+\); see /),
    ]);
  });

  test('closes its file once, and does nothing with it afterwards', () => {
    const descriptor = openSync('/dev/null', 'r+');
    const file = new TokenFile('x', descriptor, new FakeClock());
    file.close();
    expect(() => fstatSync(descriptor)).toThrow('EBADF');
    // The next one to open anything gets the same number.
    const next = openSync(pathOf(), 'w+');
    try {
      file.close();
      const tokens = file.keeperFor({ debug: () => undefined, warning: () => undefined });
      tokens.keep(issued('one'), 0);
      tokens.forget('one');
      expect(fstatSync(next).size).toBe(0);
    } finally {
      closeSync(next);
    }
  });

  test('leaves nothing open where it cannot be read', () => {
    const descriptor = openSync(folder(), 'r');
    expect(() => new TokenFile('x', descriptor, new FakeClock())).toThrow('EISDIR');
    expect(() => fstatSync(descriptor)).toThrow('EBADF');
  });
});
