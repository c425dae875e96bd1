/**
 * What the toolkit is asked for, and what it answers: the same for a use case and for a built program.
 */
import type { ImageId } from '../../src/cache/image-id.ts';

/** A command of the toolkit. */
export type Request = PruneWish | CleanWish | DeleteWish | QueueWish | DequeueWish | PinWish | VerifyWish | ListWish;

/** The pruner. */
export interface PruneWish {
  readonly kind: 'prune';
  readonly adopt: boolean;
  readonly maxSizeBytes: number;
  readonly lowWatermarkPercent: number;
  readonly maxAgeSec: number | undefined;
}

/** The cleaner. */
export interface CleanWish {
  readonly kind: 'clean';
  readonly configuredStallTimeSec: number;
  readonly stallTimeSec: number;
  readonly invalidGraceSec: number;
  readonly imageIds: readonly ImageId[] | undefined;
  /** Without the rights of root it does not see who writes a file. */
  readonly isRoot: boolean;
}

/** `delete-cached-image`, and `delete-all-cached-images` where no image is named. */
export interface DeleteWish {
  readonly kind: 'delete';
  readonly adopt: boolean;
  readonly imageIds: readonly ImageId[] | undefined;
  /** Of all of them, those too that are pinned. */
  readonly includePinned: boolean;
}

/** `queue-image`. */
export interface QueueWish {
  readonly kind: 'queue';
  readonly imageIds: readonly ImageId[];
}

/** `delete-queued-image`, and `delete-all-queued-images` where no image is named. */
export interface DequeueWish {
  readonly kind: 'dequeue';
  readonly imageIds: readonly ImageId[] | undefined;
}

/** `pin-image` and `unpin-image`. */
export interface PinWish {
  readonly kind: 'pin' | 'unpin';
  readonly imageIds: readonly ImageId[];
}

/** `verify`; the bytes of images are not read. */
export interface VerifyWish {
  readonly kind: 'verify';
  readonly repair: boolean;
}

/** The lists. */
export interface ListWish {
  readonly kind: 'list';
  readonly what: 'cached' | 'queued' | 'incomplete' | 'invalid' | 'pinned';
}

/** One item of a report, by the keys that scripts read. */
export interface Item {
  readonly image_id: string;
  readonly action: string;
  readonly result: string;
  readonly reason: string | null;
  readonly area: string | null;
  readonly size: number | null;
  /** When it was last used or, for leftovers, written to. */
  readonly time: string | null;
}

/** How a command ended. */
export interface Answer {
  readonly exitCode: number;
  /** The code of the error it ended with. */
  readonly error: string | undefined;
  /** Undefined where it ended before it had one. */
  readonly report: Report | undefined;
}

/** What a command says. */
export interface Report {
  readonly items: readonly unknown[];
  /** What else it tells, by the keys that scripts read. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Whoever carries out what is asked for. */
export interface Toolkit {
  /**
   * Carries out a request.
   *
   * @param strike called, where the toolkit can be interrupted, once it has a plan that would change something, before
   *   it changes anything
   */
  run(request: Request, dryRun: boolean, strike: () => void): Promise<Answer>;
}

/** A time as reports tell it. */
export function isoOf(epochSec: number): string | null {
  return epochSec === 0 ? null : new Date(Math.round(epochSec * 1000)).toISOString().replace('.000Z', 'Z');
}

/** Items in an order that does not depend on the one in which the disk lists files. */
export function sortItems<I>(items: readonly I[]): readonly I[] {
  return [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
