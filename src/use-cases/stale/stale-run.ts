/**
 * What looking for stale images works with, and what comes of it.
 */
import type { CacheAccess } from '../../cache/access.ts';
import type { DigestMemory } from '../../cache/digests/digest-memory.ts';
import type { ImageId } from '../../cache/image-id.ts';
import type { FileHashers } from '../../execute/verify/file-hashers.ts';
import type { Glance } from '../../glance/glance.ts';
import type { StaleSummary } from '../clean.ts';
import type { RunResult } from '../report.ts';
import type { VerifyWatch } from '../verify/verify-run.ts';

/** What to remove. */
export interface StaleRequest {
  readonly dryRun: boolean;
  /** Only these images; undefined for all. */
  readonly imageIds: ReadonlySet<ImageId> | undefined;
  /** The largest share of the cached images that is believed to be stale, percent. */
  readonly limitPercent: number;
}

/** One run. */
export interface StaleRun {
  readonly access: CacheAccess;
  readonly glance: Pick<Glance, 'image' | 'isAdmin' | 'lookUp'>;
  readonly hashers: Pick<FileHashers, 'hash' | 'width'>;
  /** Told of images whose bytes have to be read. */
  readonly watch: VerifyWatch;
  readonly memory: DigestMemory;
  readonly request: StaleRequest;
  /** Hears of what went wrong without any harm. */
  readonly onNote: (note: string) => void;
}

/** What was removed, or would be. */
export interface StaleResult extends RunResult {
  readonly summary: StaleSummary;
}

/** How many questions Glance is asked at a time. */
export const QUESTIONS_AT_A_TIME = 4;
