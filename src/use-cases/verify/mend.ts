/**
 * Mends what a verification has found: the index as a whole first, then image by image, then the queue.
 */
import type { CacheAccess } from '../../cache/access.ts';
import { applyFolderActions } from '../../execute/apply-folder-actions.ts';
import { applyIndexActions } from '../../execute/apply-index-actions.ts';
import type { ApplyResult, Outcome } from '../../execute/outcome.ts';
import type { DropMarker, IndexAction } from '../../plan/action.ts';
import { rowlessFirst } from '../../plan/rowless-first.ts';
import { type Finding, rebuiltRows } from '../../plan/verify.ts';
import { countUnfreed, errorOf, type ReportItem } from '../report.ts';
import type { Look } from './look-at-cache.ts';

/** What became of a finding. */
export interface MendedFinding {
  readonly finding: Finding;
  readonly progress: Pick<ReportItem, 'result'> & Partial<Pick<ReportItem, 'reason' | 'error'>>;
  readonly error: unknown;
}

/** What became of all of them. */
export interface Mended {
  readonly findings: readonly MendedFinding[];
  /** What ended the repair before its end. */
  readonly failure: unknown;
  /** Where the damaged index lies now. */
  readonly setAside: string | undefined;
  /** How many removed images a stop has left to the cleaner. */
  readonly unfreed: number;
}

/**
 * Mends. The run's lock and Glance's must be held.
 *
 * @throws BusyError BUSY_INDEX, CacheStateError when a damaged index cannot be replaced; nothing has changed then
 */
export async function mend(access: CacheAccess, look: Look, findings: readonly Finding[]): Promise<Mended> {
  const isCorrupt = look.health.damage !== undefined;
  const setAside = isCorrupt ? await access.replaceIndex(rebuiltRows(look)) : undefined;
  const indexActions = findings.flatMap(({ repair }): readonly IndexAction[] => {
    if (repair.kind === 'rebuild-index' || repair.kind === 'drop-marker') return [];
    // The new index has been made without what was wrong in the old one.
    return isCorrupt && repair.kind !== 'retire-image' && repair.kind !== 'remove-image' ? [] : [repair];
  });
  const applied = await applyToIndex(access, rowlessFirst(indexActions));
  const markers = findings.flatMap(({ repair }): readonly DropMarker[] => {
    return repair.kind === 'drop-marker' ? [repair] : [];
  });
  const dropped =
    applied.failure === undefined ? await applyFolderActions(access.directory, markers, access.signal) : NOTHING;
  const outcomes = new Map([...applied.outcomes, ...dropped.outcomes].map((outcome) => [outcome.action, outcome]));
  const planned = new Set<unknown>([...indexActions, ...markers]);
  const mended = findings.map((finding): MendedFinding => {
    const { repair } = finding;
    if (repair.kind === 'rebuild-index' && !isCorrupt && applied.failure !== undefined) {
      return mendedBy(finding, undefined);
    }
    if (repair.kind === 'rebuild-index' || !planned.has(repair)) return { finding, progress: DONE, error: undefined };
    return mendedBy(finding, outcomes.get(repair));
  });
  return { findings: mended, failure: applied.failure, setAside, unfreed: countUnfreed(applied.outcomes) };
}

const NOTHING: ApplyResult = { outcomes: [], failure: undefined };
const DONE = { result: 'done' } as const;

async function applyToIndex(access: CacheAccess, actions: readonly IndexAction[]): Promise<ApplyResult> {
  if (actions.length === 0) return NOTHING;
  const index = await access.openIndex(true);
  try {
    return await applyIndexActions({ ...access, index }, actions);
  } finally {
    index.close();
  }
}

function mendedBy(finding: Finding, outcome: Outcome | undefined): MendedFinding {
  if (outcome === undefined) return { finding, progress: { result: 'skipped', reason: 'stopped' }, error: undefined };
  switch (outcome.result) {
    case 'done':
      return { finding, progress: DONE, error: undefined };
    case 'skipped':
      return { finding, progress: { result: 'skipped', reason: outcome.reason }, error: undefined };
    case 'failed': {
      const { error } = outcome;
      return { finding, progress: { result: 'failed', error: errorOf(error) }, error };
    }
  }
}
