/**
 * What all parts of one prefetch share: the cache, Glance, and what the user asked for.
 */
import type { CacheAccess } from '../../cache/access.ts';
import type { ImageId } from '../../cache/image-id.ts';
import type { FetchPorts } from '../../execute/prefetch/fetch-ports.ts';
import type { Glance } from '../../glance/glance.ts';
import type { RoomLimits } from '../../plan/room.ts';
import { pinnedSize } from '../pins.ts';
import type { PrefetchWatch } from './prefetch-watch.ts';

/** What to fetch. */
export interface PrefetchRequest {
  readonly dryRun: boolean;
  /** These images, whether queued or not; undefined for the queue. */
  readonly imageIds: readonly ImageId[] | undefined;
  /** Images fetched at a time. */
  readonly jobs: number;
  /** The room there is, what is pinned aside. */
  readonly limits: Omit<RoomLimits, 'pinnedBytes'>;
  /** Directories of the file store, preferred first. */
  readonly storeFolders: readonly string[];
}

/** One run. */
export interface PrefetchRun {
  readonly access: CacheAccess;
  readonly glance: Glance;
  readonly ports: FetchPorts;
  readonly request: PrefetchRequest;
  readonly watch: PrefetchWatch;
}

/** One run that has looked what is pinned. */
export interface BoundedRun extends PrefetchRun {
  readonly limits: RoomLimits;
}

/** Looks what is pinned. */
export function bounded(run: PrefetchRun): BoundedRun {
  return { ...run, limits: { ...run.request.limits, pinnedBytes: pinnedSize(run.access).bytes } };
}
