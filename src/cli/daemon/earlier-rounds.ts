/**
 * Rounds before their time: what a job waits for, looked for while the daemon waits.
 */
import { cacheLayout } from '../../cache/layout.ts';
import { OPTIONS } from '../../settings/options.ts';
import type { Settings } from '../../settings/resolve.ts';
import type { Clock } from '../../time/clock.ts';
import { findCacheDir } from '../cache-dir.ts';
import type { EarlierRound, Job } from '../job.ts';
import type { Call } from '../program.ts';
import { untilAboveMaximum } from './above-maximum.ts';
import { FolderChanges } from './folder-changes.ts';
import { untilQueued } from './newly-queued.ts';

/** A wait between two rounds. */
export interface Wait {
  readonly call: Call;
  readonly settings: Settings;
  /** When the last round began, epoch seconds. */
  readonly sinceSec: number;
}

/**
 * Resolves when the next round is needed, with the reason; never where the job waits for nothing. Rejects when the signal
 * is aborted, and only then.
 */
export type UntilNeeded = (wait: Wait, signal: AbortSignal) => Promise<string>;

/** Several changes that come together are one. */
const SETTLE_SEC = 0.5;

/** What one round could not bring about, the next will not either: they keep this distance, however much changes. */
const DISTANCE_SEC = 10;

/**
 * @param onNote hears, once, that changes cannot be watched
 */
export function createEarlierRounds(
  { earlier }: Job,
  clock: Clock,
  onNote: (note: string) => Promise<void>,
): UntilNeeded {
  let lastSec = Number.NEGATIVE_INFINITY;
  let hasNoted = false;
  const note = (text: string): void => {
    if (!hasNoted) void onNote(text);
    hasNoted = true;
  };
  return async (wait, signal) => {
    if (earlier === undefined) return ended(signal);
    let cause: string;
    try {
      cause = await look(earlier, wait, { clock, signal, note });
    } catch {
      // What cannot be looked at now is told by the next round, in its own words and with a hint.
      return ended(signal);
    }
    await clock.sleep(Math.max(0, lastSec + DISTANCE_SEC - clock.monotonicSec()), signal);
    lastSec = clock.monotonicSec();
    return cause;
  };
}

async function look(
  earlier: EarlierRound,
  { call, settings, sinceSec }: Wait,
  {
    clock,
    signal,
    note,
  }: { readonly clock: Clock; readonly signal: AbortSignal; readonly note: (text: string) => void },
): Promise<string> {
  const layout = cacheLayout(findCacheDir(settings, call.invocation).path, settings.get(OPTIONS.imageCacheSqliteDb));
  const folder = earlier.when === 'queued' ? layout.areas.queue : layout.root;
  const changes = new FolderChanges({ folder, clock, settleSec: SETTLE_SEC, onNote: note });
  try {
    return earlier.when === 'queued'
      ? await untilQueued({ layout, changes, sinceSec }, signal)
      : await untilAboveMaximum(
          { root: layout.root, changes, clock, maxSizeBytes: earlier.maxSizeBytes(call, settings), sinceSec },
          signal,
        );
  } finally {
    changes.close();
  }
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
