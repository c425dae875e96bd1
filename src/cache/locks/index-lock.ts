/**
 * The write lock of an index that has none of its own, or one that no program of this toolkit may hold for long: it keeps
 * the programs of the toolkit apart. What glance-api does to such an index is one step at a time, and needs no lock.
 */

import { join } from 'node:path';
import { BusyError } from '../../errors/cache-error.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import type { Patience } from '../../sqlite/retry-busy.ts';
import type { CacheLayout } from '../layout.ts';
import { acquireLock } from './os-lock.ts';

const NAME = 'index';

/**
 * Does work while holding the lock. One process may do so only once at a time.
 *
 * @throws BusyError BUSY_INDEX when it cannot be had in time; CacheStateError; what the work throws
 */
export async function withIndexLock<T>(layout: CacheLayout, patience: Patience, work: () => Promise<T>): Promise<T> {
  const path = join(layout.locks, NAME);
  const lock = await acquireLock(path, patience, () => busyIndex(path, patience));
  try {
    return await work();
  } finally {
    lock.release();
  }
}

function busyIndex(path: string, { timeoutSec }: Patience): BusyError {
  return new BusyError(
    'BUSY_INDEX',
    `Cannot write to the index: another program holds ${JSON.stringify(path)} (waited ${timeoutSec} s)`,
    {
      hint: `Another program of this toolkit is writing to it; to give it more time: ${THIS_COMMAND} --lock-timeout 60s`,
      details: { path },
    },
  );
}
