/**
 * How fast bytes come, evenly enough to be read: over the last seconds, and anew only every now and then.
 */
import type { Clock } from '../../time/clock.ts';

/** The span that a rate is taken over, seconds. */
const WINDOW_SEC = 5;

/** A figure that changes more often cannot be read; seconds. */
const SAMPLE_SEC = 0.5;

interface Sample {
  readonly atSec: number;
  readonly totalBytes: number;
}

/** Measures a rate. */
export class RateMeter {
  readonly #clock: Pick<Clock, 'monotonicSec'>;
  /** The oldest one is where the window begins, as soon as there are enough. */
  readonly #samples: Sample[] = [];
  #totalBytes = 0;
  #bytesPerSec: number | undefined;

  /** Begins to measure now. */
  constructor(clock: Pick<Clock, 'monotonicSec'>) {
    this.#clock = clock;
    this.#samples.push({ atSec: clock.monotonicSec(), totalBytes: 0 });
  }

  /** Counts bytes that have come. */
  add(bytes: number): void {
    this.#sample();
    this.#totalBytes += bytes;
  }

  /** Bytes per second; undefined until there is something to measure by. */
  bytesPerSec(): number | undefined {
    this.#sample();
    return this.#bytesPerSec;
  }

  #sample(): void {
    const atSec = this.#clock.monotonicSec();
    const last = this.#samples.at(-1);
    if (last !== undefined && atSec - last.atSec < SAMPLE_SEC) return;
    this.#samples.push({ atSec, totalBytes: this.#totalBytes });
    // The second one covers the window alone: the first is not needed any more.
    for (let next = this.#samples[1]; next !== undefined && atSec - next.atSec >= WINDOW_SEC; next = this.#samples[1])
      this.#samples.shift();
    const first = this.#samples[0];
    if (first === undefined || atSec <= first.atSec) return;
    this.#bytesPerSec = (this.#totalBytes - first.totalBytes) / (atSec - first.atSec);
  }
}
