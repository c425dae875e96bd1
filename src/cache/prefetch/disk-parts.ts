/**
 * The parts on a real disk. The process has taken the rights of the cache's owner before it comes here; a link in place
 * of the folder, of a part or of a journal is not followed all the same.
 */
import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { CacheStateError } from '../../errors/cache-error.ts';
import { hasErrno, unlessAbsent } from '../../errors/errno.ts';
import { fromErrno, onPath } from '../../errors/from-errno.ts';
import { type FileFacts, fileFacts, isSameFile } from '../file-facts.ts';
import { type ImageId, isImageId } from '../image-id.ts';
import type { CacheLayout } from '../layout.ts';
import { makeFolders } from '../make-folders.ts';
import { journalText, type PartJournal, parseJournal } from './journal.ts';
import type { PartEntry, PartFile, PartListing, Parts } from './parts.ts';

const PART = '.part';
const JOURNAL = '.json';
const TORN = '.json.new';

const FOLDER_MODE = 0o750;
const FILE_MODE = 0o640;

/** More than any journal has: a file that is longer is something else. */
const JOURNAL_MAX_BYTES = 64 * 1024;

/** {@link Parts} on the file system. */
export class DiskParts implements Parts {
  readonly #layout: CacheLayout;

  constructor(layout: CacheLayout) {
    this.#layout = layout;
  }

  list(): PartListing {
    const { parts: folder } = this.#layout;
    this.#refuseOtherFolder();
    const names = onPath('list', folder, () => unlessAbsent(() => readdirSync(folder, { withFileTypes: true })));
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
      const journal = factsOf(this.#path(imageId, JOURNAL));
      return {
        imageId,
        part: this.look(imageId),
        journal,
        remembersMismatch: journal !== undefined && this.#remembersMismatch(imageId),
        isCached: factsOf(this.#imagePath(imageId)) !== undefined,
      };
    });
    return { entries, torn, foreign: foreign.sort() };
  }

  look(imageId: ImageId): FileFacts | undefined {
    return factsOf(this.path(imageId));
  }

  path(imageId: ImageId): string {
    return this.#path(imageId, PART);
  }

  async open(imageId: ImageId): Promise<PartFile> {
    const path = this.path(imageId);
    const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;
    try {
      this.#makeFolder();
      const handle = await open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, FILE_MODE);
      if ((await handle.stat()).isFile()) return new DiskPartFile(path, handle);
      await handle.close();
    } catch (error) {
      if (!hasErrno(error, 'ELOOP', 'EISDIR', 'ENXIO')) throw fromErrno('open', path, error);
    }
    throw notAFile('open', path);
  }

  journal(imageId: ImageId): PartJournal | undefined {
    const path = this.#path(imageId, JOURNAL);
    const text = onPath('read', path, () => unlessAbsent(() => readJournalFile(path)));
    return text === undefined ? undefined : parseJournal(text, imageId);
  }

  writeJournal(journal: PartJournal): void {
    const path = this.#path(journal.imageId, JOURNAL);
    const fresh = this.#path(journal.imageId, TORN);
    onPath('write', path, () => {
      this.#makeFolder();
      for (const place of [fresh, path]) if (isOther(lookAt(place))) throw notAFile('write', place);
      unlessAbsent(() => unlinkSync(fresh));
      // The flag refuses whatever somebody has put there since.
      writeFileSync(fresh, journalText(journal), { flag: 'wx', mode: FILE_MODE });
      renameSync(fresh, path);
    });
  }

  removePart(imageId: ImageId): void {
    this.#remove(this.path(imageId));
  }

  remove(imageId: ImageId): void {
    this.removePart(imageId);
    this.#remove(this.#path(imageId, JOURNAL));
  }

  removeTorn(name: string): void {
    if (name.endsWith(TORN) && isImageId(name.slice(0, -TORN.length))) this.#remove(join(this.#layout.parts, name));
  }

  publish(imageId: ImageId): void {
    const path = this.#imagePath(imageId);
    const part = this.path(imageId);
    onPath('publish', path, () => {
      // A rename moves whatever there is, and replaces whatever is there.
      for (const end of [part, path]) if (isOther(lookAt(end))) throw notAFile('publish', end);
      renameSync(part, path);
    });
  }

  unpublish(imageId: ImageId, published: FileFacts): void {
    const path = this.#imagePath(imageId);
    onPath('take back', path, () => {
      // glance-api may have replaced it by a copy of its own, which is the image as well.
      const now = factsOf(path);
      if (now !== undefined && isSameFile(published, now)) renameSync(path, this.path(imageId));
    });
  }

  async syncFolder(): Promise<void> {
    const { root } = this.#layout;
    try {
      const handle = await open(root, constants.O_RDONLY | constants.O_DIRECTORY);
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw fromErrno('sync', root, error);
    }
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
    makeFolders(this.#layout.parts, FOLDER_MODE);
    this.#refuseOtherFolder();
  }

  #refuseOtherFolder(): void {
    for (const path of [this.#layout.tools, this.#layout.parts]) {
      if (onPath('look at', path, () => lookAt(path))?.isDirectory() !== false) continue;
      throw new CacheStateError('CACHE_DIR', `Cannot use ${JSON.stringify(path)}: it is not a folder`, {
        hint: 'Move it out of the way; these programs create the folder when they need it',
        details: { path },
      });
    }
  }

  /** Removes a regular file; whatever else has its name stays. */
  #remove(path: string): void {
    this.#refuseOtherFolder();
    if (factsOf(path) !== undefined) onPath('remove', path, () => unlessAbsent(() => unlinkSync(path)));
  }

  #path(imageId: ImageId, suffix: string): string {
    return join(this.#layout.parts, `${imageId}${suffix}`);
  }

  #imagePath(imageId: ImageId): string {
    return join(this.#layout.areas.cached, imageId);
  }
}

/** An open part, whose errors name its path. */
class DiskPartFile implements PartFile {
  readonly #path: string;
  readonly #handle: FileHandle;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  write(source: Uint8Array, offset: number, length: number, position: number) {
    return this.#on('write', () => this.#handle.write(source, offset, length, position));
  }

  truncate(length: number): Promise<void> {
    return this.#on('cut', () => this.#handle.truncate(length));
  }

  sync(): Promise<void> {
    return this.#on('sync', () => this.#handle.sync());
  }

  close(): Promise<void> {
    return this.#on('close', () => this.#handle.close());
  }

  async #on<T>(verb: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw fromErrno(verb, this.#path, error);
    }
  }
}

function imageOf(entry: Dirent, suffix: string): ImageId | undefined {
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

function readJournalFile(path: string): string | undefined {
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // A link, or a socket.
    if (hasErrno(error, 'ELOOP', 'ENXIO')) return undefined;
    throw error;
  }
  try {
    const stats = fstatSync(handle);
    return stats.isFile() && stats.size <= JOURNAL_MAX_BYTES ? readFileSync(handle, 'utf8') : undefined;
  } finally {
    closeSync(handle);
  }
}

function notAFile(verb: string, path: string): CacheStateError {
  return new CacheStateError('CACHE_DIR', `Cannot ${verb} ${JSON.stringify(path)}: it is not a regular file`, {
    hint: 'Move it out of the way, then run the command again',
    details: { path },
  });
}
