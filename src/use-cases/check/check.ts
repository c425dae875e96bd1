/**
 * One thing that can be looked at. What a check cannot look at is a finding of its own, made by whoever runs it: one
 * check never hides the others.
 */
import type { CacheLayout } from '../../cache/layout.ts';
import type { Settings } from '../../settings/resolve.ts';
import type { Clock } from '../../time/clock.ts';
import type { CheckFinding } from './finding.ts';

/** What checks look at. */
export interface CheckContext {
  /** As the programs of this toolkit see it: all default files together, or those that were named. */
  readonly settings: Settings;
  /** Where the cache is; undefined where no setting says so, or what it says cannot be used. */
  readonly layout: CacheLayout | undefined;
  /** Owner of the cache directory, or of the nearest folder above it that exists; undefined without a layout. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** Where the file system of the node begins: `/`, and in tests a folder that looks like one. */
  readonly root: string;
  readonly clock: Clock;
}

/** One check. */
export interface Check {
  /** What it looks at, for the case that it cannot: "timers". */
  readonly name: string;
  /** @throws whatever keeps it from looking */
  run(context: CheckContext): Promise<readonly CheckFinding[]> | readonly CheckFinding[];
}
