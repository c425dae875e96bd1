/**
 * The port to what is remembered of the hashes of cached images, so that no image has to be read twice to see whether it
 * still is what Glance has. It is only a help: whoever loses it reads once more.
 */
import type { FileFacts } from '../file-facts.ts';
import type { ImageId } from '../image-id.ts';

/** What is remembered of a cache. */
export interface DigestMemory {
  /**
   * All there is, by image a {@link markOf} its file and the hash that it agreed with; nothing where there is no memory,
   * or none that can be understood.
   */
  recall(): Map<ImageId, string>;
  /**
   * Replaces all there is.
   *
   * @throws CacheStateError
   */
  keep(marks: ReadonlyMap<ImageId, string>): void;
}

/** A hash that Glance has told, by an algorithm as Node's crypto names it. */
interface Digest {
  readonly algorithm: string;
  readonly hex: string;
}

/** So much of a hash that nobody meets the same by chance. */
const DIGITS = 24;

/** What stands for a file with its content and for a hash: two words, in one piece, as there may be very many. */
export function markOf(file: FileFacts, digest: Digest): string {
  // Joined it would stay in pieces, and each of them keep what it was cut from.
  return Buffer.from(`${fileWord(file)} ${digestWord(digest)}`, 'latin1').toString('latin1');
}

/** Whether a mark is about this file, whatever the hash was. */
export function isMarkOfFile(mark: string | undefined, file: FileFacts): mark is string {
  return mark?.startsWith(`${fileWord(file)} `) === true;
}

/** What tells a file with its content from others; without the device, whose number may change when it is mounted. */
function fileWord({ inode, sizeBytes, modifiedSec }: FileFacts): string {
  return [inode, sizeBytes, Math.round(modifiedSec * 1000)].map((number) => number.toString(36)).join('-');
}

function digestWord({ algorithm, hex }: Digest): string {
  return `${algorithm}:${hex.slice(0, DIGITS)}`;
}
