/**
 * Looks for stale images in a seeded cache, beside a Glance that says what it is told to say, list and image apart.
 */
import { createHash } from 'node:crypto';
import type { CacheAccess } from '../../src/cache/access.ts';
import { DiskDigests } from '../../src/cache/digests/disk-digests.ts';
import type { ImageId } from '../../src/cache/image-id.ts';
import { NotFoundError } from '../../src/errors/cache-error.ts';
import type { ListedImage } from '../../src/glance/glance.ts';
import type { Image } from '../../src/glance/image.ts';
import type { StaleRequest, StaleRun } from '../../src/use-cases/stale/stale-run.ts';
import { describedImage } from './described-images.ts';
import { readQuietly } from './seeded-cache.ts';

/** What such a Glance says of an image. */
export interface Told {
  /** In a list; undefined where it is in none. An error is one of the whole list. */
  readonly list: ListedImage | Error | undefined;
  /** When it is asked for this image. */
  readonly image: Image | Error;
}

/** Of an image as the cache has it, and which nobody has changed since. */
export function sound(imageId: ImageId, more: Partial<ListedImage> = {}): Told {
  const image = { ...describedImage(imageId), updatedSec: 0, ...more };
  return { list: image, image };
}

/** Of an image that is gone. */
export function gone(imageId: ImageId): Told {
  return { list: undefined, image: new NotFoundError('NOT_FOUND_IMAGE', `Cannot get image ${imageId}: it is gone`) };
}

/** A run, and what it has asked and read. */
export interface WatchedRun {
  readonly run: StaleRun;
  /** Images that were asked about one by one, in order. */
  readonly asked: ImageId[];
  /** Images that were read, in order. */
  readonly read: ImageId[];
  readonly notes: string[];
}

/** Glance, and what is to be done. */
export interface StaleRunOptions extends Partial<StaleRequest> {
  /** Of images that are not among these, Glance has never heard. */
  readonly told: ReadonlyMap<ImageId, Told> | readonly (readonly [ImageId, Told])[];
  /** Asked anew each time. */
  readonly isAdmin?: () => boolean;
  /** Called before an image is asked for. */
  readonly onAsk?: (imageId: ImageId) => void;
}

/** Makes one. */
export function watchedRun(
  access: CacheAccess,
  { told: given, isAdmin = () => true, onAsk, ...request }: StaleRunOptions,
): WatchedRun {
  const told = new Map(given);
  const asked: ImageId[] = [];
  const read: ImageId[] = [];
  const notes: string[] = [];
  const glance: StaleRun['glance'] = {
    isAdmin: async () => isAdmin(),
    image: async (imageId) => {
      onAsk?.(imageId);
      asked.push(imageId);
      const { image } = told.get(imageId) ?? gone(imageId);
      if (image instanceof Error) throw image;
      return image;
    },
    lookUp: async (imageIds) => {
      const listed = new Map<ImageId, ListedImage>();
      for (const imageId of imageIds) {
        const list = told.get(imageId)?.list;
        if (list instanceof Error) throw list;
        if (list !== undefined) listed.set(imageId, list);
      }
      return listed;
    },
  };
  const hashers: StaleRun['hashers'] = {
    width: 1,
    hash: async ({ path, algorithm }) => {
      read.push(path.slice(-36) as ImageId);
      return createHash(algorithm).update(readQuietly(path)).digest('hex');
    },
  };
  const run: StaleRun = {
    ...{ access, glance, hashers },
    watch: { planned: () => undefined, advanced: () => undefined, spared: () => undefined },
    memory: new DiskDigests(access.layout),
    request: { dryRun: false, imageIds: undefined, limitPercent: 50, ...request },
    onNote: (note) => notes.push(note),
  };
  return { run, asked, read, notes };
}
