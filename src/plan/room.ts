/**
 * Whether there is room for an image: in the cache, on its file system, and in what one run may fetch. Pure: the space
 * of all images of a run is reckoned jointly.
 */

/** What bounds a run. */
export interface RoomLimits {
  /** `image_cache_max_size`, bytes. */
  readonly maxSizeBytes: number;
  /** What is to stay free on the file system, bytes. */
  readonly minFreeBytes: number;
}

/** What a run has taken on so far. */
export interface RoomTaken {
  /** Free on the file system now, bytes. */
  readonly availableBytes: number;
  /** What images that are admitted have still to write, bytes. */
  readonly pendingBytes: number;
  /** Sizes of all images that are admitted, bytes. */
  readonly admittedBytes: number;
}

/** An image that asks for room. */
export interface RoomAsked {
  readonly sizeBytes: number;
  /** What lies in its part already, bytes. */
  readonly presentBytes: number;
}

/** The answer; `lackingBytes` says by how much it does not fit. */
export type Room =
  | { readonly kind: 'fits' }
  /** Larger than the whole cache may be. */
  | { readonly kind: 'too-large'; readonly lackingBytes: number }
  /** Larger than what is free, less the reserve. */
  | { readonly kind: 'no-space'; readonly lackingBytes: number }
  /** More than a run may fetch in all: the first images of the run would make way for it at the next pruning. */
  | { readonly kind: 'run-limit'; readonly lackingBytes: number };

/** Judges whether an image fits. */
export function judgeRoom({ sizeBytes, presentBytes }: RoomAsked, taken: RoomTaken, limits: RoomLimits): Room {
  const { maxSizeBytes, minFreeBytes } = limits;
  if (sizeBytes > maxSizeBytes) return { kind: 'too-large', lackingBytes: sizeBytes - maxSizeBytes };
  const overRun = taken.admittedBytes + sizeBytes - maxSizeBytes;
  if (overRun > 0) return { kind: 'run-limit', lackingBytes: overRun };
  const usableBytes = taken.availableBytes - minFreeBytes - taken.pendingBytes;
  const lackingBytes = Math.max(0, sizeBytes - presentBytes) - usableBytes;
  // A part that is complete needs nothing more, however full the disk is.
  return lackingBytes > 0 && sizeBytes > presentBytes ? { kind: 'no-space', lackingBytes } : { kind: 'fits' };
}
