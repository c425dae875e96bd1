/**
 * The records of runs on a real disk, a file for each program. The process has taken the rights of the cache's owner
 * before it comes here; a link in place of the folder or of a record is not followed all the same.
 *
 * A record is replaced in one step, and not synced: what a power cut makes of it is at worst as good as none.
 */
import { lstatSync, renameSync, type Stats, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CacheStateError } from '../../errors/cache-error.ts';
import { unlessAbsent } from '../../errors/errno.ts';
import { onPath } from '../../errors/from-errno.ts';
import type { Clock } from '../../time/clock.ts';
import { HeldFolders } from '../held-folders.ts';
import type { CacheLayout } from '../layout.ts';
import { makeFolders } from '../make-folders.ts';
import { notAFolder } from '../not-a-folder.ts';
import { readCappedFile } from '../read-capped-file.ts';
import { type EndedRun, parseRunRecord, type RunRecord, runRecordText, withRun } from './run-record.ts';
import type { Runs } from './runs.ts';

const RECORD = '.json';
const TORN = '.json.new';

const FOLDER_MODE = 0o750;
const FILE_MODE = 0o640;

/** More than any record has: a file that is longer is something else. */
const RECORD_MAX_BYTES = 16 * 1024;

/** Whoever writes a record does it in a thousandth of that. */
const PATIENCE_SEC = 1;

/** {@link Runs} on the file system. */
export class DiskRuns implements Runs {
  readonly #layout: CacheLayout;
  readonly #clock: Clock;
  readonly #folders: HeldFolders;

  constructor(layout: CacheLayout, clock: Clock) {
    this.#layout = layout;
    this.#clock = clock;
    this.#folders = new HeldFolders(layout.root);
  }

  read(program: string): RunRecord | undefined {
    this.#refuseOtherFolder();
    const path = this.#named(program, RECORD);
    const text = onPath('read', path, () => unlessAbsent(() => readCappedFile(this.#reach(path), RECORD_MAX_BYTES)));
    return text === undefined ? undefined : parseRunRecord(text, program);
  }

  async enter(run: EndedRun): Promise<boolean> {
    const { unlessHeld } = await import('../locks/run-lock.ts');
    // A run that was stopped is entered as well: its signal, aborted by now, is not this wait's.
    const patience = { clock: this.#clock, timeoutSec: PATIENCE_SEC, signal: new AbortController().signal };
    const entered = await unlessHeld({ layout: this.#layout, program: `${run.program}.record`, patience }, async () => {
      this.#write(withRun(this.read(run.program), run));
      return true;
    });
    return entered === true;
  }

  #write(record: RunRecord): void {
    const path = this.#named(record.program, RECORD);
    const fresh = this.#named(record.program, TORN);
    onPath('write', path, () => {
      this.#makeFolder();
      for (const place of [fresh, path]) refuseOther(this.#reach(place), place);
      unlessAbsent(() => unlinkSync(this.#reach(fresh)));
      try {
        // The flag refuses whatever somebody has put there since.
        writeFileSync(this.#reach(fresh), runRecordText(record), { flag: 'wx', mode: FILE_MODE });
        renameSync(this.#reach(fresh), this.#reach(path));
      } catch (error) {
        unlessAbsent(() => unlinkSync(this.#reach(fresh)));
        throw error;
      }
    });
  }

  #makeFolder(): void {
    const { tools, runs } = this.#layout;
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
function refuseOther(reached: string, path: string): void {
  if (lookAt(reached)?.isFile() !== false) return;
  throw new CacheStateError('CACHE_DIR', `Cannot write ${JSON.stringify(path)}: it is not a regular file`, {
    hint: 'Move it out of the way, then run the command again',
    details: { path },
  });
}
