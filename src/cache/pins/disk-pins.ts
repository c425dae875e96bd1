/**
 * The pins on a real disk: an empty file each, named by its image. The process has taken the rights of the cache's owner
 * before it comes here; a link in place of the folder is not followed all the same.
 */
import { closeSync, constants, lstatSync, openSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CacheStateError } from '../../errors/cache-error.ts';
import { hasErrno, unlessAbsent, unlessMissing } from '../../errors/errno.ts';
import { onPath } from '../../errors/from-errno.ts';
import { moveAwayCommand } from '../../errors/next-step.ts';
import { HeldFolders } from '../held-folders.ts';
import { type ImageId, isImageId } from '../image-id.ts';
import type { CacheLayout } from '../layout.ts';
import { listFolder } from '../list-folder.ts';
import { makeFolders } from '../make-folders.ts';
import { notAFolder } from '../not-a-folder.ts';
import { FILE_MODE, FOLDER_MODE } from '../own-modes.ts';
import { syncFolder } from '../sync-folder.ts';
import type { PinListing, Pins } from './pins.ts';

/** {@link Pins} on the file system. */
export class DiskPins implements Pins {
  readonly #layout: CacheLayout;
  readonly #folders: HeldFolders;

  /** @param folders who closes them decides for how long they are held; for as long as the process lives unless given */
  constructor(layout: CacheLayout, folders = new HeldFolders(layout.root)) {
    this.#layout = layout;
    this.#folders = folders;
  }

  list(): PinListing {
    const { pinned: folder } = this.#layout;
    const imageIds = new Set<ImageId>();
    const foreign: string[] = [];
    this.#refuseOtherFolder();
    onPath('list', folder, () =>
      unlessMissing(() => {
        for (const entry of listFolder(this.#folders.wayTo(folder))) {
          if (isImageId(entry.name) && entry.isFile()) imageIds.add(entry.name);
          else foreign.push(entry.name);
        }
      }),
    );
    return { imageIds, foreign: foreign.sort() };
  }

  has(imageId: ImageId): boolean {
    return this.since(imageId) !== undefined;
  }

  since(imageId: ImageId): number | undefined {
    const path = this.#path(imageId);
    const stats = onPath('look at', path, () =>
      unlessMissing(() => lstatSync(this.#reach(path), { throwIfNoEntry: false })),
    );
    if (stats === undefined) return undefined;
    this.#refuseOtherFolder();
    return stats.isFile() ? stats.mtimeMs / 1000 : undefined;
  }

  add(imageId: ImageId): boolean {
    const path = this.#path(imageId);
    return onPath('create', path, () => {
      const { tools, pinned } = this.#layout;
      makeFolders(tools, FOLDER_MODE);
      makeFolders(join(this.#folders.wayTo(tools), basename(pinned)), FOLDER_MODE);
      this.#refuseOtherFolder();
      try {
        const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
        closeSync(openSync(this.#reach(path), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, FILE_MODE));
        return true;
      } catch (error) {
        if (!hasErrno(error, 'EEXIST')) throw error;
        if (this.has(imageId)) return false;
        throw notAPin(path);
      }
    });
  }

  remove(imageId: ImageId): boolean {
    this.#refuseOtherFolder();
    if (!this.has(imageId)) return false;
    const path = this.#path(imageId);
    onPath('remove', path, () => unlessAbsent(() => unlinkSync(this.#reach(path))));
    return true;
  }

  async sync(): Promise<void> {
    const { root, tools, pinned } = this.#layout;
    // The folders themselves may have come with the pin.
    for (const folder of [pinned, tools, root]) await syncFolder(folder);
  }

  #refuseOtherFolder(): void {
    for (const path of [this.#layout.tools, this.#layout.pinned]) {
      const stats = onPath('look at', path, () => unlessAbsent(() => lstatSync(path)));
      if (stats?.isDirectory() === false) throw notAFolder(path);
    }
  }

  /** The path for people. */
  #path(imageId: ImageId): string {
    return join(this.#layout.pinned, imageId);
  }

  /** The path for system calls. */
  #reach(path: string): string {
    return join(this.#folders.wayTo(this.#layout.pinned), basename(path));
  }
}

function notAPin(path: string): CacheStateError {
  return new CacheStateError(
    'CACHE_DIR',
    `Cannot create ${JSON.stringify(path)}: something that is no pin has that name`,
    {
      hint: `Move it out of the way, then run the command again: ${moveAwayCommand(path)}`,
      details: { path },
    },
  );
}
