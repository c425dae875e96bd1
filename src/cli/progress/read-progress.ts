/**
 * How far the reading of images is: one line for all of them. Knows nothing of the terminal.
 */
import type { BarLook } from '../../present/bar.ts';
import { countOf } from '../../text/amounts.ts';
import type { Clock } from '../../time/clock.ts';
import type { VerifyWatch } from '../../use-cases/verify/verify-run.ts';
import { amounts } from './amounts.ts';
import { barLine } from './bar-line.ts';
import { RateMeter } from './rate-meter.ts';

/** Follows a verification. */
export class ReadProgress implements VerifyWatch {
  readonly #clock: Clock;
  #meter: RateMeter;
  #images = 0;
  #sizeBytes = 0;
  #atBytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#meter = new RateMeter(clock);
  }

  planned(images: number, bytes: number): void {
    this.#images = images;
    this.#sizeBytes = bytes;
    // The time until there was something to read is nobody's rate.
    this.#meter = new RateMeter(this.#clock);
  }

  advanced(bytes: number): void {
    this.#atBytes += bytes;
    this.#meter.add(bytes);
  }

  spared(bytes: number): void {
    this.#sizeBytes -= bytes;
  }

  /** The line to show. */
  line(columns: number, look: BarLook): string {
    const images = countOf(this.#images, 'image');
    return barLine(
      {
        labels: [`Reading ${images}`, images],
        ...amounts(this.#atBytes, this.#sizeBytes, this.#meter.bytesPerSec()),
        isTotal: false,
      },
      columns,
      look,
    );
  }
}
