/**
 * Images that are being fetched, as a port. They lie in a folder of this toolkit, which Glance never looks into: what is
 * in `incomplete/` glance-api opens without exclusion, and publishes whatever is there.
 */
import type { FileFacts } from '../file-facts.ts';
import type { ImageId } from '../image-id.ts';
import type { PartJournal } from './journal.ts';

/** What there is of an image that is being fetched. */
export interface PartEntry {
  readonly imageId: ImageId;
  readonly part: FileFacts | undefined;
  readonly journal: FileFacts | undefined;
  /** Whether the journal remembers that the bytes were not those of the image: it puts off the next try. */
  readonly remembersMismatch: boolean;
  /** Whether the image is cached, by whomever: then nothing more is to be fetched. */
  readonly isCached: boolean;
}

/**
 * Whether a run of this toolkit was killed, or may have been, when it had published an image and not yet entered it: the
 * journal that vouches for it is all that is left of its part.
 */
export function isUnentered({ part, journal, isCached }: PartEntry): boolean {
  return isCached && part === undefined && journal !== undefined;
}

/** The images of which that is so. */
export function unenteredImages({ entries }: PartListing): ReadonlySet<ImageId> {
  return new Set(entries.filter(isUnentered).map(({ imageId }) => imageId));
}

/** One look at the folder. */
export interface PartListing {
  readonly entries: readonly PartEntry[];
  /** Journals that were being written when their writer was killed. */
  readonly torn: readonly { readonly name: string; readonly imageId: ImageId }[];
  /** Entries that are none of this toolkit's: reported, never counted, never deleted. */
  readonly foreign: readonly string[];
}

/** An open part. Positions and lengths in bytes; errors are CacheStateErrors that name the path and the cause. */
export interface PartFile {
  write(
    source: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  truncate(length: number): Promise<void>;
  /** Waits until what was written is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The parts of one cache. Errors are CacheStateErrors that name the path and the cause. */
export interface Parts {
  /** What is there now; a missing folder is empty. */
  list(): PartListing;
  /** The facts of a part now; undefined where there is none. */
  look(imageId: ImageId): FileFacts | undefined;
  /** Where a part lies, for a copy that the file system makes. */
  path(imageId: ImageId): string;
  /** Opens a part for reading and writing; a missing one is created. */
  open(imageId: ImageId): Promise<PartFile>;
  /** The journal of a part; undefined where there is none, or one that means nothing. */
  journal(imageId: ImageId): PartJournal | undefined;
  /** Writes a journal in one step. */
  writeJournal(journal: PartJournal): void;
  /** Removes a part, but not its journal. */
  removePart(imageId: ImageId): void;
  /** Removes a part and then its journal. */
  remove(imageId: ImageId): void;
  /** Removes a torn journal, by its name in {@link PartListing}. */
  removeTorn(name: string): void;
  /** Makes a part the cached image, in one step. */
  publish(imageId: ImageId): void;
  /** Takes a {@link publish} back, as long as the image is still the file that was published. */
  unpublish(imageId: ImageId, published: FileFacts): void;
  /** Waits until the names of the cached images are on the disk. */
  syncFolder(): Promise<void>;
}
