/**
 * How far a run is: a line for each image that is being fetched, and one for all. Knows nothing of the terminal.
 */

import type { ImageId } from '../../cache/image-id.ts';
import type { BarLook } from '../../present/bar.ts';
import { humanDuration } from '../../text/amounts.ts';
import { printable } from '../../text/printable.ts';
import type { Clock } from '../../time/clock.ts';
import type { PrefetchItem } from '../../use-cases/prefetch/prefetch-report.ts';
import type { ExpectedFetch, PrefetchWatch } from '../../use-cases/prefetch/prefetch-watch.ts';
import { amounts } from './amounts.ts';
import { type BarFields, barLine } from './bar-line.ts';
import { RateMeter } from './rate-meter.ts';

/** Names come from servers: no terminal shows more of them, whatever their length. */
const NAME_CHARACTERS = 200;

/** The size of a terminal. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

interface RunningFetch {
  readonly label: string;
  readonly sizeBytes: number | undefined;
  readonly meter: RateMeter;
  atBytes: number;
  /** When it goes on after a failure, by the steady clock; undefined while it goes on. */
  retryAtSec: number | undefined;
}

/** Follows a run. */
export class FetchProgress implements PrefetchWatch {
  readonly #clock: Clock;
  #meter: RateMeter;
  /** What has not ended yet, with its size. */
  readonly #open = new Map<string, number | undefined>();
  readonly #running = new Map<string, RunningFetch>();
  #plannedImages = 0;
  #failedImages = 0;
  /** The sizes of all that is open and has one, and how many have none. */
  #openBytes = 0;
  #openUnknown = 0;
  #endedBytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#meter = new RateMeter(clock);
  }

  planned(fetches: readonly ExpectedFetch[]): void {
    this.#plannedImages = fetches.length;
    // The time until there was a plan is nobody's rate.
    this.#meter = new RateMeter(this.#clock);
    for (const { imageId, sizeBytes } of fetches) {
      this.#open.set(imageId, sizeBytes);
      this.#openBytes += sizeBytes ?? 0;
      this.#openUnknown += sizeBytes === undefined ? 1 : 0;
    }
  }

  started({ imageId, name = '', sizeBytes }: ExpectedFetch): void {
    this.#running.set(imageId, {
      label: name.trim() === '' ? imageId : printable(name.slice(0, NAME_CHARACTERS)),
      sizeBytes,
      meter: new RateMeter(this.#clock),
      atBytes: 0,
      retryAtSec: undefined,
    });
  }

  advanced(imageId: ImageId, atBytes: number): void {
    const fetch = this.#running.get(imageId);
    if (fetch === undefined) return;
    const comeBytes = Math.max(0, atBytes - fetch.atBytes);
    fetch.meter.add(comeBytes);
    this.#meter.add(comeBytes);
    fetch.atBytes = atBytes;
    // What is told during the pause was under way before it.
    if (fetch.retryAtSec !== undefined && this.#clock.monotonicSec() >= fetch.retryAtSec) fetch.retryAtSec = undefined;
  }

  retrying(imageId: ImageId, _error: unknown, delaySec: number): void {
    const fetch = this.#running.get(imageId);
    if (fetch !== undefined) fetch.retryAtSec = this.#clock.monotonicSec() + delaySec;
  }

  noted(): void {
    // The log tells.
  }

  ended({ imageId, result }: PrefetchItem): void {
    // What was never to be fetched ends as well, and is not counted.
    if (!this.#open.has(imageId)) return;
    const sizeBytes = this.#open.get(imageId);
    this.#openBytes -= sizeBytes ?? 0;
    this.#openUnknown -= sizeBytes === undefined ? 1 : 0;
    this.#endedBytes += this.#running.get(imageId)?.atBytes ?? 0;
    if (result === 'failed') this.#failedImages += 1;
    this.#open.delete(imageId);
    this.#running.delete(imageId);
  }

  /** The lines to show, the total last; fewer than the terminal has rows. */
  lines({ columns, rows }: ScreenSize, look: BarLook): readonly string[] {
    const running = [...this.#running.values()];
    // One row is for the total, one for the cursor below, and one for how many more there are.
    const shown = running.length <= rows - 2 ? running : running.slice(0, Math.max(0, rows - 3));
    const lines = shown.map((fetch) => barLine(this.#fieldsOf(fetch), columns, look));
    const hidden = running.length - shown.length;
    const more = { ...NOTHING, labels: [`and ${hidden} more`, `+${hidden}`] };
    if (hidden > 0 && rows > 2) lines.push(barLine(more, columns, look));
    return [...lines, barLine(this.#totalFields(), columns, look)];
  }

  #fieldsOf({ label, sizeBytes, atBytes, meter, retryAtSec }: RunningFetch): BarFields {
    return {
      labels: [label],
      ...amounts(atBytes, sizeBytes, meter.bytesPerSec()),
      note:
        retryAtSec === undefined
          ? endNote(atBytes, sizeBytes)
          : { text: this.#waitText(retryAtSec - this.#clock.monotonicSec()), isTrouble: true },
      isTotal: false,
    };
  }

  #waitText(waitSec: number): string {
    return waitSec > 0 ? `retry in ${humanDuration(Math.ceil(waitSec))}` : 'retrying';
  }

  #totalFields(): BarFields {
    let atBytes = this.#endedBytes;
    for (const fetch of this.#running.values()) atBytes += fetch.atBytes;
    const isKnown = this.#openUnknown === 0;
    const ended = `${this.#plannedImages - this.#open.size}/${this.#plannedImages}`;
    const failed = this.#failedImages === 0 ? '' : `, ${this.#failedImages} failed`;
    return {
      labels: [`${ended} images${failed}`, `${ended}${failed}`, ended],
      ...amounts(atBytes, isKnown ? this.#endedBytes + this.#openBytes : undefined, this.#meter.bytesPerSec()),
      isTotal: true,
    };
  }
}

const NOTHING: BarFields = { labels: [], ratio: undefined, bytes: '', rate: '', left: '', isTotal: false };

/** The bytes are all there: what takes time now is the disk, and the turn of this image. */
function endNote(atBytes: number, sizeBytes: number | undefined): BarFields['note'] {
  return sizeBytes !== undefined && atBytes >= sizeBytes ? { text: 'finishing', isTrouble: false } : undefined;
}
