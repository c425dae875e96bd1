import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type CacheLayout, cacheLayout } from '../../../../src/cache/layout.ts';
import {
  type RunLockRequest,
  unlessRunning,
  withGlanceLock,
  withRunLocks,
} from '../../../../src/cache/locks/run-lock.ts';
import { BusyError } from '../../../../src/errors/cache-error.ts';
import { useChildren } from '../../../support/child.ts';
import { FakeClock } from '../../../support/clocks.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf } from '../../../support/thrown.ts';

const folder = useTempDir();
const startHolder = useChildren('support/programs/holder.ts');
let layout: CacheLayout;
let own: string;
let glances: string;

beforeEach(() => {
  layout = cacheLayout(folder(), 'cache.db');
  own = join(layout.locks, 'glance-cache-pruner');
  glances = join(layout.root, 'glance-cache-prune');
});

function request(more: Partial<RunLockRequest> = {}): RunLockRequest {
  return {
    layout,
    program: 'glance-cache-pruner',
    glanceLock: 'glance-cache-prune',
    lockPath: undefined,
    patience: { clock: new FakeClock(), timeoutSec: 0, signal: new AbortController().signal },
    ...more,
  };
}

async function stateOf(path: string): Promise<string | undefined> {
  const holder = startHolder('lock', path);
  const state = await holder.line();
  await holder.finish();
  return state;
}

describe('withRunLocks()', () => {
  test('holds both locks while the work goes on, and neither afterwards', async () => {
    const during = await withRunLocks(request(), async () => [await stateOf(own), await stateOf(glances)]);
    expect(during).toEqual(['taken', 'taken']);
    expect([await stateOf(own), await stateOf(glances)]).toEqual(['held', 'held']);
  });

  test('releases both when the work fails, and throws what it threw', async () => {
    const fault = new Error('fault');
    expect(await rejectionOf(withRunLocks(request(), () => Promise.reject(fault)))).toBe(fault);
    expect([await stateOf(own), await stateOf(glances)]).toEqual(['held', 'held']);
  });

  test('is BUSY_RUN, and leaves the lock of Glance alone, when another run is at work', async () => {
    await startHolder('lock', own).expectLine('held');
    const error = await rejectionOf(withRunLocks(request(), async () => 'done'));
    expect(error).toMatchObject({
      code: 'BUSY_RUN',
      exitCode: 5,
      message: 'Cannot start glance-cache-pruner: another run of it is at work on this cache (waited 0 s)',
    });
    expect(existsSync(glances)).toBe(false);
  });

  test('is BUSY_GLANCE, and gives up our own lock, when Glance does the same work', async () => {
    const glance = startHolder('lock', glances);
    await glance.expectLine('held');
    expect(await rejectionOf(withRunLocks(request(), async () => 'done'))).toMatchObject({
      code: 'BUSY_GLANCE',
      exitCode: 5,
      details: { path: glances },
    });
    expect(await stateOf(own)).toBe('held');
  });

  test('takes the lock of Glance in lock_path when that is set', async () => {
    const lockPath = join(folder(), 'oslo');
    mkdirSync(lockPath);
    const during = await withRunLocks(request({ lockPath }), () => stateOf(join(lockPath, 'glance-cache-prune')));
    expect([during, existsSync(glances)]).toEqual(['taken', false]);
  });

  test('lets runs of different programs, and on different caches, go on at the same time', async () => {
    const other = cacheLayout(join(folder(), 'other'), 'cache.db');
    const { glanceLock: _none, ...single } = request({ program: 'glance-cache-manage' });
    const result = await withRunLocks(request(), () =>
      withRunLocks(single, () => withRunLocks(request({ layout: other }), async () => 'all three')),
    );
    expect(result).toBe('all three');
  });
});

describe('withGlanceLock()', () => {
  const glanceRequest = (more: Partial<RunLockRequest> = {}) => {
    return { ...request(more), glanceLock: 'glance-cache' as const };
  };

  test('holds the lock of Glance, and none of ours, while the work goes on', async () => {
    const path = join(layout.root, 'glance-cache');
    expect(await withGlanceLock(glanceRequest(), () => stateOf(path))).toBe('taken');
    expect([await stateOf(path), existsSync(layout.tools)]).toEqual(['held', false]);
  });

  test('takes it again and again within one run', async () => {
    const { glanceLock: _none, ...run } = request({ program: 'glance-cache-prefetcher' });
    const results = await withRunLocks(run, async () => {
      const first = await withGlanceLock(glanceRequest(), async () => 'first');
      return [first, await withGlanceLock(glanceRequest(), async () => 'second')];
    });
    expect(results).toEqual(['first', 'second']);
  });

  test('takes it in lock_path when that is set', async () => {
    const lockPath = join(folder(), 'oslo');
    mkdirSync(lockPath);
    const path = join(lockPath, 'glance-cache');
    expect(await withGlanceLock(glanceRequest({ lockPath }), () => stateOf(path))).toBe('taken');
    expect(existsSync(join(layout.root, 'glance-cache'))).toBe(false);
  });

  test('releases it when the work fails, and throws what it threw', async () => {
    const fault = new Error('fault');
    expect(await rejectionOf(withGlanceLock(glanceRequest(), () => Promise.reject(fault)))).toBe(fault);
    expect(await stateOf(join(layout.root, 'glance-cache'))).toBe('held');
  });

  test('is BUSY_GLANCE, and does no work, when Glance holds it', async () => {
    const path = join(layout.root, 'glance-cache');
    await startHolder('lock', path).expectLine('held');
    let isDone = false;
    const error = await rejectionOf(
      withGlanceLock(glanceRequest(), async () => {
        isDone = true;
      }),
    );
    expect(error).toMatchObject({ code: 'BUSY_GLANCE', exitCode: 5, details: { path } });
    expect(isDone).toBe(false);
  });
});

describe('unlessRunning()', () => {
  const prefetcher = (): string => join(layout.locks, 'glance-cache-prefetcher');
  const other = (more: Partial<RunLockRequest> = {}): RunLockRequest =>
    request({ program: 'glance-cache-prefetcher', ...more });

  test('keeps the other program from starting while the work goes on, and no longer', async () => {
    expect(await unlessRunning(other(), () => stateOf(prefetcher()))).toBe('taken');
    expect(await stateOf(prefetcher())).toBe('held');
  });

  test('goes together with the lock of the run itself', async () => {
    expect(await withRunLocks(request(), () => unlessRunning(other(), async () => 'done'))).toBe('done');
  });

  test('does no work, and waits for a moment at most, when the program is at work', async () => {
    await startHolder('lock', prefetcher()).expectLine('held');
    const clock = new FakeClock();
    let isDone = false;
    const result = await unlessRunning(
      other({ patience: { clock, timeoutSec: 60, signal: new AbortController().signal } }),
      async () => {
        isDone = true;
        return 'done';
      },
    );
    expect([result, isDone]).toEqual([undefined, false]);
    expect(clock.sleeps.reduce((sum, sec) => sum + sec, 0)).toBeLessThan(0.2);
  });

  test('throws what the work throws when it is busy with something itself, and gives up the lock', async () => {
    const fault = new BusyError('BUSY_INDEX', 'Cannot go on: fault');
    expect(await rejectionOf(unlessRunning(other(), () => Promise.reject(fault)))).toBe(fault);
    expect(await stateOf(prefetcher())).toBe('held');
  });

  test('refuses a lock file that is none, and leaves it as it is', async () => {
    mkdirSync(layout.locks, { recursive: true });
    writeFileSync(prefetcher(), 'notes');
    expect(await rejectionOf(unlessRunning(other(), async () => 'done'))).toMatchObject({ code: 'CACHE_DIR' });
    expect(readFileSync(prefetcher(), 'utf8')).toBe('notes');
  });
});
