/**
 * An opened cache: the ports of one run on one cache directory, put together once and passed down.
 */
import { statSync } from 'node:fs';
import { unlessAbsent } from '../errors/errno.ts';
import { onPath } from '../errors/from-errno.ts';
import type { Clock } from '../time/clock.ts';
import type { Directory } from './directory.ts';
import { DiskDirectory } from './disk-directory.ts';
import type { IndexDb, IndexRow } from './index/index-db.ts';
import { NO_INDEX } from './index/no-index.ts';
import type { CacheLayout } from './layout.ts';
import type { GlanceLock } from './locks/glance-lock.ts';
import type { OpenFiles } from './open-files.ts';
import { DiskParts } from './prefetch/disk-parts.ts';
import type { Parts } from './prefetch/parts.ts';

/** What a use case needs to work on a cache. */
export interface CacheAccess {
  readonly layout: CacheLayout;
  readonly directory: Directory;
  readonly parts: Parts;
  readonly clock: Clock;
  /** Aborted when the run is to stop. */
  readonly signal: AbortSignal;
  /** The look at open files, made with the rights the process was started with; undefined when none was asked for. */
  readonly openFiles: OpenFiles | undefined;
  /** Whether the index is there. */
  hasIndex(): boolean;
  /**
   * Opens the index; the caller closes it.
   *
   * @param create whether a missing index is created; otherwise it is one without rows
   */
  openIndex(create: boolean): Promise<IndexDb>;
  /**
   * Sets a damaged index aside and puts a new one in its place.
   *
   * @param rows what the new one begins with
   * @returns the path of the old one
   */
  replaceIndex(rows: readonly IndexRow[]): Promise<string>;
  /** Does work while holding the run's lock, and that lock of Glance's which stands for the same work. */
  withLocks<T>(glanceLock: GlanceLock | undefined, work: () => Promise<T>): Promise<T>;
  /**
   * Does work while holding one of Glance's locks, within {@link withLocks}: for a run that takes Glance's lock only
   * now and then. Not to be called again before it has ended.
   */
  withGlanceLock<T>(glanceLock: GlanceLock, work: () => Promise<T>): Promise<T>;
  /**
   * Does work while holding the lock of another program of the toolkit, if that one is not at work.
   *
   * @returns undefined where it is, and the work was not done
   */
  unlessRunning<T>(program: string, work: () => Promise<T>): Promise<T | undefined>;
}

/** What an access is made of. */
export interface AccessOptions {
  readonly layout: CacheLayout;
  readonly program: string;
  readonly lockPath: string | undefined;
  /** Patience with locks, seconds. */
  readonly lockTimeoutSec: number;
  readonly openFiles: OpenFiles | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The access to a cache of the `sqlite` driver. Nothing is opened yet. */
export function createAccess(options: AccessOptions): CacheAccess {
  const { layout, program, lockPath, lockTimeoutSec, openFiles, clock, signal } = options;
  const patience = { clock, timeoutSec: lockTimeoutSec, signal };
  const hasIndex = (): boolean => {
    return onPath('look at', layout.index, () => unlessAbsent(() => statSync(layout.index))) !== undefined;
  };
  return {
    layout,
    directory: new DiskDirectory(layout),
    parts: new DiskParts(layout),
    clock,
    signal,
    openFiles,
    hasIndex,
    async openIndex(create) {
      if (!create && !hasIndex()) return NO_INDEX;
      // Loaded here, as the locks are: a run that needs neither does not pay for SQLite.
      const { openSqliteIndex } = await import('./index/sqlite.ts');
      return openSqliteIndex(layout.index, { create, patience });
    },
    async replaceIndex(rows) {
      const { replaceSqliteIndex } = await import('./index/replace-sqlite.ts');
      return replaceSqliteIndex(layout, rows, patience);
    },
    async withLocks(glanceLock, work) {
      const { withRunLocks } = await import('./locks/run-lock.ts');
      const request = { layout, program, lockPath, patience };
      return withRunLocks(glanceLock === undefined ? request : { ...request, glanceLock }, work);
    },
    async withGlanceLock(glanceLock, work) {
      const { withGlanceLock } = await import('./locks/run-lock.ts');
      return withGlanceLock({ layout, lockPath, glanceLock, patience }, work);
    },
    async unlessRunning(other, work) {
      const { unlessRunning } = await import('./locks/run-lock.ts');
      return unlessRunning({ layout, program: other, patience }, work);
    },
  };
}
