/**
 * The index as glance-api works on it (`get_db` of glance/image_cache/drivers/common.py): a connection for every call,
 * a look every 50 ms while it is locked, and an end to that after 2 s. Blocks the process as it waits.
 */
import Database from 'better-sqlite3';
import type { CacheLayout } from '../../../src/cache/layout.ts';

const PATIENCE_MS = 2000;
const POLL_MS = 50;

/** What became of a call. */
export interface IndexCall {
  /**
   * `locked-out`: a `TimeoutError`, which reaches whoever called. `refused`: any other error, which glance-api writes to
   * its log and goes on.
   */
  readonly result: 'done' | 'locked-out' | 'refused';
  /** The longest wait for a lock, milliseconds. */
  readonly waitedMs: number;
  /** The code of the error that was refused: SQLite's, or ENOENT. */
  readonly code: string | undefined;
}

/** What a call does between the opening and the closing of its connection. */
export interface GlanceIndex {
  /** Runs a statement that changes something; the first one begins a transaction, as Python's sqlite3 does. */
  execute(sql: string, ...values: readonly unknown[]): void;
  all(sql: string): readonly Readonly<Record<string, unknown>>[];
  commit(): void;
}

/** Somebody kept the index locked for longer than glance-api waits. */
class LockedOut extends Error {}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Makes one call. What the work itself throws is thrown on. */
export function callIndex(layout: CacheLayout, work: (index: GlanceIndex) => void): IndexCall {
  const waited = { ms: 0 };
  const db = new Database(layout.index, { timeout: 0 });
  try {
    polling(waited, () => db.pragma('synchronous = NORMAL'));
    work(indexOn(db, waited));
    return { result: 'done', waitedMs: waited.ms, code: undefined };
  } catch (error) {
    if (error instanceof LockedOut) return { result: 'locked-out', waitedMs: waited.ms, code: undefined };
    if (error instanceof Database.SqliteError) return { result: 'refused', waitedMs: waited.ms, code: error.code };
    throw error;
  } finally {
    // Rolls back what is not committed.
    db.close();
  }
}

function indexOn(db: Database.Database, waited: { ms: number }): GlanceIndex {
  return {
    execute(sql, ...values) {
      if (!db.inTransaction) db.exec('BEGIN');
      polling(waited, () => db.prepare(sql).run(...values));
    },
    all: (sql) => polling(waited, () => db.prepare(sql).all()) as readonly Readonly<Record<string, unknown>>[],
    commit: () => polling(waited, () => db.exec('COMMIT')),
  };
}

function polling<T>(waited: { ms: number }, call: () => T): T {
  const startMs = performance.now();
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof Database.SqliteError) || !/^SQLITE_(BUSY|LOCKED)/.test(error.code)) throw error;
    }
    Atomics.wait(sleeper, 0, 0, POLL_MS);
    const nowMs = performance.now();
    waited.ms = Math.max(waited.ms, nowMs - startMs);
    if (nowMs - startMs >= PATIENCE_MS) throw new LockedOut();
  }
}
