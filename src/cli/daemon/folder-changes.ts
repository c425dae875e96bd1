/**
 * Tells that images have come into a folder or gone from it: by inotify, or where the system has no more of that to give,
 * by looking at the folder's own times.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import { parseImageId } from '../../cache/image-id.ts';
import { hasErrno, unlessAbsent } from '../../errors/errno.ts';
import type { Clock } from '../../time/clock.ts';

/** What is watched, and how. */
export interface FolderChangesOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** How long to wait for further changes after the first, seconds. */
  readonly settleSec: number;
  /** Hears that there is no inotify. */
  readonly onNote: (note: string) => void;
}

/** How often a folder is looked at without inotify, seconds. */
const LOOK_SEC = 5;

/** Changes in one folder, from when it is made. */
export class FolderChanges {
  readonly #options: FolderChangesOptions;
  #watcher: FSWatcher | undefined;
  #seen: string;
  #hasChanged = false;
  #wake: () => void = () => undefined;

  constructor(options: FolderChangesOptions) {
    this.#options = options;
    this.#seen = this.#stamp();
    try {
      // A change of content is none of interest: images come and go whole, and every use writes to the index.
      this.#watcher = watch(options.folder, (event, name) => {
        if (event === 'rename' && name !== null && parseImageId(name) !== undefined) this.#change();
      });
      this.#watcher.on('error', (error) => this.#giveUp(error));
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /**
   * Resolves when something has come or gone since the last time, or since the beginning.
   *
   * @throws the signal's reason when it is aborted
   */
  async next(signal: AbortSignal): Promise<void> {
    const { clock, settleSec } = this.#options;
    while (!this.#hasChanged) {
      if (this.#watcher === undefined) await this.#lookAgain(signal);
      else await this.#wakes(signal);
    }
    await clock.sleep(settleSec, signal);
    this.#hasChanged = false;
  }

  /** Ends the watch. */
  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #change(): void {
    this.#hasChanged = true;
    this.#wake();
  }

  async #wakes(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
    });
    signal.throwIfAborted();
  }

  async #lookAgain(signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(LOOK_SEC, signal);
    const stamp = this.#stamp();
    if (stamp !== this.#seen) this.#change();
    this.#seen = stamp;
  }

  /** A folder's time of modification is that of the last file that has come or gone. */
  #stamp(): string {
    const stats = unlessAbsent(() => statSync(this.#options.folder));
    return stats === undefined ? '' : `${stats.ino} ${stats.mtimeMs}`;
  }

  #giveUp(error: unknown): void {
    this.close();
    // A folder that is not there yet is looked for.
    if (!hasErrno(error, 'ENOENT', 'ENOTDIR')) {
      const why = hasErrno(error, 'ENOSPC', 'EMFILE') ? 'fs.inotify limits of this machine are reached' : String(error);
      const folder = JSON.stringify(this.#options.folder);
      this.#options.onNote(`Cannot watch ${folder}, looking every ${LOOK_SEC} s instead: ${why}`);
    }
    this.#wake();
  }
}
