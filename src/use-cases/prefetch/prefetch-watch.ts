/**
 * Who looks on while images are fetched: progress bars, log lines. Plain calls, none of which may throw.
 */
import type { ImageId } from '../../cache/image-id.ts';
import type { PrefetchItem } from './prefetch-report.ts';

/** An image that is about to be fetched. */
export interface ExpectedFetch {
  readonly imageId: ImageId;
  readonly name: string | undefined;
  /** Undefined where Glance does not know. */
  readonly sizeBytes: number | undefined;
}

/** Is told how a run goes on. */
export interface PrefetchWatch {
  /** Once, before the first begins. */
  planned(fetches: readonly ExpectedFetch[]): void;
  started(fetch: ExpectedFetch): void;
  /** @param atBytes how much of the image is there now; less than before when it starts over */
  advanced(imageId: ImageId, atBytes: number): void;
  /** A failure that may pass: tried again after a pause. */
  retrying(imageId: ImageId, error: unknown, delaySec: number): void;
  /** Something worth knowing that changes no outcome. */
  noted(imageId: ImageId, message: string): void;
  /** Every wanted image ends once, whether it was started or not. */
  ended(item: PrefetchItem): void;
}
