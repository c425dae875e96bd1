/**
 * What a verification works with.
 */
import type { CacheAccess } from '../../cache/access.ts';
import type { ImageId } from '../../cache/image-id.ts';
import type { FileHashers } from '../../execute/verify/file-hashers.ts';
import type { Glance } from '../../glance/glance.ts';
import type { DataSubset } from '../../plan/data-subset.ts';

/** What to verify. */
export interface VerifyRequest {
  /** Mend what is found. */
  readonly repair: boolean;
  /** Only show what would be mended. */
  readonly dryRun: boolean;
  /** Only these images; undefined for all. */
  readonly imageIds: ReadonlySet<ImageId> | undefined;
}

/** Told how far the reading of images has come. */
export interface VerifyWatch {
  /** These are going to be read. */
  planned(images: number, bytes: number): void;
  advanced(bytes: number): void;
  /** These are not going to be read after all. */
  spared(bytes: number): void;
}

/** What reading the bytes of images takes. */
export interface ContentReading {
  readonly glance: Glance;
  readonly hashers: FileHashers;
  /** Which images are read; undefined for all. */
  readonly subset: DataSubset | undefined;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly watch: VerifyWatch;
}

/** One verification. */
export interface VerifyRun {
  readonly access: CacheAccess;
  readonly request: VerifyRequest;
  /** Undefined where no bytes are read. */
  readonly reading: ContentReading | undefined;
}
