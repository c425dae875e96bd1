/**
 * A glance-api at work, turn by turn: clients that download, pause, go on and go away, images that are deleted and
 * queued. What it does follows from a seed; how it meets its neighbours does not.
 */
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheLayout } from '../../../src/cache/layout.ts';
import { contentOf, imageIdOf } from '../seeded-cache.ts';
import {
  beginDownload,
  beginHit,
  type ColdDownload,
  clearCache,
  type Download,
  deleteCachedImage,
  download,
  isCached,
  queueImage,
} from './glance-api.ts';
import type { IndexCall } from './glance-index.ts';
import { stockClean, stockPrune } from './stock-tools.ts';

/** What one is to do. */
export interface GlanceDuties {
  readonly images: number;
  /**
   * Which of them it takes from the store and deletes: those whose number leaves this remainder. Two cold downloads of
   * one image at once are a race that glance-api loses without any neighbour.
   */
  readonly own: { readonly modulus: number; readonly remainder: number };
  /**
   * `serve`: downloads to the end. `everything`: also paused and broken ones, killed workers, deletions and the queue.
   * `sweeping`: also clears, prunes and cleans, as the HTTP API and the stock tools do.
   */
  readonly work: 'serve' | 'everything' | 'sweeping';
  readonly seed: number;
}

/** What it has seen. */
export interface GlanceReport {
  turns: number;
  readonly results: Record<Download['result'], number>;
  /** How often each image came into the cache with its row. */
  readonly inserts: Record<string, number>;
  /** Calls on the index that failed, by their codes. */
  readonly refused: Record<string, number>;
  lockedOut: number;
  longestWaitMs: number;
  deleted: number;
}

/** How long an image is: one of a few pages, so that what is torn shows. */
export function sizeOfImage(number: number): number {
  return 3000 + 1000 * (number % 5);
}

/** The content of an image as bytes. */
export function bytesOfImage(number: number): Buffer {
  return Buffer.from(contentOf(imageIdOf(number), sizeOfImage(number)));
}

/** What a client has begun, to be ended on a later turn. */
type Pending = (nowSec: number) => void;

/** More clients than these do not wait for their bytes at once. */
const MOST_PENDING = 4;

/** Long enough for every limit of a cleaner, seconds. */
const STALLED_SEC = 30 * 86_400;

/** One process of glance-api. */
export class BusyGlance {
  readonly report: GlanceReport = {
    turns: 0,
    results: { cached: 0, uncached: 0, hit: 0, vanished: 0, torn: 0 },
    inserts: {},
    refused: {},
    lockedOut: 0,
    longestWaitMs: 0,
    deleted: 0,
  };
  readonly #layout: CacheLayout;
  readonly #duties: GlanceDuties;
  readonly #pending: Pending[] = [];
  #state: number;

  constructor(layout: CacheLayout, duties: GlanceDuties) {
    this.#layout = layout;
    this.#duties = duties;
    this.#state = duties.seed;
  }

  /** Does one thing. */
  turn(): void {
    this.report.turns++;
    const nowSec = Date.now() / 1000;
    const number = this.#random(this.#duties.images);
    const dice = this.#duties.work === 'serve' ? 99 : this.#random(100);
    if (dice < 20) this.#goOn(nowSec);
    else if (dice < 32) this.#beginHit(number);
    else if (dice < 44) this.#beginDownload(this.#ownOf(number));
    else if (dice < 52) this.#deleteImage(this.#ownOf(number));
    else if (dice < 60) queueImage(this.#layout, imageIdOf(number));
    else if (dice < 62 && this.#duties.work === 'sweeping') this.#sweep(nowSec);
    else this.#serve(number, nowSec);
  }

  /** Ends everything that is under way. */
  finish(): void {
    while (this.#pending.length > 0) this.#goOn(Date.now() / 1000);
  }

  #serve(number: number, nowSec: number): void {
    const imageId = imageIdOf(number);
    // What it does not own it serves from the cache alone.
    if (this.#ownOf(number) !== number && !isCached(this.#layout, imageId)) return;
    const content = bytesOfImage(number);
    if (this.#ownOf(number) === number) this.#enter(imageId, download(this.#layout, imageId, content, nowSec));
    else {
      const vanished: Download = { result: 'vanished', call: undefined };
      this.#enter(imageId, beginHit(this.#layout, imageId, content)?.finish(nowSec) ?? vanished);
    }
  }

  #beginHit(number: number): void {
    const imageId = imageIdOf(number);
    const hit = beginHit(this.#layout, imageId, bytesOfImage(number));
    if (hit === undefined) return;
    const isPatient = this.#random(4) > 0;
    this.#later((nowSec) => (isPatient ? this.#enter(imageId, hit.finish(nowSec)) : hit.abort()));
  }

  #beginDownload(number: number): void {
    const imageId = imageIdOf(number);
    const cold = beginDownload(this.#layout, imageId, bytesOfImage(number));
    if (cold === undefined) return;
    cold.write(1 + this.#random(2000));
    const fate = this.#random(10);
    // A client that has paused for long: its file looks stalled, and is not.
    if (fate < 3) this.#age(imageId);
    if (fate === 9) {
      cold.die();
      this.#age(imageId);
    } else this.#later((nowSec) => this.#endDownload({ imageId, cold, isWhole: fate < 7 }, nowSec));
  }

  #endDownload(begun: { imageId: string; cold: ColdDownload; isWhole: boolean }, nowSec: number): void {
    const { imageId, cold, isWhole } = begun;
    if (isWhole) {
      while (cold.write(1000));
      this.#enter(imageId, { result: 'cached', call: cold.finish(nowSec) });
    } else this.#count(cold.abort());
  }

  #deleteImage(number: number): void {
    this.#count(deleteCachedImage(this.#layout, imageIdOf(number)));
    this.report.deleted++;
  }

  #sweep(nowSec: number): void {
    const dice = this.#random(4);
    if (dice === 0) this.#count(clearCache(this.#layout));
    else if (dice === 1) stockPrune(this.#layout, 30_000);
    // Longer than anything here looks stalled: it knows nothing of paused clients.
    else stockClean(this.#layout, 2 * STALLED_SEC, nowSec);
  }

  #age(imageId: string): void {
    const longAgoSec = Date.now() / 1000 - STALLED_SEC;
    utimesSync(join(this.#layout.areas.incomplete, imageId), longAgoSec, longAgoSec);
  }

  #later(pending: Pending): void {
    this.#pending.push(pending);
    if (this.#pending.length > MOST_PENDING) this.#goOn(Date.now() / 1000);
  }

  #goOn(nowSec: number): void {
    const [pending] = this.#pending.splice(this.#random(this.#pending.length), 1);
    pending?.(nowSec);
  }

  #enter(imageId: string, { result, call }: Download): void {
    this.report.results[result]++;
    if (call === undefined) return;
    this.#count(call);
    if (result === 'cached' && call.result === 'done') {
      this.report.inserts[imageId] = (this.report.inserts[imageId] ?? 0) + 1;
    }
  }

  #count({ result, waitedMs, code }: IndexCall): void {
    this.report.longestWaitMs = Math.max(this.report.longestWaitMs, waitedMs);
    if (result === 'locked-out') this.report.lockedOut++;
    if (code !== undefined) this.report.refused[code] = (this.report.refused[code] ?? 0) + 1;
  }

  #ownOf(number: number): number {
    const { modulus, remainder } = this.#duties.own;
    return number - (number % modulus) + remainder;
  }

  #random(below: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) >>> 0;
    return (this.#state >>> 8) % Math.max(1, below);
  }
}
