/**
 * How long the write lock of an index is held: from the moment it is had to the beginning of the commit, and the commit.
 *
 * The time that this thread was ready to run and another one had its processor is left out: a loaded machine stops
 * whoever holds a lock for as long as it likes, and no program can promise otherwise. The kernel counts it
 * (`/proc/thread-self/schedstat`); where it does not, the time is that of the clock. Waits for a disk are in it.
 */
import { readFileSync } from 'node:fs';
import type { CacheAccess } from '../../src/cache/access.ts';
import type { IndexDb } from '../../src/cache/index/index-db.ts';

/** What was measured, milliseconds, a number per transaction. */
export class LockTimes {
  /** From the lock to the beginning of the commit. */
  readonly heldMs: number[] = [];
  /** The commit: waiting for readers, writing, syncing. */
  readonly commitMs: number[] = [];

  /** The access, with every transaction on its index measured. */
  measured(access: CacheAccess): CacheAccess {
    return {
      ...access,
      index: { ...access.index, open: async (create) => this.#measuredIndex(await access.index.open(create)) },
    };
  }

  /** Enters the times that another process has told. */
  add(heldMs: readonly number[], commitMs: readonly number[]): void {
    for (const ms of heldMs) this.heldMs.push(ms);
    for (const ms of commitMs) this.commitMs.push(ms);
  }

  /** In words, for whoever runs the test. */
  get text(): string {
    const told = (ms: readonly number[]): string => {
      return `median ${quantile(ms, 0.5).toFixed(2)}, 99 % ${quantile(ms, 0.99).toFixed(2)}, most ${quantile(ms, 1).toFixed(2)} ms`;
    };
    return `${this.heldMs.length} transactions: held ${told(this.heldMs)}; commit ${told(this.commitMs)}`;
  }

  #measuredIndex(inner: IndexDb): IndexDb {
    return {
      rows: () => inner.rows(),
      check: () => inner.check(),
      close: () => inner.close(),
      transaction: async (work) => {
        let heldUntil: number | undefined;
        const result = await inner.transaction(async (changes) => {
          const since = steadyMs();
          const worked = await work(changes);
          heldUntil = steadyMs();
          this.heldMs.push(heldUntil - since);
          return worked;
        });
        if (heldUntil !== undefined) this.commitMs.push(steadyMs() - heldUntil);
        return result;
      },
    };
  }
}

/** The value that this share of all values does not exceed; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** A clock that stands while another thread has the processor. */
function steadyMs(): number {
  const nowMs = performance.now();
  try {
    const [, waitedNs] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
    return nowMs - Number(waitedNs) / 1e6;
  } catch {
    return nowMs;
  }
}
