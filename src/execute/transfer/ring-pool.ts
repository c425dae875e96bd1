/**
 * The memory that bytes pass through. Shared, so that a hash thread reads it in place; and pooled, because V8 gives such
 * memory back late: a run of a thousand images has as many rings as it transfers images at once.
 */

/** Buffers of equal size that one transfer fills in turn. */
export type Ring = readonly Uint8Array[];

/** How much memory a transfer gets. */
export interface RingShape {
  /** Buffers in a ring, at least 2: one to fill while others are written and hashed. */
  readonly buffers: number;
  readonly bufferBytes: number;
}

/**
 * Measured on loopback: with less the disk and the hash wait for each other; more is no faster, it only costs memory,
 * once for every image that is transferred at the same time.
 */
const SHAPE: RingShape = { buffers: 4, bufferBytes: 512 * 1024 };

/** The rings of a run. */
export class RingPool {
  readonly #shape: RingShape;
  readonly #free: Ring[] = [];

  constructor(shape: RingShape = SHAPE) {
    this.#shape = shape;
  }

  /** A ring that nobody else uses. */
  take(): Ring {
    const { buffers, bufferBytes } = this.#shape;
    return (
      this.#free.pop() ?? Array.from({ length: buffers }, () => new Uint8Array(new SharedArrayBuffer(bufferBytes)))
    );
  }

  /** Gives a ring to the next one who asks. Nothing may read or write it any more. */
  giveBack(ring: Ring): void {
    this.#free.push(ring);
  }
}
