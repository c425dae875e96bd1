/**
 * The parts on a real disk. The process has taken the rights of the cache's owner before it comes here; a link in place
 * of the folder, of a part or of a journal is not followed all the same.
 */
import { constants, lstatSync, promises, renameSync, type Stats, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CacheStateError } from '../../errors/cache-error.ts';
import { hasErrno, unlessAbsent, unlessMissing } from '../../errors/errno.ts';
import { fromErrno, onPath } from '../../errors/from-errno.ts';
import { moveAwayCommand } from '../../errors/next-step.ts';
import { type FileFacts, fileFacts, isSameFile } from '../file-facts.ts';
import { HeldFolders } from '../held-folders.ts';
import { type ImageId, isImageId } from '../image-id.ts';
import type { CacheLayout } from '../layout.ts';
import { type FolderEntry, listFolder } from '../list-folder.ts';
import { makeFolders } from '../make-folders.ts';
import { notAFolder } from '../not-a-folder.ts';
import { FILE_MODE, FOLDER_MODE } from '../own-modes.ts';
import { readCappedFile } from '../read-capped-file.ts';
import { syncFolder } from '../sync-folder.ts';
import { DiskPartFile } from './disk-part-file.ts';
import { journalText, type PartJournal, parseJournal } from './journal.ts';
import type { PartEntry, PartFile, PartListing, Parts } from './parts.ts';

/** How the file of a part is named: by its image, and this. */
export const PART = '.part';
const JOURNAL = '.json';
const TORN = '.json.new';

/** More than any journal has: a file that is longer is something else. */
const JOURNAL_MAX_BYTES = 64 * 1024;

/** {@link Parts} on the file system. */
export class DiskParts implements Parts {
  readonly #layout: CacheLayout;
  readonly #folders: HeldFolders;

  /** @param folders who closes them decides for how long they are held; for as long as the process lives unless given */
  constructor(layout: CacheLayout, folders = new HeldFolders(layout.root)) {
    this.#layout = layout;
    this.#folders = folders;
  }

  list(): PartListing {
    const { parts: folder } = this.#layout;
    this.#refuseOtherFolder();
    const names = onPath('list', folder, () => unlessMissing(() => [...listFolder(this.#folders.wayTo(folder))]));
    const images = new Set<ImageId>();
    const torn: { name: string; imageId: ImageId }[] = [];
    const foreign: string[] = [];
    for (const entry of names ?? []) {
      const imageId = imageOf(entry, PART) ?? imageOf(entry, JOURNAL);
      const tornId = imageOf(entry, TORN);
      if (imageId !== undefined) images.add(imageId);
      else if (tornId !== undefined) torn.push({ name: entry.name, imageId: tornId });
      else foreign.push(entry.name);
    }
    const entries = [...images].sort().map((imageId): PartEntry => {
      const journal = this.#facts(`${imageId}${JOURNAL}`);
      return {
        imageId,
        part: this.#facts(`${imageId}${PART}`),
        journal,
        remembersMismatch: journal !== undefined && this.#remembersMismatch(imageId),
        isCached: factsOf(this.#imagePath(imageId)) !== undefined,
      };
    });
    return { entries, torn, foreign: foreign.sort() };
  }

  look(imageId: ImageId): FileFacts | undefined {
    const path = this.#named(imageId, PART);
    return onPath('look at', path, () => {
      const stats = unlessAbsent(() => lookAt(this.#reach(path)));
      // One with another name may be anybody's file: what is written to it would be written there.
      return stats?.isFile() === true && stats.nlink === 1 ? fileFacts(stats) : undefined;
    });
  }

  path(imageId: ImageId): string {
    const path = this.#named(imageId, PART);
    return onPath('look at', path, () => this.#reach(path));
  }

  async open(imageId: ImageId): Promise<PartFile> {
    const path = this.#named(imageId, PART);
    const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;
    try {
      this.#makeFolder();
      const handle = await promises.open(this.#reach(path), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, FILE_MODE);
      const stats = await handle.stat();
      if (stats.isFile() && stats.nlink === 1) return new DiskPartFile(path, handle);
      await handle.close();
    } catch (error) {
      if (!hasErrno(error, 'ELOOP', 'EISDIR', 'ENXIO')) throw fromErrno('open', path, error);
    }
    throw notAFile('open', path);
  }

  journal(imageId: ImageId): PartJournal | undefined {
    const path = this.#named(imageId, JOURNAL);
    const text = onPath('read', path, () => unlessAbsent(() => readCappedFile(this.#reach(path), JOURNAL_MAX_BYTES)));
    return text === undefined ? undefined : parseJournal(text, imageId);
  }

  writeJournal(journal: PartJournal): void {
    const path = this.#named(journal.imageId, JOURNAL);
    const fresh = this.#named(journal.imageId, TORN);
    onPath('write', path, () => {
      this.#makeFolder();
      for (const place of [fresh, path]) if (isOther(lookAt(this.#reach(place)))) throw notAFile('write', place);
      unlessAbsent(() => unlinkSync(this.#reach(fresh)));
      // The flag refuses whatever somebody has put there since.
      writeFileSync(this.#reach(fresh), journalText(journal), { flag: 'wx', mode: FILE_MODE });
      renameSync(this.#reach(fresh), this.#reach(path));
    });
  }

  removePart(imageId: ImageId): void {
    this.#remove(`${imageId}${PART}`);
  }

  remove(imageId: ImageId): void {
    this.removePart(imageId);
    this.#remove(`${imageId}${JOURNAL}`);
  }

  removeTorn(name: string): void {
    if (name.endsWith(TORN) && isImageId(name.slice(0, -TORN.length))) this.#remove(name);
  }

  publish(imageId: ImageId): void {
    const path = this.#imagePath(imageId);
    const part = this.#named(imageId, PART);
    onPath('publish', path, () => {
      // A rename moves whatever there is, and replaces whatever is there.
      const stats = lookAt(this.#reach(part));
      if (isOther(stats) || (stats?.nlink ?? 1) > 1) throw notAFile('publish', part);
      if (isOther(lookAt(path))) throw notAFile('publish', path);
      renameSync(this.#reach(part), path);
    });
  }

  unpublish(imageId: ImageId, published: FileFacts): void {
    const path = this.#imagePath(imageId);
    onPath('take back', path, () => {
      // glance-api may have replaced it by a copy of its own, which is the image as well.
      const now = factsOf(path);
      if (now !== undefined && isSameFile(published, now)) renameSync(path, this.#reach(this.#named(imageId, PART)));
    });
  }

  async syncFolder(): Promise<void> {
    await syncFolder(this.#layout.root);
  }

  #remembersMismatch(imageId: ImageId): boolean {
    try {
      return (this.journal(imageId)?.mismatches ?? 0) > 0;
    } catch {
      // What cannot be read may remember one, and must not hide the other parts.
      return true;
    }
  }

  #makeFolder(): void {
    const { tools, parts } = this.#layout;
    makeFolders(tools, FOLDER_MODE);
    makeFolders(join(this.#folders.wayTo(tools), basename(parts)), FOLDER_MODE);
    this.#refuseOtherFolder();
  }

  #refuseOtherFolder(): void {
    for (const path of [this.#layout.tools, this.#layout.parts]) {
      if (onPath('look at', path, () => lookAt(path))?.isDirectory() === false) throw notAFolder(path);
    }
  }

  /** Removes a regular file; whatever else has its name stays. */
  #remove(name: string): void {
    this.#refuseOtherFolder();
    const path = join(this.#layout.parts, name);
    if (this.#facts(name) !== undefined)
      onPath('remove', path, () => unlessAbsent(() => unlinkSync(this.#reach(path))));
  }

  #facts(name: string): FileFacts | undefined {
    const path = join(this.#layout.parts, name);
    return onPath('look at', path, () => unlessAbsent(() => factsOf(this.#reach(path))));
  }

  /** The path for people. */
  #named(imageId: ImageId, suffix: string): string {
    return join(this.#layout.parts, `${imageId}${suffix}`);
  }

  /** The path for system calls. */
  #reach(path: string): string {
    return join(this.#folders.wayTo(this.#layout.parts), basename(path));
  }

  #imagePath(imageId: ImageId): string {
    return join(this.#layout.areas.cached, imageId);
  }
}

function imageOf(entry: FolderEntry, suffix: string): ImageId | undefined {
  if (!entry.isFile() || !entry.name.endsWith(suffix)) return undefined;
  const stem = entry.name.slice(0, -suffix.length);
  return isImageId(stem) ? stem : undefined;
}

function factsOf(path: string): FileFacts | undefined {
  return onPath('look at', path, () => {
    const stats = lookAt(path);
    return stats?.isFile() === true ? fileFacts(stats) : undefined;
  });
}

function lookAt(path: string): Stats | undefined {
  return unlessAbsent(() => lstatSync(path));
}

function isOther(stats: Stats | undefined): boolean {
  return stats !== undefined && !stats.isFile();
}

function notAFile(verb: string, path: string): CacheStateError {
  return new CacheStateError('CACHE_DIR', `Cannot ${verb} ${JSON.stringify(path)}: it is not a regular file`, {
    hint: `Move it out of the way, then run the command again: ${moveAwayCommand(path)}`,
    details: { path },
  });
}
