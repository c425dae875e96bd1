/**
 * One thing that can be looked at. What a check cannot look at is a finding of its own, made by whoever runs it: one
 * check never hides the others.
 */
import type { IndexDriver } from '../../cache/index/index-driver.ts';
import type { CacheLayout } from '../../cache/layout.ts';
import type { Settings } from '../../settings/resolve.ts';
import type { Clock } from '../../time/clock.ts';
import type { CloudProbe } from './cloud-probe.ts';
import type { FileView } from './file-view.ts';
import type { CheckFinding } from './finding.ts';

/** What checks look at. */
export interface CheckContext {
  /** As the programs of this toolkit see it: all default files together, or those that were named. */
  readonly settings: Settings;
  /** As glance-api sees it; undefined where none of its files was found. */
  readonly glanceApi: FileView | undefined;
  /** As the stock cache programs see what is meant for them alone: glance-cache.conf, and what else is not glance-api's. */
  readonly cachePrograms: FileView | undefined;
  /** Every file that was read, or would be if that were possible, absolute, each once; the paste file is one of them. */
  readonly configFiles: readonly string[];
  /** Where the cache is; undefined where no setting says so, or what it says cannot be used. */
  readonly layout: CacheLayout | undefined;
  /** Owner of the cache directory, or of the nearest folder above it that exists; undefined without a layout. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** What keeps the rows of the images, only to be read; undefined where the settings do not lead to one. */
  readonly index: IndexDriver | undefined;
  /** What only the network can tell. */
  readonly cloud: CloudProbe;
  /** Where the file system of the node begins: `/`, and in tests a folder that looks like one. */
  readonly root: string;
  readonly clock: Clock;
  /**
   * Does one look, without waiting for anything, with the rights the process was started with. Else as root it has those
   * of the cache's owner.
   */
  readonly asStarted: <T>(look: () => T) => T;
}

/** One check. */
export interface Check {
  /** What it looks at, for the case that it cannot: "timers". */
  readonly name: string;
  /** @throws whatever keeps it from looking */
  run(context: CheckContext): Promise<readonly CheckFinding[]> | readonly CheckFinding[];
}
