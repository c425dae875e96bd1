/**
 * The programs start from code that V8 compiled when they were built, and start all the same without it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { ROOT } from '../support/run-program.ts';
import { useTempDir } from '../support/temp-dir.ts';

const PROGRAMS = ['manage', 'pruner', 'cleaner', 'prefetcher'];

const temp = useTempDir();

/** A copy of the package, whose files may be spoiled. */
beforeEach(() => {
  for (const name of ['bin', 'dist', 'package.json']) cpSync(join(ROOT, name), join(temp(), name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(temp(), 'node_modules'));
});

const cacheOf = (program: string): string =>
  join(temp(), 'dist', `${program}-${process.version}-${process.arch}.code-cache`);

function version(program: string): { readonly stdout: string; readonly stderr: string } {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(temp(), 'bin', `glance-cache-${program}.cjs`), '--version'],
    { encoding: 'utf8' },
  );
  return { stdout, stderr };
}

test('the bundle is ASCII, as it is read', () => {
  const bytes = readFileSync(join(temp(), 'dist/core.cjs'));
  expect(bytes.length).toBeGreaterThan(0);
  expect(bytes.findIndex((byte) => byte > 0x7f)).toBe(-1);
});

describe('a program starts', () => {
  test.each(PROGRAMS)('%s from code that this Node accepts', (program) => {
    const show =
      'const { evaluate } = require(process.argv[1]); const { readFileSync } = require("node:fs");' +
      'console.log(evaluate(readFileSync(process.argv[2])).script.cachedDataRejected);';
    const launch = join(temp(), 'dist/launch.cjs');
    const { stdout } = spawnSync(process.execPath, ['-e', show, launch, cacheOf(program)], { encoding: 'utf8' });
    expect(stdout).toBe('false\n');
  });

  test('when the compiled code is not there, as under another Node', () => {
    const usual = version('manage');
    expect(usual).toMatchObject({ stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string, stderr: '' });
    for (const program of PROGRAMS) rmSync(cacheOf(program));
    expect(readdirSync(join(temp(), 'dist')).filter((name) => name.endsWith('.code-cache'))).toEqual([]);
    for (const program of PROGRAMS) expect(version(program)).toEqual(usual);
  });

  test.each([
    ['is empty', () => Buffer.alloc(0)],
    ['is cut', (whole: Buffer) => whole.subarray(0, 1000)],
    ['is something else', () => Buffer.from('something else '.repeat(1000))],
    [
      'was made by another V8',
      (whole: Buffer) => Buffer.concat([whole.subarray(0, 4), Buffer.alloc(16, 7), whole.subarray(20)]),
    ],
  ])('when the compiled code %s', (_name, spoilt: (whole: Buffer) => Buffer) => {
    const usual = version('pruner');
    writeFileSync(cacheOf('pruner'), spoilt(readFileSync(cacheOf('pruner'))));
    expect(version('pruner')).toEqual(usual);
  });
});
