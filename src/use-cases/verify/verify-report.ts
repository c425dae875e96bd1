/**
 * What a verification has found, and what became of it.
 */
import type { ForeignEntry } from '../../cache/directory.ts';
import type { ImageId } from '../../cache/image-id.ts';
import type { Finding } from '../../plan/verify.ts';
import type { ReportItem, RunResult } from '../report.ts';

/** One finding: the reason is what is wrong, the action what mends it. */
export interface VerifyItem extends ReportItem {
  /** Empty for the index as a whole. */
  readonly imageId: string;
  readonly severity: Finding['severity'];
  readonly expected: string | undefined;
  readonly found: string | undefined;
}

/** Why nobody can say whether the bytes of an image are right. */
export type UnverifiedReason = 'not-visible' | 'none-known' | 'no-hash' | 'changed' | 'failed' | 'stopped';

/** An image that was to be read and about which nothing was learned. */
export interface UnverifiedImage {
  readonly imageId: ImageId;
  readonly reason: UnverifiedReason;
  readonly error: ReportItem['error'];
}

/** What a verification found. */
export interface VerifyReport extends RunResult {
  readonly items: readonly VerifyItem[];
  readonly repair: boolean;
  readonly dryRun: boolean;
  readonly cacheDir: string;
  /** Images that were looked at; those that have just come and have no row yet are not. */
  readonly checkedImages: number;
  /** Whether the bytes of images were asked for. */
  readonly readData: boolean;
  /** Images that were compared with what Glance says of them, and how many bytes were read for it. */
  readonly readImages: number;
  readonly readBytes: number;
  readonly unverified: readonly UnverifiedImage[];
  /** Where the damaged index lies now; undefined where none was replaced. */
  readonly setAside: string | undefined;
  readonly foreign: readonly ForeignEntry[];
  readonly foreignRows: readonly string[];
  /** Images that were named, and of which there is neither file nor row. */
  readonly absent: readonly ImageId[];
}
