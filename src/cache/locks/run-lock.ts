/**
 * One run of each program per cache directory, and no run while one of Glance's own tools or API calls does the same.
 */

import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { BusyError, CacheError } from '../../errors/cache-error.ts';
import { unlessAbsent } from '../../errors/errno.ts';
import { onPath } from '../../errors/from-errno.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import type { Patience } from '../../sqlite/retry-busy.ts';
import type { CacheLayout } from '../layout.ts';
import { notAFolder } from '../not-a-folder.ts';
import type { GlanceLock } from './glance-lock.ts';
import { acquireLock, type HeldLock } from './os-lock.ts';

/** Which lock of ours a run needs. */
export interface RunLock {
  readonly layout: CacheLayout;
  /** The program, which names the lock. */
  readonly program: string;
  readonly patience: Patience;
}

/** Which locks a run needs. */
export interface RunLockRequest extends RunLock {
  /** The lock of Glance that stands for the same work; none for single images. */
  readonly glanceLock?: GlanceLock;
  /** `[oslo_concurrency] lock_path`; Glance's default is the cache directory. */
  readonly lockPath: string | undefined;
}

/**
 * Does work while holding the locks of a run. Glance waits for its locks without limit, so nothing in the work may
 * wait for a person or for a network while one of them is held.
 *
 * @throws BusyError BUSY_RUN or BUSY_GLANCE when a lock cannot be had in time; what the work throws
 */
export async function withRunLocks<T>(request: RunLockRequest, work: () => Promise<T>): Promise<T> {
  const { glanceLock } = request;
  if (glanceLock === undefined) return holding(await acquireRunLock(request), work);
  const inner = (): Promise<T> => withGlanceLock({ ...request, glanceLock }, work);
  let held: HeldLock;
  try {
    held = await acquireRunLock(request);
  } catch (error) {
    if (!(error instanceof CacheError && error.code === 'CACHE_NO_SPACE')) throw error;
    // A disk too full for our folder is to be freed by this very run. Glance's lock, an empty file in a folder that is
    // there, shuts out the other runs of the program as well: all of them take it.
    return inner();
  }
  return holding(held, inner);
}

/**
 * Does work while holding a lock of Glance, for a run that has its own lock already.
 *
 * @throws BusyError BUSY_GLANCE when it cannot be had in time; what the work throws
 */
export async function withGlanceLock<T>(
  request: Pick<RunLockRequest, 'layout' | 'lockPath' | 'patience'> & { readonly glanceLock: GlanceLock },
  work: () => Promise<T>,
): Promise<T> {
  const { layout, lockPath, glanceLock, patience } = request;
  const path = join(lockPath ?? layout.root, glanceLock);
  return holding(await acquireLock(path, patience, () => busyGlance(path, patience)), work);
}

/**
 * Does work while holding the lock of a program, which keeps that program from starting; not at all where it is at
 * work.
 *
 * @returns undefined where the program is at work
 * @throws what the work throws
 */
export async function unlessRunning<T>(request: RunLock, work: () => Promise<T>): Promise<T | undefined> {
  let held: HeldLock;
  try {
    held = await acquireRunLock({ ...request, patience: { ...request.patience, timeoutSec: 0 } });
  } catch (error) {
    if (error instanceof BusyError) return undefined;
    throw error;
  }
  return holding(held, work);
}

async function acquireRunLock({ layout, program, patience }: RunLock): Promise<HeldLock> {
  // Glance's own may lie behind a link, as in /var/lock; nobody but the toolkit makes these.
  for (const path of [layout.tools, layout.locks]) {
    const stats = onPath('look at', path, () => unlessAbsent(() => lstatSync(path)));
    if (stats?.isDirectory() === false) throw notAFolder(path);
  }
  return acquireLock(join(layout.locks, program), patience, () => busyRun(program, patience));
}

async function holding<T>(lock: HeldLock, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    lock.release();
  }
}

const LEAVE_IT = 'In a crontab, --skip-if-busy leaves the work to others';

function busyRun(program: string, patience: Patience): BusyError {
  return new BusyError(
    'BUSY_RUN',
    `Cannot start ${program}: another run of it is at work on this cache (waited ${patience.timeoutSec} s)`,
    { hint: `${LEAVE_IT}; to give that run more time: ${THIS_COMMAND} --lock-timeout 10m` },
  );
}

function busyGlance(path: string, patience: Patience): BusyError {
  return new BusyError(
    'BUSY_GLANCE',
    `Cannot start: Glance holds the lock ${JSON.stringify(path)} (waited ${patience.timeoutSec} s)`,
    {
      hint: `Glance does the same work at this moment. ${LEAVE_IT}; to give it more time: ${THIS_COMMAND} --lock-timeout 10m`,
      details: { path },
    },
  );
}
