/**
 * Mends what a verification has found: the index as a whole first, then image by image, then the queue.
 */
import type { CacheAccess } from '../../cache/access.ts';
import type { IndexRow } from '../../cache/index/index-db.ts';
import { applyFolderActions } from '../../execute/apply-folder-actions.ts';
import { applyIndexActions } from '../../execute/apply-index-actions.ts';
import type { ApplyResult, Outcome } from '../../execute/outcome.ts';
import type { Action, DropMarker, IndexAction } from '../../plan/action.ts';
import { rowlessFirst } from '../../plan/rowless-first.ts';
import type { Finding, Repair } from '../../plan/verify.ts';
import { countUnfreed, errorOf, type ReportItem } from '../report.ts';

/** What became of a finding. */
export interface MendedFinding {
  readonly progress: Pick<ReportItem, 'result'> & Partial<Pick<ReportItem, 'reason' | 'error'>>;
  readonly error: unknown;
}

/** What became of all of them. */
export interface Mended {
  /** Asked finding by finding: a list of answers would be one more thing per image to hold. */
  readonly whatBecameOf: (finding: Finding) => MendedFinding;
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
 * @param newRows what the index is to be replaced with where it is damaged as a whole; undefined where it is not
 * @throws BusyError BUSY_INDEX, CacheStateError when a damaged index cannot be replaced; nothing has changed then
 */
export async function mend(
  access: CacheAccess,
  findings: readonly Finding[],
  newRows: readonly IndexRow[] | undefined,
): Promise<Mended> {
  const isCorrupt = newRows !== undefined;
  const setAside = isCorrupt ? await access.index.replace(newRows) : undefined;
  const indexActions: IndexAction[] = [];
  const markers: DropMarker[] = [];
  for (const { repair } of findings) {
    const action = stillToDo(repair, isCorrupt);
    if (action?.kind === 'drop-marker') markers.push(action);
    else if (action !== undefined) indexActions.push(action);
  }
  const applied = await applyToIndex(access, rowlessFirst(indexActions));
  const dropped =
    applied.failure === undefined ? await applyFolderActions(access.directory, markers, access.signal) : NOTHING;
  // What is asked below must not hold all that was done.
  const { failure } = applied;
  const undone = undoneOf([...indexActions, ...markers], applied, dropped);
  const whatBecameOf = ({ repair }: Finding): MendedFinding => {
    const action = stillToDo(repair, isCorrupt);
    if (action !== undefined) return undone.has(action) ? mendedBy(undone.get(action)) : MENDED;
    // An index that is filled again row by row is whole only when nothing has ended that early.
    return repair.kind === 'rebuild-index' && !isCorrupt && failure !== undefined ? STOPPED : MENDED;
  };
  return { whatBecameOf, failure, setAside, unfreed: countUnfreed(applied.outcomes) };
}

/** What of a repair is left to be done: a new index has been made without what was wrong in the old one. */
function stillToDo(repair: Repair, isCorrupt: boolean): IndexAction | DropMarker | undefined {
  if (repair.kind === 'rebuild-index') return undefined;
  const isOfFile = repair.kind === 'retire-image' || repair.kind === 'remove-image' || repair.kind === 'drop-marker';
  return isCorrupt && !isOfFile ? undefined : repair;
}

/** The actions that were not simply done, with what became of those that were reached: of very many only few. */
function undoneOf(
  actions: readonly Action[],
  ...applied: readonly ApplyResult[]
): ReadonlyMap<Action, Outcome | undefined> {
  const undone = new Map<Action, Outcome | undefined>();
  const isWhole = applied.every(({ failure }) => failure === undefined);
  if (!isWhole) for (const action of actions) undone.set(action, undefined);
  for (const { outcomes } of applied) {
    for (const outcome of outcomes) {
      if (outcome.result === 'done') undone.delete(outcome.action);
      else undone.set(outcome.action, outcome);
    }
  }
  return undone;
}

const NOTHING: ApplyResult = { outcomes: [], failure: undefined };
const MENDED: MendedFinding = { progress: { result: 'done' }, error: undefined };
const STOPPED: MendedFinding = { progress: { result: 'skipped', reason: 'stopped' }, error: undefined };

async function applyToIndex(access: CacheAccess, actions: readonly IndexAction[]): Promise<ApplyResult> {
  if (actions.length === 0) return NOTHING;
  const index = await access.index.open(true);
  try {
    return await applyIndexActions({ ...access, index }, actions);
  } finally {
    index.close();
  }
}

function mendedBy(outcome: Outcome | undefined): MendedFinding {
  switch (outcome?.result) {
    case undefined:
      return STOPPED;
    case 'done':
      return MENDED;
    case 'skipped':
      return { progress: { result: 'skipped', reason: outcome.reason }, error: undefined };
    case 'failed': {
      const { error } = outcome;
      return { progress: { result: 'failed', error: errorOf(error) }, error };
    }
  }
}
