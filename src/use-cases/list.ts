/**
 * Looks at a cache without changing it.
 */
import type { CacheAccess } from '../cache/access.ts';
import type { CacheFile, ForeignEntry } from '../cache/directory.ts';
import type { ImageId } from '../cache/image-id.ts';
import type { IndexRow } from '../cache/index/index-db.ts';
import type { FileHolder } from '../cache/open-files.ts';

/** The cached images, as the index has them. */
export interface CachedList {
  readonly rows: readonly IndexRow[];
  /** Image files in the directory; looked at only when the index has none, undefined otherwise. */
  readonly unlistedFiles: number | undefined;
}

/**
 * Lists the cached images. The index alone is read, as the stock tool's listing does: it answers at once however large
 * the directory is.
 *
 * @throws CacheStateError, BusyError
 */
export async function listCached(access: CacheAccess): Promise<CachedList> {
  const index = await access.index.open(false);
  try {
    const rows = await (index.listed?.() ?? index.rows());
    return { rows, unlistedFiles: rows.length > 0 ? undefined : access.directory.list('cached').files.length };
  } finally {
    index.close();
  }
}

/** Lists the queue, first come first. */
export function listQueued(access: CacheAccess): readonly CacheFile[] {
  const { files } = access.directory.list('queue');
  return [...files].sort((a, b) => a.facts.modifiedSec - b.facts.modifiedSec || (a.name < b.name ? -1 : 1));
}

/** A file that is no image: being written, or failed. */
export interface Leftover {
  readonly imageId: ImageId;
  readonly sizeBytes: number;
  /** When it was last written to, epoch seconds. */
  readonly modifiedSec: number;
  /** How long ago that was, seconds. */
  readonly ageSec: number;
  /** Whether some process holds it open; undefined where that cannot be told. */
  readonly heldOpen: boolean | undefined;
  readonly holders: readonly FileHolder[];
}

/** What a folder of leftovers holds. */
export interface LeftoverList {
  /** Oldest first. */
  readonly leftovers: readonly Leftover[];
  readonly foreign: readonly ForeignEntry[];
}

/** Why images lie in `invalid/`, as far as whoever put them there has left a note. */
export async function explainInvalid(
  { index }: CacheAccess,
  leftovers: readonly Leftover[],
): Promise<ReadonlyMap<ImageId, string>> {
  return (await index.explainInvalid?.(leftovers.map(({ imageId }) => imageId))) ?? new Map<ImageId, string>();
}

/** Lists what is being cached, or what failed to be. */
export function listLeftovers(access: CacheAccess, area: 'incomplete' | 'invalid'): LeftoverList {
  const nowSec = access.clock.nowSec();
  const { files, foreign } = access.directory.list(area);
  const leftovers = files.map(({ imageId, facts }): Leftover => {
    const holders = access.openFiles?.holders(facts);
    // Nobody among the processes that could be seen is no answer where others could not, or for a file that came later.
    const isSeen = holders !== undefined && access.openFiles?.blindness === undefined;
    const heldOpen = holders !== undefined && holders.length > 0 ? true : isSeen ? false : undefined;
    return {
      imageId,
      sizeBytes: facts.sizeBytes,
      modifiedSec: facts.modifiedSec,
      ageSec: Math.max(0, nowSec - facts.modifiedSec),
      heldOpen,
      holders: holders ?? [],
    };
  });
  leftovers.sort((a, b) => b.ageSec - a.ageSec || (a.imageId < b.imageId ? -1 : 1));
  return { leftovers, foreign };
}
