/**
 * The port to what is remembered of the hashes of cached images, so that no image has to be read twice to see whether it
 * still is what Glance has. It is only a help: whoever loses it reads once more.
 */
import type { FileFacts } from '../file-facts.ts';
import type { ImageId } from '../image-id.ts';

/** A file, and the hash that Glance told of its image when both agreed. */
export interface RememberedDigest {
  /** {@link fileMark} of the file. */
  readonly file: string;
  /** {@link digestMark} of the hash. */
  readonly digest: string;
}

/** What is remembered of a cache. */
export interface DigestMemory {
  /** All there is; nothing where there is no memory, or none that can be understood. */
  recall(): ReadonlyMap<ImageId, RememberedDigest>;
  /**
   * Replaces all there is.
   *
   * @throws CacheStateError
   */
  keep(digests: ReadonlyMap<ImageId, RememberedDigest>): void;
}

/** What tells a file with its content from others; without the device, whose number may change when it is mounted. */
export function fileMark({ inode, sizeBytes, modifiedSec }: FileFacts): string {
  return [inode, sizeBytes, Math.round(modifiedSec * 1000)].map((number) => number.toString(36)).join('-');
}

/** So much of a hash that nobody meets the same by chance. */
const MARK_DIGITS = 24;

/** What tells a hash from others. */
export function digestMark({ algorithm, hex }: { readonly algorithm: string; readonly hex: string }): string {
  return `${algorithm}:${hex.slice(0, MARK_DIGITS)}`;
}
