/**
 * The HTTP cache API of one glance-api: what can be asked of the cache of another node. `/v2/cache` (Image API 2.14) is
 * used where the node has it, the older `/v2/cached_images` and `/v2/queued_images` of its `cachemanagement` pipeline
 * where it has not.
 */
import type { ImageId } from '../cache/image-id.ts';
import type { IndexRow } from '../cache/index/index-db.ts';

/** What a node holds, as it tells: images in its order. */
export interface RemoteState {
  readonly cached: readonly IndexRow[];
  /** Image IDs, first come first, as they were queued: any spelling of a UUID. */
  readonly queued: readonly string[];
}

/** What a prune on a node has removed. */
export interface RemotePruned {
  readonly images: number;
  readonly bytes: number;
}

/**
 * The cache of one node. Errors: NotFoundError NOT_FOUND_IMAGE where Glance does not know the image, NOT_FOUND_CACHE_API
 * where the node has no such API; AuthError; RemoteError; UsageError USAGE_NOT_AVAILABLE for what the node's release
 * cannot do.
 */
export interface CacheApi {
  /** The address as the user gave it, for messages and the column Host. */
  readonly host: string;
  /**
   * Looks at the node before anything is changed: whether it has the API, and whether it is one node. What changes
   * something does so by itself, unless it was done a moment ago; whoever asks a question first looks before that, and
   * tells the {@link doubts}.
   */
  look(signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<RemoteState>;
  /** Queues an image; from release Zed on the node fetches it at once. */
  queue(imageId: ImageId, signal: AbortSignal): Promise<void>;
  /** Removes an image from the cache, and from nothing else. One that is absent is no error. */
  deleteCached(imageId: ImageId, signal: AbortSignal): Promise<void>;
  /** Takes an image out of the queue, and removes it from nothing else. One that is absent is no error. */
  deleteQueued(imageId: ImageId, signal: AbortSignal): Promise<void>;
  /** @returns how many there were */
  deleteAllCached(signal: AbortSignal): Promise<number>;
  /** @returns how many there were */
  deleteAllQueued(signal: AbortSignal): Promise<number>;
  /** Prunes to the node's own `image_cache_max_size` (Image API 2.18). */
  prune(signal: AbortSignal): Promise<RemotePruned>;
  /** Removes invalid and stalled images (Image API 2.18). */
  clean(signal: AbortSignal): Promise<void>;
  /** Why the address may stand for several nodes instead of one, as far as was seen: one sentence each. */
  doubts(): readonly string[];
}
