/**
 * Looks whether a cache is sound, and mends it when asked to.
 */
import type { IndexRow } from '../../cache/index/index-db.ts';
import type { CacheSnapshot } from '../../cache/snapshot.ts';
import { isJudgeable } from '../../plan/grace.ts';
import { type Finding, planVerify, rebuiltRows } from '../../plan/verify.ts';
import { describe } from '../report.ts';
import { type CheckedContents, checkContents, NOTHING_READ } from './check-contents.ts';
import { damageErrors, leftErrors } from './damage-errors.ts';
import { type Look, lookAtCache } from './look-at-cache.ts';
import { type Mended, type MendedFinding, mend } from './mend.ts';
import type { VerifyItem, VerifyReport } from './verify-report.ts';
import type { VerifyRequest, VerifyRun } from './verify-run.ts';

/**
 * Verifies a cache. A missing cache directory is an empty cache.
 *
 * @returns what was found, and what became of it; errors that were found and not mended are among its errors, as one
 *   IntegrityError INTEGRITY_CACHE
 * @throws CacheStateError, BusyError; AuthError, ConfigError, RemoteError where the bytes of images are read
 */
export async function verify(run: VerifyRun): Promise<VerifyReport> {
  const { checked, report } = await lookFirst(run);
  if (report !== undefined) return report;
  return run.access.withLocks('sqlite_centralized_migrate', () => lookAndMend(run, checked));
}

/**
 * The look without locks. What it saw is let go when it ends, before the second look sees as much: both at once are the
 * most memory that a verification of a large cache would take.
 *
 * @returns what the bytes told, and the report, unless there is something to mend
 */
async function lookFirst(
  run: VerifyRun,
): Promise<{ readonly checked: CheckedContents; readonly report: VerifyReport | undefined }> {
  const { access, request, reading } = run;
  const look = await lookAtCache(access);
  const checked = reading === undefined ? NOTHING_READ : await checkContents(run, reading, look.snapshot);
  const { findings, seen } = planned(run, look, checked);
  const isMending = request.repair && !request.dryRun && findings.length > 0 && !access.signal.aborted;
  if (isMending) return { checked, report: undefined };
  const result = request.repair || request.dryRun ? 'planned' : 'found';
  const items = findings.map((finding) => itemOf(finding, { result }));
  return { checked, report: reportOf(run, { seen, checked, items, errors: await damageErrors(run, findings) }) };
}

async function lookAndMend(run: VerifyRun, checked: CheckedContents): Promise<VerifyReport> {
  const { access } = run;
  access.directory.ensureFolders();
  // Reading may have taken hours: what is mended is what there is now.
  const { findings, seen, newRows } = planned(run, await lookAtCache(access), checked);
  const mended = await mend(access, findings, newRows);
  const items: VerifyItem[] = [];
  const errors: unknown[] = [];
  for (const finding of findings) {
    const { progress, error } = mended.whatBecameOf(finding);
    items.push(itemOf(finding, progress));
    if (error !== undefined) errors.push(error);
  }
  return reportOf(run, { seen, checked, items, errors: [...errors, ...leftErrors(run, items)], mended });
}

/** What a report says about everything, whatever was wrong. */
type Seen = Pick<VerifyReport, 'checkedImages' | 'foreign' | 'foreignRows' | 'absent'>;

/** What is made of a look. The look itself is not among it: of a large cache that would hold what is sound, too. */
interface Planned {
  readonly findings: readonly Finding[];
  readonly seen: Seen;
  /** The rows of an index to replace a damaged one; undefined where none is. */
  readonly newRows: readonly IndexRow[] | undefined;
}

function planned({ request }: VerifyRun, look: Look, { contents }: CheckedContents): Planned {
  const { imageIds } = request;
  return {
    findings: planVerify({ ...look, contents, imageIds }),
    seen: seenIn(look.snapshot, imageIds),
    newRows: look.health.damage === undefined ? undefined : rebuiltRows(look),
  };
}

function seenIn({ images, takenSec, foreign, foreignRows }: CacheSnapshot, named: VerifyRequest['imageIds']): Seen {
  const absent = new Set(named);
  let checkedImages = 0;
  for (const image of images) {
    absent.delete(image.imageId);
    if (named?.has(image.imageId) !== false && isJudgeable(image, takenSec)) checkedImages++;
  }
  return { checkedImages, foreign, foreignRows, absent: [...absent] };
}

function itemOf({ kind, severity, repair, expected, found }: Finding, progress: MendedFinding['progress']): VerifyItem {
  const item = repair.kind === 'rebuild-index' ? INDEX_ITEM : describe(repair, progress.result);
  const { imageId, action, area, sizeBytes, lastUsedSec } = item;
  const { result, reason = kind, error } = progress;
  return { imageId, action, result, reason, area, sizeBytes, lastUsedSec, error, severity, expected, found };
}

const INDEX_ITEM = {
  imageId: '',
  action: 'rebuild-index',
  area: undefined,
  sizeBytes: undefined,
  lastUsedSec: undefined,
  error: undefined,
} as const;

function reportOf(
  { access, request, reading }: VerifyRun,
  found: {
    readonly seen: Seen;
    readonly checked: CheckedContents;
    readonly items: readonly VerifyItem[];
    readonly errors: readonly unknown[];
    readonly mended?: Mended;
  },
): VerifyReport {
  const { seen, checked, items, errors, mended } = found;
  return {
    ...seen,
    items,
    errors: [...checked.errors, ...errors],
    failure: mended?.failure,
    unfreed: mended?.unfreed ?? 0,
    repair: request.repair,
    dryRun: request.dryRun,
    cacheDir: access.layout.root,
    readData: reading !== undefined,
    readImages: checked.readImages,
    readBytes: checked.readBytes,
    unverified: checked.unverified,
    setAside: mended?.setAside,
  };
}
