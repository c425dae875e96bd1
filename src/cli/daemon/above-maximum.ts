/**
 * Whether the cached images take more than they may. Looked at when an image has come, and not more often than the look
 * is worth: of a hundred thousand images it takes half a second.
 */
import { lstatSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { isImageId } from '../../cache/image-id.ts';
import { listFolder } from '../../cache/list-folder.ts';
import type { Clock } from '../../time/clock.ts';
import type { FolderChanges } from './folder-changes.ts';

/** What is looked at. */
export interface CacheWatch {
  /** The cache directory. */
  readonly root: string;
  readonly maxSizeBytes: number;
  /** When the last round began, epoch seconds. */
  readonly sinceSec: number;
  /** Changes in that directory. */
  readonly changes: Pick<FolderChanges, 'next'>;
  readonly clock: Clock;
}

/** At least so long from one look to the next, and so many times as long as it takes. */
const DISTANCE_SEC = 5;
const DISTANCE_LOOKS = 50;

/** File systems have the time of a moment ago. */
const COARSE_SEC = 0.1;

const CAUSE = 'above the maximum';

/** Signals are heard in between. */
const FILES_AT_ONCE = 5000;

/**
 * Resolves when the images have come to take more than the maximum. What a round has left above it, because it is pinned
 * or in use, is no reason for another one before more has come.
 *
 * @throws the signal's reason when it is aborted; a system error
 */
export async function untilAboveMaximum(watch: CacheWatch, signal: AbortSignal): Promise<string> {
  const { root, maxSizeBytes, sinceSec, changes, clock } = watch;
  const found = await sumOfImages(root, signal, sinceSec - COARSE_SEC);
  // What came while the last round was at work it may not have seen.
  let floorBytes = Math.max(maxSizeBytes, found.bytes - found.laterBytes);
  if (found.bytes > floorBytes) return CAUSE;
  for (;;) {
    await changes.next(signal);
    const fromSec = clock.monotonicSec();
    const { bytes } = await sumOfImages(root, signal);
    if (bytes > floorBytes) return CAUSE;
    floorBytes = Math.max(maxSizeBytes, bytes);
    await clock.sleep(Math.max(DISTANCE_SEC, DISTANCE_LOOKS * (clock.monotonicSec() - fromSec)), signal);
  }
}

/**
 * The sizes of the images in a folder, summed up, without a list of them.
 *
 * @param sinceSec from when on an image is a later one, by the time of its last byte: a use may set the change time
 */
async function sumOfImages(
  root: string,
  signal: AbortSignal,
  sinceSec = Number.POSITIVE_INFINITY,
): Promise<{ readonly bytes: number; readonly laterBytes: number }> {
  let bytes = 0;
  let laterBytes = 0;
  let count = 0;
  for (const entry of listFolder(root)) {
    if (!entry.isFile() || !isImageId(entry.name)) continue;
    const stats = lstatSync(`${root}/${entry.name}`, { throwIfNoEntry: false });
    const sizeBytes = stats?.size ?? 0;
    bytes += sizeBytes;
    if ((stats?.mtimeMs ?? 0) / 1000 >= sinceSec) laterBytes += sizeBytes;
    count += 1;
    if (count % FILES_AT_ONCE === 0) await setImmediate(undefined, { signal });
  }
  signal.throwIfAborted();
  return { bytes, laterBytes };
}
