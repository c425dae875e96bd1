/**
 * The records of runs on a real disk, a file for each program. The process has taken the rights of the cache's owner
 * before it comes here; a link in place of the folder or of a record is not followed all the same.
 *
 * A record is replaced in one step by a fresh file, and the fresh file is the lock as well: only one run at a time can
 * create it. A lock of the operating system would take a run that has found nothing to do longer than all its work, for
 * SQLite, which locks, is not loaded by then. What a killed run has left of its fresh file is replaced after a second,
 * while others take less than a thousandth of one. Nothing is synced: what a power cut makes of a record is at worst as
 * good as none.
 */

import { closeSync, constants, lstatSync, openSync, renameSync, type Stats, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CacheStateError } from '../../errors/cache-error.ts';
import { hasErrno, unlessAbsent } from '../../errors/errno.ts';
import { onPath } from '../../errors/from-errno.ts';
import { moveAwayCommand } from '../../errors/next-step.ts';
import type { Clock } from '../../time/clock.ts';
import { HeldFolders } from '../held-folders.ts';
import type { CacheLayout } from '../layout.ts';
import { makeFolders } from '../make-folders.ts';
import { notAFolder } from '../not-a-folder.ts';
import { FILE_MODE, FOLDER_MODE } from '../own-modes.ts';
import { readCappedFile } from '../read-capped-file.ts';
import { type EndedRun, parseRunRecord, type RunRecord, runRecordText, withRun } from './run-record.ts';
import type { Runs } from './runs.ts';

const RECORD = '.json';
const FRESH = '.json.new';

/** More than any record has: a file that is longer is something else. */
const RECORD_MAX_BYTES = 16 * 1024;

/** A fresh file of that age is nobody's any more. */
const STALE_SEC = 1;
/** Beyond that somebody else is always faster: the run is not worth more time. */
const PATIENCE_SEC = 2;
const STEP_SEC = 0.01;

/** {@link Runs} on the file system. */
export class DiskRuns implements Runs {
  readonly #layout: CacheLayout;
  readonly #clock: Clock;
  readonly #folders: HeldFolders;

  /** @param folders who closes them decides for how long they are held; for as long as the process lives unless given */
  constructor(layout: CacheLayout, clock: Clock, folders = new HeldFolders(layout.root)) {
    this.#layout = layout;
    this.#clock = clock;
    this.#folders = folders;
  }

  read(program: string): RunRecord | undefined {
    this.#refuseOtherFolder();
    const path = this.#named(program, RECORD);
    const text = onPath('read', path, () => unlessAbsent(() => readCappedFile(this.#reach(path), RECORD_MAX_BYTES)));
    return text === undefined ? undefined : parseRunRecord(text, program);
  }

  async enter(run: EndedRun): Promise<boolean> {
    const fresh = this.#named(run.program, FRESH);
    const handle = await this.#createAlone(fresh);
    if (handle === undefined) return false;
    try {
      try {
        // Read only now: nobody else replaces it any more.
        const text = runRecordText(withRun(this.read(run.program), run));
        onPath('write', fresh, () => writeFileSync(handle, text));
      } finally {
        closeSync(handle);
      }
      const path = this.#named(run.program, RECORD);
      onPath('write', path, () => {
        refuseOther(lookAt(this.#reach(path)), path);
        renameSync(this.#reach(fresh), this.#reach(path));
      });
    } catch (error) {
      unlessAbsent(() => unlinkSync(this.#reach(fresh)));
      throw error;
    }
    return true;
  }

  /** Creates a fresh file that nobody else has; undefined where others always come first. */
  async #createAlone(fresh: string): Promise<number | undefined> {
    const start = this.#clock.monotonicSec();
    let seen = { inode: 0, sinceSec: start };
    for (;;) {
      const handle = onPath('write', fresh, () => this.#create(fresh));
      if (handle !== undefined) return handle;
      const there = onPath('look at', fresh, () => lookAt(this.#reach(fresh)));
      refuseOther(there, fresh);
      const nowSec = this.#clock.monotonicSec();
      if (there !== undefined) {
        if (there.ino !== seen.inode) seen = { inode: there.ino, sinceSec: nowSec };
        // The clock may have been set back: then it is watched for as long.
        if (this.#clock.nowSec() - there.ctimeMs / 1000 > STALE_SEC || nowSec - seen.sinceSec > STALE_SEC) {
          onPath('remove', fresh, () => unlessAbsent(() => unlinkSync(this.#reach(fresh))));
          continue;
        }
      }
      if (nowSec - start > PATIENCE_SEC) return undefined;
      // A run that was stopped is entered as well: its signal, aborted by now, is not this wait's.
      await this.#clock.sleep(STEP_SEC, new AbortController().signal);
    }
  }

  /** Creates a fresh file, and the folders where they are missing; undefined where there is one. */
  #create(fresh: string): number | undefined {
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    const open = (): number => openSync(this.#reach(fresh), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, FILE_MODE);
    this.#refuseOtherFolder();
    try {
      try {
        return open();
      } catch (error) {
        if (!hasErrno(error, 'ENOENT')) throw error;
      }
      this.#makeFolder();
      return open();
    } catch (error) {
      if (hasErrno(error, 'EEXIST')) return undefined;
      throw error;
    }
  }

  #makeFolder(): void {
    const { tools, runs } = this.#layout;
    makeFolders(tools, FOLDER_MODE);
    makeFolders(join(this.#folders.wayTo(tools), basename(runs)), FOLDER_MODE);
    this.#refuseOtherFolder();
  }

  #refuseOtherFolder(): void {
    for (const path of [this.#layout.tools, this.#layout.runs]) {
      if (onPath('look at', path, () => lookAt(path))?.isDirectory() === false) throw notAFolder(path);
    }
  }

  /** The path for people. */
  #named(program: string, suffix: string): string {
    return join(this.#layout.runs, `${program}${suffix}`);
  }

  /** The path for system calls. */
  #reach(path: string): string {
    return join(this.#folders.wayTo(this.#layout.runs), basename(path));
  }
}

function lookAt(path: string): Stats | undefined {
  return unlessAbsent(() => lstatSync(path));
}

/** @throws CacheStateError CACHE_DIR for what is no regular file: a link, or a folder */
function refuseOther(there: Stats | undefined, path: string): void {
  if (there?.isFile() !== false) return;
  throw new CacheStateError('CACHE_DIR', `Cannot write ${JSON.stringify(path)}: it is not a regular file`, {
    hint: `Move it out of the way, then run the command again: ${moveAwayCommand(path)}`,
    details: { path },
  });
}
