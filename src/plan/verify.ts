/**
 * What is wrong with a cache, and what mends it: index against directory, and the bytes of images against what Glance
 * says. Pure: a snapshot and what was found out about the contents in, findings out.
 *
 * A hint is what interrupted work leaves behind, which the next run of the pruner mends as well. An error is damage:
 * wrong bytes may be served, or an image is lost to its users.
 */
import type { CacheFile } from '../cache/directory.ts';
import { type FileFacts, isSameFile } from '../cache/file-facts.ts';
import type { ImageId } from '../cache/image-id.ts';
import type { IndexHealth, IndexRow } from '../cache/index/index-db.ts';
import type { CachedImage, CacheSnapshot } from '../cache/snapshot.ts';
import type { DamageReason, DropMarker, IndexAction } from './action.ts';
import { isFlipped, isSettled } from './grace.ts';
import { lastUsedSec } from './last-used.ts';
import { reconcile } from './reconcile.ts';

/** What can be wrong. */
export type FindingKind =
  | 'index-corrupt'
  | 'index-lost'
  | 'odd-row'
  | 'no-row'
  | 'no-file'
  | 'wrong-size'
  | 'deleted'
  | 'queued'
  | DamageReason;

/** What mends the index as a whole. A corrupt one is set aside and built anew, one that is lost is filled again. */
export interface RebuildIndex {
  readonly kind: 'rebuild-index';
}

/** What mends one finding. */
export type Repair = IndexAction | DropMarker | RebuildIndex;

/** One thing that is wrong. */
export interface Finding {
  readonly kind: FindingKind;
  readonly severity: 'error' | 'hint';
  readonly repair: Repair;
  /** What should be, and what is: a size or a hash, or what SQLite says. */
  readonly expected: string | undefined;
  readonly found: string | undefined;
}

/** What was found out about the content of an image, by reading it. */
export type ContentVerdict =
  | { readonly kind: 'sound' }
  | {
      readonly kind: 'damaged';
      readonly reason: DamageReason;
      readonly expected: string | undefined;
      readonly found: string | undefined;
    }
  | { readonly kind: 'deleted' };

/** A verdict holds for the file that was read, and for no other that may have come in its place. */
export interface ContentCheck {
  readonly file: FileFacts;
  readonly verdict: ContentVerdict;
}

/** All that was seen of a cache. */
export interface Evidence {
  readonly snapshot: CacheSnapshot;
  readonly health: IndexHealth;
  readonly queue: readonly CacheFile[];
  readonly contents: ReadonlyMap<ImageId, ContentCheck>;
  /** Only these images; undefined for all. */
  readonly imageIds: ReadonlySet<ImageId> | undefined;
  /** What a killed prefetch may have published and not entered. */
  readonly unentered?: ReadonlySet<ImageId>;
}

/** What is wrong with a cache: first the index as a whole, then image by image. */
export function planVerify(evidence: Evidence): readonly Finding[] {
  const { snapshot, queue, imageIds } = evidence;
  const isWanted = (imageId: ImageId): boolean => imageIds?.has(imageId) !== false;
  const findings = [...findInIndex(evidence)];
  const queued = new Set(queue.map(({ imageId }) => imageId));
  const staying = new Set<ImageId>();
  for (const image of snapshot.images) {
    const found = isWanted(image.imageId) ? findInImage(image, evidence) : undefined;
    if (found !== undefined) findings.push(found);
    if (!queued.has(image.imageId)) continue;
    const goes = found?.repair.kind === 'retire-image' || found?.repair.kind === 'remove-image';
    // One that has just come in is about to lose its marker by itself; one that goes may well be wanted again.
    if (image.file !== undefined && isSettled(image, snapshot.takenSec) && !goes) staying.add(image.imageId);
  }
  for (const { imageId, name } of queue) {
    if (isWanted(imageId) && staying.has(imageId)) {
      findings.push(hint('queued', { kind: 'drop-marker', imageId, name }));
    }
  }
  return findings;
}

/**
 * The rows of the index as it should be, for one that is built anew. A file that has just come is left out: whoever
 * brought it is about to insert its row.
 */
export function rebuiltRows({ snapshot, health }: Pick<Evidence, 'snapshot' | 'health'>): readonly IndexRow[] {
  return snapshot.images.flatMap((image): readonly IndexRow[] => {
    const { file, row } = image;
    if (row !== undefined && file !== undefined) return [soundRow(file, row)];
    const mend = reconcile(image, snapshot);
    if (mend?.kind === 'adopt-file') return [mend.row];
    return row === undefined || mend !== undefined || health.oddRows.has(row.imageId) ? [] : [row];
  });
}

function findInIndex({ snapshot, health, unentered }: Evidence): readonly Finding[] {
  const repair = { kind: 'rebuild-index' } as const;
  if (health.damage !== undefined) return [{ ...error('index-corrupt', repair), found: health.damage }];
  return isFlipped(snapshot, unentered) ? [error('index-lost', repair)] : [];
}

function findInImage(image: CachedImage, { snapshot, health, contents }: Evidence): Finding | undefined {
  const { imageId, file, row } = image;
  const check = contents.get(imageId);
  const verdict = file !== undefined && check !== undefined && isSameFile(check.file, file) ? check.verdict : undefined;
  if (file !== undefined && verdict?.kind === 'damaged') {
    const { reason, expected, found } = verdict;
    return { ...error(reason, { kind: 'retire-image', imageId, reason, file }), expected, found };
  }
  if (file !== undefined && verdict?.kind === 'deleted') {
    const removal = { kind: 'remove-image', imageId, reason: 'deleted', file, row } as const;
    return hint('deleted', { ...removal, lastUsedSec: lastUsedSec(file, row) });
  }
  if (file !== undefined && row !== undefined && health.oddRows.has(imageId)) {
    return error('odd-row', { kind: 'renew-row', imageId, file, row: soundRow(file, row) });
  }
  const mend = reconcile(image, snapshot);
  switch (mend?.kind) {
    case undefined:
      return undefined;
    case 'adopt-file':
      return hint('no-row', mend);
    case 'drop-row':
      return hint('no-file', mend);
    case 'correct-size': {
      // Without a look at the bytes nobody knows which of the two sizes is right: the file may have been cut.
      const finding = verdict?.kind === 'sound' ? hint('wrong-size', mend) : error('wrong-size', mend);
      return { ...finding, expected: String(mend.recordedBytes), found: String(mend.file.sizeBytes) };
    }
  }
}

/** The end of the year 9999: what comes after is no time of an image. */
const LAST_SEC = 253_402_300_800;

function soundRow(file: FileFacts, row: IndexRow): IndexRow {
  const sec = (value: number): number => (value < LAST_SEC ? value : 0);
  const modifiedSec = sec(row.lastModifiedSec);
  return {
    ...row,
    sizeBytes: file.sizeBytes,
    lastAccessedSec: sec(row.lastAccessedSec),
    lastModifiedSec: modifiedSec === 0 ? file.modifiedSec : modifiedSec,
  };
}

function error(kind: FindingKind, repair: Repair): Finding {
  return { kind, severity: 'error', repair, expected: undefined, found: undefined };
}

function hint(kind: FindingKind, repair: Repair): Finding {
  return { kind, severity: 'hint', repair, expected: undefined, found: undefined };
}
