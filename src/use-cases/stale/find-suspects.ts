/**
 * Which cached images may be stale: by Glance's lists, and by their bytes where only those can tell. No lock is held
 * meanwhile.
 */
import { join } from 'node:path';
import type { CacheAccess } from '../../cache/access.ts';
import { markOf } from '../../cache/digests/digest-memory.ts';
import type { FileFacts } from '../../cache/file-facts.ts';
import type { ImageId } from '../../cache/image-id.ts';
import { readSnapshot } from '../../cache/snapshot.ts';
import type { ListedImage } from '../../glance/glance.ts';
import type { ImageDigest } from '../../glance/image.ts';
import { isJudgeable } from '../../plan/grace.ts';
import { type CachedBytes, mustRead, type StaleCount, staleReason } from '../../plan/stale.ts';
import { inParallel } from '../in-parallel.ts';
import { QUESTIONS_AT_A_TIME, type StaleRun } from './stale-run.ts';

/** An image about which nothing could be learned. */
export interface FailedImage {
  readonly imageId: ImageId;
  readonly file: FileFacts;
  readonly error: unknown;
}

/** What was found. */
export interface Suspects {
  readonly count: StaleCount;
  readonly suspects: readonly CachedBytes[];
  readonly failed: readonly FailedImage[];
  readonly readImages: number;
  readonly readBytes: number;
}

/** An image that is cached. */
interface Cached {
  readonly imageId: ImageId;
  readonly file: FileFacts;
}

/** One whose bytes have to be read. */
interface ToRead extends Cached {
  readonly digest: ImageDigest;
}

/** So many are asked for in one go that what Glance tells of them does not fill the memory. */
const IMAGES_AT_A_TIME = 200;

/** The images that have something to be asked about: but for those that have just come and have no row yet. */
export async function cachedImages({ directory, index: driver, clock }: CacheAccess): Promise<readonly Cached[]> {
  const index = await driver.open(false);
  try {
    const { images, takenSec } = await readSnapshot(directory, index, clock.nowSec());
    return images.flatMap((image): readonly Cached[] => {
      const { imageId, file } = image;
      return file !== undefined && isJudgeable(image, takenSec) ? [{ imageId, file }] : [];
    });
  } finally {
    index.close();
  }
}

/**
 * Looks for suspects among the images.
 *
 * @throws what keeps Glance from being asked, the signal's reason included: then nothing is known
 */
export async function findSuspects(run: StaleRun, images: readonly Cached[]): Promise<Suspects> {
  const marks = new Marks(run.memory.recall());
  const suspects: CachedBytes[] = [];
  const toRead: ToRead[] = [];
  let known = 0;
  await askInParts(run, images, (image, listed) => {
    if (listed !== undefined) known++;
    const { imageId, file } = image;
    if (listed === undefined || staleReason(listed, { ...image, digest: undefined }) !== undefined) {
      suspects.push({ ...image, digest: undefined });
    } else if (listed.status === 'active' && listed.digest !== undefined) {
      const { digest } = listed;
      if (!mustRead(listed, file, marks.of(imageId))) marks.set(imageId, markOf(file, digest));
      else if (run.request.imageIds?.has(imageId) !== false) toRead.push({ imageId, file, digest });
      // Nobody has asked for this one: what is known of it stays.
      else marks.keep(imageId);
    }
  });
  const read = await readBytesOf(run, toRead);
  for (const { imageId, file, digest } of read.sound) marks.set(imageId, markOf(file, digest));
  if (!run.request.dryRun) remember(run, marks);
  suspects.push(...read.suspects);
  // Answers come in any order; what is done follows that of the images.
  suspects.sort(byImageId);
  const { failed, readImages, readBytes } = read;
  return {
    count: { checked: images.length, suspects: suspects.length, known },
    suspects,
    failed,
    readImages,
    readBytes,
  };
}

/** Asks for all images, some at a time, and stops at the first failure: half an answer is none. */
async function askInParts(
  { access: { signal }, glance }: StaleRun,
  images: readonly Cached[],
  hear: (image: Cached, listed: ListedImage | undefined) => void,
): Promise<void> {
  const starts = Array.from(
    { length: Math.ceil(images.length / IMAGES_AT_A_TIME) },
    (_, part) => part * IMAGES_AT_A_TIME,
  );
  const failures: unknown[] = [];
  await inParallel(starts, QUESTIONS_AT_A_TIME, async (start) => {
    if (failures.length > 0) return;
    const some = images.slice(start, start + IMAGES_AT_A_TIME);
    try {
      const listed = await glance.lookUp(
        some.map(({ imageId }) => imageId),
        signal,
      );
      for (const image of some) hear(image, listed.get(image.imageId));
    } catch (error) {
      failures.push(error);
    }
  });
  if (failures.length > 0) throw failures[0];
}

/** The order of images, by their IDs. */
export function byImageId(a: { readonly imageId: string }, b: { readonly imageId: string }): number {
  return a.imageId < b.imageId ? -1 : Number(a.imageId > b.imageId);
}

/** What the bytes of images told. */
interface ReadImages extends Pick<Suspects, 'suspects' | 'failed' | 'readImages' | 'readBytes'> {
  readonly sound: readonly ToRead[];
}

async function readBytesOf({ access, hashers, watch }: StaleRun, images: readonly ToRead[]): Promise<ReadImages> {
  const sound: ToRead[] = [];
  const suspects: CachedBytes[] = [];
  const failed: FailedImage[] = [];
  let readImages = 0;
  let readBytes = 0;
  if (images.length > 0) {
    watch.planned(
      images.length,
      images.reduce((sum, { file }) => sum + file.sizeBytes, 0),
    );
  }
  await inParallel(images, hashers.width, async ({ imageId, file, digest }) => {
    const { signal, layout } = access;
    if (signal.aborted) return;
    const { algorithm } = digest;
    const path = join(layout.areas.cached, imageId);
    let advancedBytes = 0;
    const onBytes = (bytes: number): void => {
      advancedBytes += bytes;
      watch.advanced(bytes);
    };
    try {
      const hex = await hashers.hash({ path, facts: file, algorithm, onBytes, signal });
      // Gone or changed meanwhile: that is another file, about which nothing was asked.
      if (hex === undefined) return;
      readImages++;
      readBytes += file.sizeBytes;
      if (hex === digest.hex) sound.push({ imageId, file, digest });
      else suspects.push({ imageId, file, digest: { algorithm, hex } });
    } catch (error) {
      failed.push({ imageId, file, error });
    } finally {
      watch.spared(Math.max(0, file.sizeBytes - advancedBytes));
    }
  });
  access.signal.throwIfAborted();
  return { sound, suspects, failed, readImages, readBytes };
}

/** What is remembered, and what will be. */
class Marks {
  readonly #marks: Map<ImageId, string>;
  /** Those that are not to be remembered any more, unless somebody says otherwise. */
  readonly #left: Set<ImageId>;
  #isNew = false;

  constructor(marks: Map<ImageId, string>) {
    this.#marks = marks;
    this.#left = new Set(marks.keys());
  }

  of(imageId: ImageId): string | undefined {
    return this.#marks.get(imageId);
  }

  keep(imageId: ImageId): void {
    this.#left.delete(imageId);
  }

  set(imageId: ImageId, mark: string): void {
    this.keep(imageId);
    if (this.#marks.get(imageId) === mark) return;
    this.#marks.set(imageId, mark);
    this.#isNew = true;
  }

  /** What is to be remembered from now on; undefined where that is what was. */
  news(): ReadonlyMap<ImageId, string> | undefined {
    if (!this.#isNew && this.#left.size === 0) return undefined;
    for (const imageId of this.#left) this.#marks.delete(imageId);
    return this.#marks;
  }
}

/** Remembers what agreed. A memory that cannot be kept costs another reading, and nothing else. */
function remember({ memory, onNote }: StaleRun, marks: Marks): void {
  const news = marks.news();
  if (news === undefined) return;
  try {
    memory.keep(news);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    onNote(`What the images were compared with is not remembered: ${why}`);
  }
}
