/**
 * Has a built program tell how long it held the write lock of the index: a script that is loaded before the program, and
 * writes the times down as the process ends. What counts is explained in lock-times.ts.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LockTimes } from './lock-times.ts';

const RECORDER = `
const { readFileSync, writeFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');
const steadyMs = () => {
  const nowMs = performance.now();
  try {
    return nowMs - Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return nowMs;
  }
};
if (isMainThread) {
  const { prototype } = require(process.env.RECORDED_ADDON).Database;
  const { exec } = prototype;
  const times = { heldMs: [], commitMs: [] };
  let sinceMs, commitMs;
  prototype.exec = function (sql) {
    if (!this.name.endsWith('cache.db')) return exec.call(this, sql);
    if (sql === 'COMMIT' || sql === 'ROLLBACK') commitMs ??= steadyMs();
    const result = exec.call(this, sql);
    if (sql === 'BEGIN IMMEDIATE') sinceMs = steadyMs();
    if (sql === 'COMMIT' || sql === 'ROLLBACK') {
      times.heldMs.push(commitMs - sinceMs);
      times.commitMs.push(steadyMs() - commitMs);
      sinceMs = commitMs = undefined;
    }
    return result;
  };
  process.on('exit', () => {
    if (times.heldMs.length > 0) writeFileSync(process.env.RECORDED_TIMES + '/' + process.pid + '-' + Date.now(), JSON.stringify(times));
  });
}
`;

/** Where runs of programs leave their times. */
export class LockRecorder {
  /** What makes a program do so. */
  readonly env: Readonly<Record<string, string>>;
  readonly #folder: string;

  /**
   * @param folder a place of its own, which users of all programs can reach
   * @param modules the `node_modules` of the programs
   */
  constructor(folder: string, modules: string) {
    this.#folder = join(folder, 'times');
    mkdirSync(this.#folder, { recursive: true });
    // The programs give up the rights of root.
    for (const path of [folder, this.#folder]) chmodSync(path, 0o777);
    const script = join(folder, 'record-locks.cjs');
    writeFileSync(script, RECORDER, { mode: 0o644 });
    this.env = {
      NODE_OPTIONS: `--require=${script}`,
      // The one part of better-sqlite3 that is not in the bundle.
      RECORDED_ADDON: join(modules, 'better-sqlite3/build/Release/better_sqlite3.node'),
      RECORDED_TIMES: this.#folder,
    };
  }

  /** What all of them have told so far. */
  get times(): LockTimes {
    const all = new LockTimes();
    for (const name of readdirSync(this.#folder)) {
      const text = readFileSync(join(this.#folder, name), 'utf8');
      const { heldMs, commitMs } = JSON.parse(text) as Pick<LockTimes, 'heldMs' | 'commitMs'>;
      all.add(heldMs, commitMs);
    }
    return all;
  }
}
