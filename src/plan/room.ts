/**
 * Whether there is room for an image: in the cache, on its file system, and in what one run may fetch. Pure: the space
 * of all images of a run is reckoned jointly.
 */

/** What bounds a run. */
export interface RoomLimits {
  /** `image_cache_max_size`, bytes. */
  readonly maxSizeBytes: number;
  /** What is pinned of the cached images, bytes: that never makes way, so what is fetched has to fit beside it. */
  readonly pinnedBytes: number;
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
  /** Larger than the whole cache may be, or than what pinned images leave of it. */
  | { readonly kind: 'too-large'; readonly lackingBytes: number }
  /** Larger than what is free, less the reserve. */
  | { readonly kind: 'no-space'; readonly lackingBytes: number }
  /** More than a run may fetch in all: the first images of the run would make way for it at the next pruning. */
  | { readonly kind: 'run-limit'; readonly lackingBytes: number };

/** How much of the cache can be had at all: images that are fetched beyond that would make way at the next pruning. */
export function mostOfCache({ maxSizeBytes, pinnedBytes }: Pick<RoomLimits, 'maxSizeBytes' | 'pinnedBytes'>): number {
  return Math.max(0, maxSizeBytes - pinnedBytes);
}

/** Judges whether an image fits. */
export function judgeRoom({ sizeBytes, presentBytes }: RoomAsked, taken: RoomTaken, limits: RoomLimits): Room {
  const { maxSizeBytes, pinnedBytes, minFreeBytes } = limits;
  const mostBytes = mostOfCache(limits);
  // Where pins alone are beyond the maximum, that is lacking as well.
  const unpinnedBytes = maxSizeBytes - pinnedBytes;
  if (sizeBytes > mostBytes) return { kind: 'too-large', lackingBytes: sizeBytes - unpinnedBytes };
  const runBytes = taken.admittedBytes + sizeBytes;
  if (runBytes > mostBytes) return { kind: 'run-limit', lackingBytes: runBytes - unpinnedBytes };
  const usableBytes = taken.availableBytes - minFreeBytes - taken.pendingBytes;
  const lackingBytes = Math.max(0, sizeBytes - presentBytes) - usableBytes;
  // A part that is complete needs nothing more, however full the disk is.
  return lackingBytes > 0 && sizeBytes > presentBytes ? { kind: 'no-space', lackingBytes } : { kind: 'fits' };
}
