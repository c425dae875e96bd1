import type { Place } from '../../execute/prefetch/room-keeper.ts';
import type { PlannedFetch } from './look-ahead.ts';

/** Follows how an image's part grows: what was read for it, what is still to be written, whether it is of one piece. */
export class Meter {
  readonly #sizeBytes: number;
  readonly #onLength: (atBytes: number) => void;
  #place: Place | undefined;
  /** What an earlier run has left, until it is given up. */
  #presentBytes: number;
  #atBytes = 0;
  #readBytes = 0;
  #isStitched: boolean;

  constructor({ image, presentBytes }: PlannedFetch, onLength: (atBytes: number) => void) {
    this.#sizeBytes = image.sizeBytes ?? 0;
    this.#presentBytes = presentBytes;
    this.#isStitched = presentBytes > 0;
    this.#onLength = onLength;
  }

  /** Tells from now on in a place how much of it is still to be used. */
  fill(place: Place): void {
    this.#place = place;
  }

  /** The part has this length now, bytes; less than before when it has begun anew. */
  at(atBytes: number): void {
    if (atBytes < this.#atBytes) {
      this.#presentBytes = 0;
      this.#atBytes = 0;
    }
    // What an earlier run has left is read as well, to be hashed, but not fetched.
    const fromBytes = Math.max(this.#atBytes, this.#presentBytes);
    if (atBytes > fromBytes) this.#readBytes += atBytes - fromBytes;
    this.#atBytes = atBytes;
    this.#place?.setPending(this.#sizeBytes - Math.max(atBytes, this.#presentBytes));
    this.#onLength(atBytes);
  }

  /** The part goes on from another answer. */
  stitch(): void {
    this.#isStitched = true;
  }

  /** The part begins anew. */
  restart(): void {
    this.#presentBytes = 0;
    this.#isStitched = false;
    this.at(0);
  }

  get atBytes(): number {
    return this.#atBytes;
  }

  /** Bytes read from the source, those of given-up attempts included. */
  get fetchedBytes(): number {
    return this.#readBytes;
  }

  /** Whether the part was put together from several answers. */
  get isStitched(): boolean {
    return this.#isStitched;
  }
}
