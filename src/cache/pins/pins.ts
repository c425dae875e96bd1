/**
 * The port to the pins: images that the pruner never takes, whatever the driver of the index. A pin outlives its image,
 * which may leave the cache on request and come back.
 */
import type { ImageId } from '../image-id.ts';

/** What is pinned. */
export interface PinListing {
  readonly imageIds: ReadonlySet<ImageId>;
  /** Names in the folder that are no pins: reported, never touched. */
  readonly foreign: readonly string[];
}

/** The pins of one cache. Errors are {@link CacheError}s that name the path and the cause. */
export interface Pins {
  /** What is pinned now; a missing folder pins nothing. */
  list(): PinListing;
  /** Whether one image is pinned now. */
  has(imageId: ImageId): boolean;
  /** When an image was pinned, epoch seconds; undefined where it is not. */
  since(imageId: ImageId): number | undefined;
  /**
   * Pins an image, in one step that everybody sees at once.
   *
   * @returns false when it was pinned already
   * @throws CacheStateError CACHE_DIR where something else has the name of the pin
   */
  add(imageId: ImageId): boolean;
  /**
   * Takes a pin away.
   *
   * @returns false when there was none
   */
  remove(imageId: ImageId): boolean;
  /** Waits until what was pinned is on the disk: a pin outlives a power failure. */
  sync(): Promise<void>;
}
