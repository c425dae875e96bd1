import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { InterruptedError } from '../../src/errors/cache-error.ts';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { type CallOptions, callOn } from '../support/call-in-process.ts';
import { useChildren } from '../support/child.ts';
import { AS_ROOT, type ProgramName, type RunResult, success, UNPRIVILEGED } from '../support/run-program.ts';

const cache = useCache();
const startHolder = useChildren('support/programs/holder.ts');

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];

/** The record of a program, as it is on the disk. */
function recordOf(program: ProgramName): Readonly<Record<string, unknown>> | undefined {
  const path = join(cache().layout.runs, `glance-cache-${program}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>) : undefined;
}

function call(program: ProgramName, args: readonly string[] = [], options?: CallOptions): Promise<RunResult> {
  return callOn(cache(), program, args, options);
}

/** Something for each program to do. */
function fill(): void {
  cache().addImage(ONE);
  cache().addImage(TWO);
  cache().addFile('invalid', THREE, { size: 500 });
}

test('each program records what its runs have done, and counts all of them', async () => {
  fill();
  const startSec = Date.now() / 1000;
  for (const program of ['pruner', 'cleaner', 'prefetcher', 'pruner'] as const) {
    expect((await call(program, program === 'pruner' ? ['--max-size', '1000'] : [])).code).toBe(0);
  }
  const [pruner, cleaner, prefetcher] = [recordOf('pruner'), recordOf('cleaner'), recordOf('prefetcher')];
  const totals = (images: number, bytes: number, success: number): unknown => {
    return { images, bytes, runs: { success, partial: 0, failure: 0, stopped: 0 } };
  };
  expect(pruner).toMatchObject({ exit_code: 0, error_code: null, images: 0, bytes: 0, totals: totals(1, 1000, 2) });
  expect(cleaner).toMatchObject({ program: 'glance-cache-cleaner', images: 1, bytes: 500, totals: totals(1, 500, 1) });
  expect(prefetcher).toMatchObject({ exit_code: 0, images: 0, totals: totals(0, 0, 1) });
  for (const record of [pruner, cleaner, prefetcher]) {
    expect(record?.['started']).toBeGreaterThanOrEqual(startSec);
    expect(record?.['ended']).toBeGreaterThanOrEqual(Number(record?.['started']));
    expect(record?.['last_success']).toBe(record?.['ended']);
  }
});

test('a run that fails is recorded with its exit code, and the last success is remembered', async () => {
  fill();
  await call('pruner');
  const success = recordOf('pruner')?.['ended'];
  cache().replaceIndex((path) => writeFileSync(path, 'this is no index at all'));
  expect((await call('pruner')).code).toBe(4);
  expect(recordOf('pruner')).toMatchObject({
    exit_code: 4,
    error_code: expect.stringMatching(/^[A-Z_]+$/) as string,
    last_success: success,
    totals: { runs: { success: 1, failure: 1 } },
  });
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a run that %s stops is recorded with %i', async (signal, code) => {
  fill();
  const stopped = AbortSignal.abort(new InterruptedError(signal, `Stopped by ${signal}`));
  expect((await call('pruner', ['--max-size', '0'], { signal: stopped })).code).toBe(code);
  expect(recordOf('pruner')).toMatchObject({ exit_code: code, error_code: signal, last_success: null, images: 0 });
  expect(recordOf('pruner')).toMatchObject({ totals: { runs: { success: 0, stopped: 1 } } });
});

test.each([
  ['a dry run', ['--dry-run'], 0],
  ['one that is called wrongly', ['--low-watermark', '0.8'], 2],
])('%s is not recorded', async (_what, args, code) => {
  fill();
  expect((await call('pruner', args)).code).toBe(code);
  expect(existsSync(cache().layout.runs)).toBe(false);
});

test('a run is not recorded when the configuration is wrong', async () => {
  cache().configure('image_cache_max_size = 10 GB');
  expect((await call('pruner')).code).toBe(3);
  expect(existsSync(cache().layout.tools)).toBe(false);
});

test('a run that leaves the work to another one leaves the record to it as well', async () => {
  fill();
  await call('pruner');
  const before = recordOf('pruner');
  const holder = startHolder('lock', join(cache().layout.locks, 'glance-cache-pruner'));
  await holder.expectLine('held');
  expect((await call('pruner', ['--lock-timeout', '0'])).code).toBe(5);
  expect(await call('pruner', ['--lock-timeout', '0', '--skip-if-busy'])).toEqual(success());
  expect(recordOf('pruner')).toEqual(before);
});

test('a run that Glance keeps from its work is recorded, unless it may skip', async () => {
  fill();
  const holder = startHolder('lock', join(cache().root, 'glance-cache-prune'));
  await holder.expectLine('held');
  expect(await call('pruner', ['--lock-timeout', '0', '--skip-if-busy'])).toEqual(success());
  expect(recordOf('pruner')).toBeUndefined();
  expect((await call('pruner', ['--lock-timeout', '0'])).code).toBe(5);
  expect(recordOf('pruner')).toMatchObject({ exit_code: 5, error_code: 'BUSY_GLANCE' });
});

test('no run makes the cache directory for the sake of a record', async () => {
  rmSync(cache().root, { recursive: true });
  for (const program of ['pruner', 'cleaner', 'prefetcher'] as const) expect((await call(program)).code).toBe(0);
  expect(existsSync(cache().root)).toBe(false);
});

test('what keeps a record from being written is told at debug level and changes nothing', async () => {
  fill();
  mkdirSync(join(cache().base, 'elsewhere'));
  mkdirSync(cache().layout.tools);
  symlinkSync(join(cache().base, 'elsewhere'), cache().layout.runs);
  expect(await call('pruner', ['--max-size', '0'])).toEqual(success());
  const { code, stderr } = await call('cleaner', ['--debug']);
  expect(code).toBe(0);
  expect(stderr).toContain(`This run is not recorded: Cannot use "${cache().layout.runs}": it is not a folder\n`);
  expect(readdirSync(join(cache().base, 'elsewhere'))).toEqual([]);
  expect(cache().rowIds()).toEqual([]);
});

test.skipIf(!AS_ROOT)('somebody who may only read is not told that there is no record', async () => {
  cache().handTo({ uid: 12_345, gid: 12_345 });
  expect(await cache().run('prefetcher', [], { as: UNPRIVILEGED })).toEqual(success());
  expect(existsSync(cache().layout.tools)).toBe(false);
});

test('none of several runs that end at once is lost', async () => {
  const runs = Array.from({ length: 6 }, () => cache().run('prefetcher', []));
  expect(await Promise.all(runs)).toEqual(runs.map(() => success()));
  expect(recordOf('prefetcher')).toMatchObject({ totals: { runs: { success: 6 } } });
  expect(readdirSync(cache().layout.runs)).toEqual(['glance-cache-prefetcher.json']);
});
