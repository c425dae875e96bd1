/**
 * What can be done to a cache. A plan is a list of these: a dry run shows it, a real run applies it, and both come from
 * the same planner.
 */

import type { FileFacts } from '../cache/file-facts.ts';
import type { ImageId } from '../cache/image-id.ts';
import type { IndexRow } from '../cache/index/index-db.ts';
import type { Area } from '../cache/layout.ts';

/** Why an image or a file goes. */
export type RemovalReason =
  | 'max-size'
  | 'min-free'
  | 'max-age'
  | 'requested'
  | 'invalid'
  | 'stalled'
  | 'no-journal'
  | 'no-part'
  | 'cached'
  | 'deleted'
  | 'deactivated'
  | 'replaced';

/** What is wrong with the content of an image. */
export type DamageReason = 'wrong-hash' | 'wrong-length' | 'unreadable';

/** Takes an image out of the cache: its row, then its file. */
export interface RemoveImage {
  readonly kind: 'remove-image';
  readonly imageId: ImageId;
  readonly reason: RemovalReason;
  readonly file: FileFacts;
  readonly row: IndexRow | undefined;
  /** When it was last used, epoch seconds. */
  readonly lastUsedSec: number;
}

/** Takes a damaged image out of the cache: its row goes, and its file lies in `invalid/` until the cleaner comes. */
export interface RetireImage {
  readonly kind: 'retire-image';
  readonly imageId: ImageId;
  readonly reason: DamageReason;
  readonly file: FileFacts;
}

/** Enters a file that has no row into the index. */
export interface AdoptFile {
  readonly kind: 'adopt-file';
  readonly imageId: ImageId;
  readonly file: FileFacts;
  readonly row: IndexRow;
}

/** Removes a row that has no file. */
export interface DropRow {
  readonly kind: 'drop-row';
  /** As stored: it may be no image ID at all. */
  readonly imageId: string;
}

/** Makes a row's size that of its file. */
export interface CorrectSize {
  readonly kind: 'correct-size';
  readonly imageId: ImageId;
  readonly file: FileFacts;
  readonly recordedBytes: number;
}

/** Writes a row anew that has values which make no sense. */
export interface RenewRow {
  readonly kind: 'renew-row';
  readonly imageId: ImageId;
  readonly file: FileFacts;
  readonly row: IndexRow;
}

/** Removes a file of `invalid/` or `incomplete/`. */
export interface RemoveFile {
  readonly kind: 'remove-file';
  readonly imageId: ImageId;
  readonly area: Extract<Area, 'invalid' | 'incomplete'>;
  readonly reason: RemovalReason;
  readonly file: FileFacts;
}

/** Puts an image into the queue. */
export interface AddMarker {
  readonly kind: 'add-marker';
  readonly imageId: ImageId;
  /** Its place in the queue: the modification time of the marker, epoch seconds. */
  readonly queuedSec: number;
}

/** Takes an image out of the queue. */
export interface DropMarker {
  readonly kind: 'drop-marker';
  readonly imageId: ImageId;
  /** The marker's name on disk. */
  readonly name: string;
}

/** Removes what an interrupted prefetch has left of an image, or a torn journal. */
export interface RemovePart {
  readonly kind: 'remove-part';
  readonly imageId: ImageId;
  readonly reason: RemovalReason;
  /** The name of a torn journal; undefined for the part and its journal. */
  readonly torn: string | undefined;
  readonly sizeBytes: number;
  /** When it was last written to, epoch seconds. */
  readonly modifiedSec: number;
}

/** Pins an image. */
export interface AddPin {
  readonly kind: 'add-pin';
  readonly imageId: ImageId;
}

/** Takes the pin of an image away. */
export interface DropPin {
  readonly kind: 'drop-pin';
  readonly imageId: ImageId;
}

/** Actions that change the index, and with it the cached images. */
export type IndexAction = RemoveImage | RetireImage | AdoptFile | DropRow | CorrectSize | RenewRow;

/** Actions that only change a folder. */
export type FolderAction = RemoveFile | AddMarker | DropMarker;

/** Actions that only change what is pinned. */
export type PinAction = AddPin | DropPin;

/** Anything a plan may hold. */
export type Action = IndexAction | FolderAction | RemovePart | PinAction;
