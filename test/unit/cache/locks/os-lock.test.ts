import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acquireLock, type HeldLock } from '../../../../src/cache/locks/os-lock.ts';
import { BusyError } from '../../../../src/errors/cache-error.ts';
import { systemClock } from '../../../../src/time/system-clock.ts';
import { Child, useChildren } from '../../../support/child.ts';
import { FakeClock } from '../../../support/clocks.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf } from '../../../support/thrown.ts';

const PYTHON = ['/usr/bin/python3', 'python3'].find((python) => spawnSync(python, ['-c', 'import fcntl']).status === 0);

/** As oslo.concurrency locks: fasteners opens with `a` and calls `fcntl.lockf` on the whole file. */
const PYTHON_LOCK = `
import fcntl, sys
file = open(sys.argv[1], 'a')
try:
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print('held', flush=True)
except OSError:
    print('taken', flush=True)
sys.stdin.read()
`;

const folder = useTempDir();
const startHolder = useChildren('support/programs/holder.ts');
const held: HeldLock[] = [];
let path: string;
let umask: number;

beforeEach(() => {
  umask = process.umask(0o027);
  path = join(folder(), 'locks', 'pruner');
});

afterEach(() => {
  process.umask(umask);
  for (const lock of held.splice(0)) lock.release();
});

async function acquire(
  clock = new FakeClock(),
  timeoutSec = 0,
  signal = new AbortController().signal,
): Promise<HeldLock> {
  const lock = await acquireLock(path, { clock, timeoutSec, signal }, () => new BusyError('BUSY_RUN', 'Cannot start'));
  held.push(lock);
  return lock;
}

/** A clock on which something happens at the first sleep. */
function clockWith(happen: () => Promise<void> | void): FakeClock {
  const clock = new FakeClock();
  const sleep = clock.sleep.bind(clock);
  clock.sleep = async (seconds, signal) => {
    if (clock.sleeps.length === 0) await happen();
    await sleep(seconds, signal);
  };
  return clock;
}

describe('acquireLock()', () => {
  test('makes folder and file with the modes of Glance, and leaves the file empty', async () => {
    const lock = await acquire();
    expect([statSync(path).size, statSync(path).mode & 0o777]).toEqual([0, 0o640]);
    expect(statSync(join(folder(), 'locks')).mode & 0o777).toBe(0o750);
    held.pop();
    lock.release();
    expect(statSync(path).size).toBe(0);
    expect(existsSync(`${path}-journal`)).toBe(false);
  });

  test('throws what it was told to when another process of ours holds the lock for too long', async () => {
    await startHolder('lock', path).expectLine('held');
    const clock = new FakeClock();
    expect(await rejectionOf(acquire(clock, 3))).toMatchObject({ code: 'BUSY_RUN' });
    expect(clock.sleeps.reduce((sum, sec) => sum + sec, 0)).toBeGreaterThanOrEqual(3);
  });

  test('shuts another process of ours out until it is released', async () => {
    const lock = await acquire();
    await startHolder('lock', path).expectLine('taken');
    held.pop();
    lock.release();
    await startHolder('lock', path).expectLine('held');
  });

  test('gets the lock when its holder is killed', async () => {
    const holder = startHolder('lock', path);
    await holder.expectLine('held');
    await acquire(
      clockWith(() => holder.kill()),
      10,
    );
  });

  test('gets the lock, even without patience, when who stood in its way is gone in a moment', async () => {
    const holder = startHolder('lock', path);
    await holder.expectLine('held');
    await acquire(
      clockWith(() => holder.kill()),
      0,
    );
  });

  test('ends with the reason of the signal when it is aborted while it waits', async () => {
    await startHolder('lock', path).expectLine('held');
    const controller = new AbortController();
    const reason = new Error('stopped');
    const clock = clockWith(() => controller.abort(reason));
    expect(await rejectionOf(acquire(clock, 10, controller.signal))).toBe(reason);
  });

  test('locks the file that bears the name when it was replaced while it waited', async () => {
    const holder = startHolder('lock', path);
    await holder.expectLine('held');
    const clock = clockWith(async () => {
      renameSync(path, `${path}.old`);
      writeFileSync(path, '');
      await holder.finish();
    });
    await acquire(clock, 10);
    await startHolder('lock', path).expectLine('taken');
    await startHolder('lock', `${path}.old`).expectLine('held');
  });

  test('makes the file anew when glance-api removed it while it waited', async () => {
    const holder = startHolder('lock', path);
    await holder.expectLine('held');
    const clock = clockWith(async () => {
      renameSync(path, `${path}.old`);
      await holder.finish();
    });
    await acquire(clock, 10);
    expect(statSync(path).size).toBe(0);
    await startHolder('lock', path).expectLine('taken');
  });

  test('gets the lock all the same when the file is removed again and again', async () => {
    await startHolder('remove-again-and-again', path).expectLine('held');
    for (let i = 0; i < 100; i++) {
      const lock = await acquire();
      held.pop();
      lock.release();
    }
  });

  test('waits for its turn among real processes on the real clock', async () => {
    const holder = startHolder('lock', path);
    await holder.expectLine('held');
    const waiting = acquireLock(
      path,
      { clock: systemClock, timeoutSec: 20, signal: new AbortController().signal },
      () => {
        return new BusyError('BUSY_RUN', 'Cannot start');
      },
    );
    await holder.finish();
    held.push(await waiting);
  });

  test.each([
    ['a link to a file', () => symlinkSync(join(folder(), 'target'), path)],
    ['a FIFO', () => execFileSync('mkfifo', [path])],
    ['a folder', () => mkdirSync(path)],
    ['a file with content', () => writeFileSync(path, 'x')],
  ])('refuses %s, and changes nothing', async (_what, make) => {
    mkdirSync(join(folder(), 'locks'));
    writeFileSync(join(folder(), 'target'), '');
    make();
    expect(await rejectionOf(acquire())).toMatchObject({
      code: 'CACHE_DIR',
      message: `Cannot lock ${JSON.stringify(path)}: it is not an empty regular file`,
    });
    expect(statSync(join(folder(), 'target')).size).toBe(0);
  });

  test('names the path when the folder cannot be made', async () => {
    writeFileSync(join(folder(), 'locks'), '');
    expect(await rejectionOf(acquire())).toMatchObject({ exitCode: 4, details: { path } });
  });
});

// Glance's own tools take their locks in Python; where there is none, nothing can stand in for it.
describe.skipIf(PYTHON === undefined)('acquireLock() and the locks of oslo.concurrency', () => {
  const startPython = (): Child => new Child(PYTHON ?? '', ['-c', PYTHON_LOCK, path]);

  test('is busy while Python holds the lock, and gets it when that process ends', async () => {
    mkdirSync(join(folder(), 'locks'));
    const python = startPython();
    await python.expectLine('held');
    expect(await rejectionOf(acquire())).toMatchObject({ code: 'BUSY_RUN' });
    await python.finish();
    await acquire();
  });

  test('shuts Python out while it holds the lock, and no longer', async () => {
    const lock = await acquire();
    const during = startPython();
    await during.expectLine('taken');
    await during.finish();
    held.pop();
    lock.release();
    const after = startPython();
    await after.expectLine('held');
    await after.finish();
  });
});
