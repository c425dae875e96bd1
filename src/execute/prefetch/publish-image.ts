/**
 * Makes a verified part the cached image, beside a glance-api that may be caching the same one: row, then rename, then
 * commit, then the names on the disk. A kill at any step leaves a part with its journal, or a file without a row, which
 * the pruner adopts; never a row that promises other bytes.
 */
import type { Directory } from '../../cache/directory.ts';
import type { FileFacts } from '../../cache/file-facts.ts';
import type { ImageId } from '../../cache/image-id.ts';
import type { IndexDb } from '../../cache/index/index-db.ts';
import type { Parts } from '../../cache/prefetch/parts.ts';
import { CacheError } from '../../errors/cache-error.ts';
import type { Clock } from '../../time/clock.ts';

/** What publishing needs of the world. */
export interface PublishPorts {
  readonly directory: Directory;
  readonly parts: Parts;
  readonly clock: Clock;
  /** Opens the index, creating a missing one; closed after use. */
  openIndex(): Promise<IndexDb>;
}

/** What became of a part: published, or given up for glance-api's own copy, finished or under way. */
export type Published = 'published' | 'cached' | 'being-cached';

/**
 * Publishes a part whose bytes are verified and synced.
 *
 * @returns whether it is the cached image now; if not, glance-api has or is making a copy of its own
 * @throws CacheStateError, BusyError BUSY_INDEX; the part is where it was then, unless it is only unsure whether the
 *   image that was published is on the disk
 */
export async function publishImage(ports: PublishPorts, imageId: ImageId): Promise<Published> {
  try {
    return await publishOnce(ports, imageId);
  } catch (error) {
    // Glance's "delete all" removes the journal of a transaction under way: once more, on what there is now.
    if (!(error instanceof CacheError) || error.code !== 'INDEX_IO') throw error;
    return publishOnce(ports, imageId);
  }
}

async function publishOnce(ports: PublishPorts, imageId: ImageId): Promise<Published> {
  const rival = rivalOf(ports.directory, imageId);
  if (rival !== undefined) return rival;
  const index = await ports.openIndex();
  try {
    const result = await enterAndRename(ports, index, imageId);
    if (result === 'published') await ports.parts.syncFolder();
    return result;
  } finally {
    index.close();
  }
}

async function enterAndRename(
  { directory, parts, clock }: PublishPorts,
  index: IndexDb,
  imageId: ImageId,
): Promise<Published> {
  const part = parts.look(imageId);
  const done = { isRenamed: false };
  try {
    return await index.transaction(async (changes) => {
      // While the lock was waited for, glance-api may have finished its own copy.
      const rival = rivalOf(directory, imageId);
      if (rival !== undefined) return rival;
      const nowSec = clock.nowSec();
      await changes.put({
        imageId,
        lastAccessedSec: nowSec,
        lastModifiedSec: nowSec,
        sizeBytes: part?.sizeBytes ?? 0,
        hits: 0,
      });
      parts.publish(imageId);
      done.isRenamed = true;
      return 'published';
    });
  } catch (error) {
    // Without its row it would be a stranger in the cache until the pruner adopts it: a failure has published nothing.
    if (done.isRenamed && part !== undefined) takeBack(parts, imageId, part);
    throw error;
  }
}

/** Where even that fails, the image is a file without a row, which the pruner adopts. */
function takeBack(parts: Parts, imageId: ImageId, part: FileFacts): void {
  try {
    parts.unpublish(imageId, part);
  } catch {
    // The error that made this necessary is the one to tell.
  }
}

/** glance-api's own copy of an image: finished, under way, or undefined where there is none. */
export function rivalOf(directory: Directory, imageId: ImageId): Exclude<Published, 'published'> | undefined {
  if (directory.look('cached', imageId) !== undefined) return 'cached';
  return directory.look('incomplete', imageId) === undefined ? undefined : 'being-cached';
}
