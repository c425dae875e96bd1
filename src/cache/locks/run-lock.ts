/**
 * One run of each program per cache directory, and no run while one of Glance's own tools or API calls does the same.
 */
import { join } from 'node:path';
import { BusyError } from '../../errors/cache-error.ts';
import type { Patience } from '../../sqlite/retry-busy.ts';
import type { CacheLayout } from '../layout.ts';
import type { GlanceLock } from './glance-lock.ts';
import { acquireLock, type HeldLock } from './os-lock.ts';

/** Which locks a run needs. */
export interface RunLockRequest {
  readonly layout: CacheLayout;
  /** The program, which names our own lock. */
  readonly program: string;
  /** The lock of Glance that stands for the same work; none for single images. */
  readonly glanceLock?: GlanceLock;
  /** `[oslo_concurrency] lock_path`; Glance's default is the cache directory. */
  readonly lockPath: string | undefined;
  readonly patience: Patience;
}

/**
 * Does work while holding the locks of a run. Glance waits for its locks without limit, so nothing in the work may
 * wait for a person or for a network.
 *
 * @throws BusyError BUSY_RUN or BUSY_GLANCE when a lock cannot be had in time; what the work throws
 */
export async function withRunLocks<T>(request: RunLockRequest, work: () => Promise<T>): Promise<T> {
  const { layout, program, glanceLock, patience } = request;
  const held: HeldLock[] = [];
  try {
    held.push(await acquireLock(join(layout.locks, program), patience, () => busyRun(program, patience)));
    if (glanceLock !== undefined) {
      const path = join(request.lockPath ?? layout.root, glanceLock);
      held.push(await acquireLock(path, patience, () => busyGlance(path, patience)));
    }
    return await work();
  } finally {
    for (const lock of held.reverse()) lock.release();
  }
}

function busyRun(program: string, patience: Patience): BusyError {
  return new BusyError(
    'BUSY_RUN',
    `Cannot start ${program}: another run of it is at work on this cache (waited ${patience.timeoutSec} s)`,
    { hint: 'Wait for it to end, give more time with --lock-timeout, or pass --skip-if-busy to leave it to that run' },
  );
}

function busyGlance(path: string, patience: Patience): BusyError {
  return new BusyError(
    'BUSY_GLANCE',
    `Cannot start: Glance holds the lock ${JSON.stringify(path)} (waited ${patience.timeoutSec} s)`,
    {
      hint: 'Glance does the same work at this moment: wait, give more time with --lock-timeout, or pass --skip-if-busy',
      details: { path },
    },
  );
}
