import type { ChildProcess } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readCache, readEntry } from './support/cache.ts';
import { addImages, longUnused, makeCache, writeCacheConf } from './support/made-cache.ts';
import { runOurs, SILENT_SUCCESS, startOurs, USERS } from './support/on-node.ts';
import type { ProgramName } from './support/programs.ts';
import { PythonProcess } from './support/python-process.ts';
import type { RunResult } from './support/run.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// Our locks and those of Glance's own code, taken by Glance's own code, shut each other out.

const stack = useStack();
const MANY = 3_000;
let node: GlanceNode;
const holders: PythonProcess[] = [];

beforeAll(async () => {
  // It makes the folder of the locks; what it serves is not needed here.
  node = await stack.startGlanceNode({ workers: 1 });
});

afterEach(async () => {
  for (const holder of holders.splice(0)) await holder.end();
});

async function hold(cacheConf: string, lock: string): Promise<PythonProcess> {
  const holder = PythonProcess.start('hold_lock.py', [cacheConf, lock]);
  holders.push(holder);
  expect(await holder.line()).toBe('ready');
  return holder;
}

async function timed(work: () => Promise<RunResult>): Promise<RunResult & { readonly seconds: number }> {
  const start = performance.now();
  const result = await work();
  return { ...result, seconds: (performance.now() - start) / 1000 };
}

interface Place {
  readonly cacheDir: string;
  readonly cacheConf: string;
  readonly lockDir: string;
}

/** A cache whose locks lie in its own directory, or where `lock_path` says. */
function makePlace(name: string, where: 'cache directory' | 'lock_path'): Place {
  const { cacheDir, cacheConf } = makeCache(name);
  if (where === 'cache directory') return { cacheDir, cacheConf, lockDir: cacheDir };
  const lockDir = node.lockDir ?? '';
  // A section in the middle of nowhere is a section all the same.
  return { cacheDir, lockDir, cacheConf: writeCacheConf(cacheDir, { '[oslo_concurrency]\nlock_path': lockDir }) };
}

const LOCKS: readonly (readonly [ProgramName, string])[] = [
  ['glance-cache-pruner', 'glance-cache-prune'],
  ['glance-cache-cleaner', 'glance-cache-clean'],
];
const PLACES = ['cache directory', 'lock_path'] as const;

describe.each(PLACES)('locks in the %s', (where) => {
  test.each(LOCKS)('%s is busy while Glance holds %s', async (program, lock) => {
    const { cacheConf, cacheDir, lockDir } = makePlace(`lock-${program}-${where.replace(' ', '-')}`, where);
    addImages(cacheDir, longUnused(2, 10));
    const holder = await hold(cacheConf, lock);
    expect(await holder.line()).toMatch(/^held 0\.0/);
    expect(readEntry(lockDir, lock)).toMatchObject({ sizeBytes: 0 });
    const args = program === 'glance-cache-pruner' ? ['--max-size', '0'] : [];

    for (const as of USERS) {
      const busy = await timed(() => runOurs({ cacheConf }, program, [...args, '--lock-timeout', '1'], { as }));
      expect(busy).toMatchObject({ exitCode: 5, stdout: '' });
      expect(busy.stderr).toContain(
        `ERROR: Cannot start: Glance holds the lock "${join(lockDir, lock)}" (waited 1 s)\n` +
          'hint: Glance does the same work at this moment. In a crontab, --skip-if-busy leaves the work to others; to give it more time: ',
      );
      expect(busy.seconds).toBeGreaterThan(1);
      expect(busy.seconds).toBeLessThan(4);
      const skipped = await runOurs({ cacheConf }, program, [...args, '--lock-timeout=0', '--skip-if-busy'], { as });
      expect(skipped).toMatchObject(SILENT_SUCCESS);
    }
    expect(readCache(cacheDir).images).toHaveLength(2);
    // Looking takes no lock.
    expect(await runOurs({ cacheConf }, program, ['--dry-run', '--lock-timeout=0'])).toMatchObject({ exitCode: 0 });

    // It is waited for, and as soon as it is free the work is done.
    const waiting = runOurs({ cacheConf }, program, args);
    await delay(500);
    await holder.end();
    expect(await waiting).toMatchObject(SILENT_SUCCESS);
    expect(readCache(cacheDir).images).toHaveLength(program === 'glance-cache-pruner' ? 0 : 2);
  });

  test('Glance waits while glance-cache-pruner holds the lock, and no longer', async () => {
    const { cacheConf, cacheDir, lockDir } = makePlace(`lock-ours-${where.replace(' ', '-')}`, where);
    addImages(cacheDir, longUnused(MANY, 1));
    const { child, result } = startOurs({ cacheConf }, 'glance-cache-pruner', ['--max-size', '0']);
    await untilLocked(join(lockDir, 'glance-cache-prune'), child);
    child.kill('SIGSTOP');
    expect(readCache(cacheDir).images.length).toBeGreaterThan(0);

    const waiting = await hold(cacheConf, 'glance-cache-prune');
    const held = waiting.line();
    expect(await Promise.race([held, delay(1_000, 'still waiting')])).toBe('still waiting');
    child.kill('SIGCONT');
    expect(await result).toMatchObject(SILENT_SUCCESS);
    expect(Number(/^held (.*)$/.exec(await held)?.[1])).toBeGreaterThan(1);
    expect(readCache(cacheDir).images).toEqual([]);
  });

  test('Glance gets the lock at once when the glance-cache-pruner that held it is killed', async () => {
    const { cacheConf, cacheDir, lockDir } = makePlace(`lock-killed-${where.replace(' ', '-')}`, where);
    addImages(cacheDir, longUnused(MANY, 1));
    const { child, result } = startOurs({ cacheConf }, 'glance-cache-pruner', ['--max-size', '0']);
    await untilLocked(join(lockDir, 'glance-cache-prune'), child);
    child.kill('SIGKILL');
    expect(await result).toMatchObject({ signal: 'SIGKILL' });
    expect(await (await hold(cacheConf, 'glance-cache-prune')).line()).toMatch(/^held 0\.0/);
  });
});

/** Waits until a process holds a lock of the kernel on a file. */
async function untilLocked(path: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const inode = statSync(path, { throwIfNoEntry: false })?.ino;
    const isHeld = readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .some((line) => inode !== undefined && line.includes(` WRITE ${child.pid} `) && line.includes(`:${inode} `));
    if (isHeld) return;
    await delay(1);
  }
  throw new Error(`Cannot see process ${child.pid} lock ${path}: it has ended`);
}

test('a second glance-cache-pruner is busy while the first one works', async () => {
  const { cacheConf, cacheDir } = makePlace('lock-two', 'cache directory');
  addImages(cacheDir, longUnused(MANY, 1));
  const { child, result } = startOurs({ cacheConf }, 'glance-cache-pruner', ['--max-size', '0']);
  await untilLocked(join(cacheDir, '.glance-cache-tools/locks/glance-cache-pruner'), child);
  child.kill('SIGSTOP');
  const busy = await runOurs({ cacheConf }, 'glance-cache-pruner', ['--lock-timeout', '0']);
  expect(busy).toMatchObject({ exitCode: 5, stdout: '' });
  expect(busy.stderr).toContain('Cannot start glance-cache-pruner: another run of it is at work on this cache');
  child.kill('SIGCONT');
  expect(await result).toMatchObject(SILENT_SUCCESS);
});

test.each(['IMMEDIATE', 'EXCLUSIVE'])('the index is waited for when another process holds it %s', async (kind) => {
  const { cacheConf, cacheDir } = makePlace(`lock-index-${kind}`, 'cache directory');
  const newest = addImages(cacheDir, longUnused(3, 1)).at(-1) ?? '';
  for (const [program, ...args] of [
    ['glance-cache-pruner', '--max-size', '2'],
    ['glance-cache-manage', '-f', 'delete-cached-image', newest],
    ['glance-cache-manage', '-f', 'delete-all-cached-images'],
  ] as const) {
    const index = new Database(join(cacheDir, 'cache.db'));
    index.exec(`BEGIN ${kind}`);
    const running = timed(() => runOurs({ cacheConf }, program, args));
    await delay(1_000);
    index.exec('ROLLBACK');
    index.close();
    const done = await running;
    expect(done).toMatchObject(SILENT_SUCCESS);
    expect(done.seconds).toBeGreaterThan(1);
  }
  expect(readCache(cacheDir)).toMatchObject({ images: [], rows: [], invalid: [] });
});

test('a program is busy when the index stays locked for longer than the lock timeout', async () => {
  const { cacheConf, cacheDir } = makePlace('lock-index-long', 'cache directory');
  addImages(cacheDir, longUnused(3, 1));
  const index = new Database(join(cacheDir, 'cache.db'));
  try {
    index.exec('BEGIN IMMEDIATE');
    const args = ['--max-size', '0', '--lock-timeout', '1'];
    const busy = await timed(() => runOurs({ cacheConf }, 'glance-cache-pruner', args));
    expect(busy).toMatchObject({ exitCode: 5, stdout: '' });
    expect(busy.stderr).toMatch(
      /^ERROR: Cannot write to the index "[^\n]*": database is locked\nhint: Another program/,
    );
    expect(busy.seconds).toBeGreaterThan(1);
    const skipped = await runOurs({ cacheConf }, 'glance-cache-pruner', [...args, '--skip-if-busy']);
    expect(skipped).toMatchObject(SILENT_SUCCESS);
    // Readers are not in the way of a writer that has not begun to commit.
    expect(await runOurs({ cacheConf }, 'glance-cache-manage', ['list-cached'])).toMatchObject({ exitCode: 0 });
  } finally {
    index.close();
  }
  expect(readCache(cacheDir).images).toHaveLength(3);
});
