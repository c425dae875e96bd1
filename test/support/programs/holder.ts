/**
 * A process that holds something until its input ends, and says "held" once it does. Arguments: what, and a path.
 */
import { openSync, rmSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { acquireLock } from '../../../src/cache/locks/os-lock.ts';
import { BusyError } from '../../../src/errors/cache-error.ts';
import { systemClock } from '../../../src/time/system-clock.ts';

/** A database that nobody refers to any more would be closed by the garbage collector. */
const kept: unknown[] = [];

function open(path: string): Database.Database {
  const db = new Database(path);
  kept.push(db);
  return db;
}

const [what, path = '', ...more] = process.argv.slice(2);

const WAYS: Readonly<Record<string, () => void | Promise<void>>> = {
  /** The index's write lock, as glance-api holds it while it inserts. */
  'write-lock': () => void open(path).exec('BEGIN IMMEDIATE'),
  /** A transaction of glance-api: the hits of an image are counted, uncommitted. */
  'counted-hit': () => {
    open(path).exec('BEGIN IMMEDIATE; UPDATE cached_images SET hits = hits + 1');
  },
  /** A reader that has not finished. */
  'read-lock': () => {
    const db = open(path);
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM cached_images').get();
  },
  /** A writer that has begun to change the file itself: killed now, it leaves a hot journal. */
  'half-written': () => {
    const db = open(path);
    db.pragma('cache_size = 1');
    db.pragma('cache_spill = 1');
    db.exec('BEGIN IMMEDIATE; DELETE FROM cached_images');
    const insert = db.prepare('INSERT INTO cached_images (image_id) VALUES (?)');
    for (let i = 0; i < 2000; i++) insert.run(`half-written-${i}`.padEnd(100, '-'));
  },
  /** One of the toolkit's own locks. */
  lock: async () => {
    const patience = { clock: systemClock, timeoutSec: Number(more[0] ?? 0), signal: new AbortController().signal };
    kept.push(await acquireLock(path, patience, () => new BusyError('BUSY_RUN', 'taken')));
  },
  /** As glance-api's "delete all" does to lock files, for ever. Says "held" before it begins. */
  'remove-again-and-again': () => {
    writeSync(1, 'held\n');
    for (;;) rmSync(path, { force: true });
  },
  'open-to-read': () => void openSync(path, 'r'),
  'open-to-write': () => void openSync(path, 'r+'),
  'open-to-append': () => void openSync(path, 'a'),
};

async function main(): Promise<void> {
  try {
    await WAYS[what ?? '']?.();
    writeSync(1, 'held\n');
  } catch (error) {
    writeSync(1, `${error instanceof Error ? error.message : 'failed'}\n`);
  }
  // What is held lives as long as the process, which lives as long as its input.
  process.stdin.resume();
}

void main();
