/**
 * When a cache will be full, if images keep coming as they did. Pure. Of what came and was removed again nothing is left
 * to be counted: more may have come.
 */

/** How far back images count as arrivals, seconds. */
export const ARRIVALS_SEC = 7 * 86_400;

/** A cache that was filled an hour ago will not get as much every hour. */
const LEAST_SPAN_SEC = 86_400;

/** What came into a cache within {@link ARRIVALS_SEC}, and is still there. */
export interface Arrivals {
  readonly images: number;
  readonly bytes: number;
  /** When the first of all images came, epoch seconds. */
  readonly firstSec: number;
  /** When that was looked at, epoch seconds. */
  readonly takenSec: number;
}

/** What a cache may still take. */
export interface Room {
  /** Up to `image_cache_max_size`; negative beyond it. */
  readonly belowMaximumBytes: number;
  /** Up to what is to stay free on the file system; negative beyond it. */
  readonly onFileSystemBytes: number;
}

/** What is to be expected. */
export interface Forecast {
  /** `full` now, `never` at this rate, or `filling`. */
  readonly state: 'full' | 'never' | 'filling';
  /** What it is, or will be, full by. */
  readonly limit: 'max-size' | 'file-system';
  /** How long that takes, seconds; 0 when full, undefined for never. */
  readonly fullInSec: number | undefined;
  /** What the rate was reckoned from: so many images, and so many bytes, */
  readonly arrivedImages: number;
  readonly arrivedBytes: number;
  /** came in this time, seconds. */
  readonly spanSec: number;
  readonly bytesPerDay: number;
}

/** Reckons when a cache will be full. */
export function forecast(arrivals: Arrivals, { belowMaximumBytes, onFileSystemBytes }: Room): Forecast {
  const { images, bytes, firstSec, takenSec } = arrivals;
  const spanSec = Math.min(ARRIVALS_SEC, Math.max(LEAST_SPAN_SEC, takenSec - firstSec));
  const roomBytes = Math.min(belowMaximumBytes, onFileSystemBytes);
  const isFull = roomBytes <= 0;
  return {
    state: isFull ? 'full' : bytes === 0 ? 'never' : 'filling',
    limit: belowMaximumBytes <= onFileSystemBytes ? 'max-size' : 'file-system',
    fullInSec: isFull ? 0 : bytes === 0 ? undefined : (roomBytes * spanSec) / bytes,
    arrivedImages: images,
    arrivedBytes: bytes,
    spanSec,
    bytesPerDay: Math.round((bytes * 86_400) / spanSec),
  };
}
