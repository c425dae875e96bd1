/**
 * What is known about a part, so that another run can go on with it: which content it is to become, and how often it
 * turned out to be something else. A journal is written before its part, and removed after it: a part without one has
 * no owner.
 */
import type { ImageId } from '../image-id.ts';

/** The content that a part is to become, as Glance described it when the part was begun. */
export interface ExpectedContent {
  /** Undefined where Glance does not know. */
  readonly sizeBytes: number | undefined;
  /** What the bytes must hash to: the algorithm as Node's crypto names it, lower-case hexadecimal. */
  readonly digest: { readonly algorithm: string; readonly hex: string } | undefined;
}

/** One journal. */
export interface PartJournal {
  readonly imageId: ImageId;
  readonly content: ExpectedContent;
  /** How often in a row the bytes were not those of the image. */
  readonly mismatches: number;
  /** When that was last, epoch seconds; 0 where it never was. */
  readonly lastMismatchSec: number;
}

/** The layout of the file; another one is of another release, and means nothing here. */
const VERSION = 1;

/** The text of a journal. */
export function journalText(journal: PartJournal): string {
  const { imageId, content, mismatches, lastMismatchSec } = journal;
  return `${JSON.stringify({
    version: VERSION,
    image_id: imageId,
    size: content.sizeBytes ?? null,
    digest: content.digest ?? null,
    mismatches,
    last_mismatch: lastMismatchSec,
  })}\n`;
}

/**
 * The journal in a text.
 *
 * @returns undefined where the text is none: torn by a power cut, of another release, or of another image. What hangs on
 *   it is begun anew
 */
export function parseJournal(text: string, imageId: ImageId): PartJournal | undefined {
  const fields = fieldsOf(text);
  if (fields?.['version'] !== VERSION || fields['image_id'] !== imageId) return undefined;
  const { size, digest, mismatches, last_mismatch: lastMismatchSec } = fields;
  if (size !== null && !isCount(size)) return undefined;
  if (!isCount(mismatches) || !isTime(lastMismatchSec)) return undefined;
  if (digest !== null && !isDigest(digest)) return undefined;
  return {
    imageId,
    content: { sizeBytes: size ?? undefined, digest: digest ?? undefined },
    mismatches,
    lastMismatchSec,
  };
}

/** Whether two descriptions are of the same bytes. Without a digest that cannot be known. */
export function isSameContent(a: ExpectedContent, b: ExpectedContent): boolean {
  if (a.digest === undefined || b.digest === undefined) return false;
  return a.sizeBytes === b.sizeBytes && a.digest.algorithm === b.digest.algorithm && a.digest.hex === b.digest.hex;
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** JSON has numbers that are too large for one. */
function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}

function isDigest(value: unknown): value is { readonly algorithm: string; readonly hex: string } {
  return isRecord(value) && typeof value['algorithm'] === 'string' && typeof value['hex'] === 'string';
}
