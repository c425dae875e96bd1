/**
 * An opened cache: the ports of one run on one cache directory, put together once and passed down.
 */
import type { Patience } from '../sqlite/retry-busy.ts';
import type { Clock } from '../time/clock.ts';
import type { Directory } from './directory.ts';
import { DiskDirectory } from './disk-directory.ts';
import { HeldFolders } from './held-folders.ts';
import type { IndexDriver } from './index/index-driver.ts';
import type { CacheLayout } from './layout.ts';
import type { GlanceLock } from './locks/glance-lock.ts';
import type { OpenFiles } from './open-files.ts';
import { DiskPins } from './pins/disk-pins.ts';
import type { Pins } from './pins/pins.ts';
import { DiskParts } from './prefetch/disk-parts.ts';
import type { Parts } from './prefetch/parts.ts';
import { DiskRuns } from './runs/disk-runs.ts';
import type { Runs } from './runs/runs.ts';

/** What a use case needs to work on a cache. */
export interface CacheAccess {
  readonly layout: CacheLayout;
  readonly directory: Directory;
  readonly parts: Parts;
  readonly pins: Pins;
  readonly runs: Runs;
  readonly clock: Clock;
  /** Aborted when the run is to stop. */
  readonly signal: AbortSignal;
  /** The look at open files, made with the rights the process was started with; undefined when none was asked for. */
  readonly openFiles: OpenFiles | undefined;
  /** What keeps hits and times of the images. */
  readonly index: IndexDriver;
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
  /** Lets go of the folders that are held. To be called when the work has ended. */
  close(): void;
}

/** What an access is made of. */
export interface AccessOptions {
  readonly layout: CacheLayout;
  readonly index: IndexDriver;
  readonly program: string;
  readonly lockPath: string | undefined;
  /** Patience with locks. */
  readonly patience: Patience;
  readonly openFiles: OpenFiles | undefined;
}

/** The access to a cache. Nothing is opened yet. */
export function createAccess(options: AccessOptions): CacheAccess {
  const { layout, index, program, lockPath, openFiles, patience } = options;
  const folders = new HeldFolders(layout.root);
  return {
    layout,
    directory: new DiskDirectory(layout, folders),
    parts: new DiskParts(layout, folders),
    pins: new DiskPins(layout, folders),
    runs: new DiskRuns(layout, patience.clock, folders),
    clock: patience.clock,
    signal: patience.signal,
    openFiles,
    index,
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
    close: () => folders.close(),
  };
}
