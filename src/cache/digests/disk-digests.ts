/**
 * The memory of hashes on a real disk: one file, a line for each image. The process has taken the rights of the cache's
 * owner before it comes here; a link in place of the file is replaced, not followed.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasErrno, isSystemError, unlessAbsent } from '../../errors/errno.ts';
import { onPath } from '../../errors/from-errno.ts';
import { HeldFolders } from '../held-folders.ts';
import { type ImageId, isImageId } from '../image-id.ts';
import type { CacheLayout } from '../layout.ts';
import { makeFolders } from '../make-folders.ts';
import { notAFolder } from '../not-a-folder.ts';
import { FILE_MODE, FOLDER_MODE } from '../own-modes.ts';
import type { DigestMemory } from './digest-memory.ts';

/** Of an ID, which begins a line. */
const ID_LENGTH = 36;

/** The lines of some hundred thousand images. What is larger was not made here. */
const MAX_BYTES = 64 * 1024 * 1024;

/** {@link DigestMemory} on the file system. */
export class DiskDigests implements DigestMemory {
  readonly #layout: CacheLayout;
  readonly #folders: HeldFolders;

  /** @param folders who closes them decides for how long they are held; for as long as the process lives unless given */
  constructor(layout: CacheLayout, folders = new HeldFolders(layout.root)) {
    this.#layout = layout;
    this.#folders = folders;
  }

  recall(): Map<ImageId, string> {
    const marks = new Map<ImageId, string>();
    try {
      for (const [line] of this.#read().matchAll(/.+/g)) {
        const imageId = line.slice(0, ID_LENGTH);
        const mark = line.slice(ID_LENGTH + 1);
        if (isImageId(imageId) && /^\S+ \S+$/.test(mark)) marks.set(imageId, mark);
      }
    } catch (error) {
      // Whatever keeps it from being read: what it knew is found out again.
      if (!isSystemError(error)) throw error;
    }
    return marks;
  }

  keep(marks: ReadonlyMap<ImageId, string>): void {
    const { tools, digests: path } = this.#layout;
    onPath('write', path, () => {
      makeFolders(tools, FOLDER_MODE);
      if (!lstatSync(tools).isDirectory()) throw notAFolder(tools);
      const fresh = this.#reach(`${path}.new`);
      // What a killed run has left. The flag refuses whatever somebody puts there in between.
      unlessAbsent(() => unlinkSync(fresh));
      writeLines(fresh, marks);
      renameSync(fresh, this.#reach(path));
    });
  }

  #read(): string {
    const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
    let handle: number;
    try {
      handle = openSync(this.#reach(this.#layout.digests), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return '';
      throw error;
    }
    try {
      const stats = fstatSync(handle);
      return stats.isFile() && stats.size <= MAX_BYTES ? readFileSync(handle, 'utf8') : '';
    } finally {
      closeSync(handle);
    }
  }

  /** The path for system calls. */
  #reach(path: string): string {
    return join(this.#folders.wayTo(dirname(path)), basename(path));
  }
}

/** Lines that are written at once: all of very many would be there twice. */
const LINES_AT_A_TIME = 1000;

function writeLines(path: string, marks: ReadonlyMap<ImageId, string>): void {
  const handle = openSync(path, 'wx', FILE_MODE);
  try {
    let lines: string[] = [];
    for (const [imageId, mark] of marks) {
      lines.push(`${imageId} ${mark}\n`);
      if (lines.length < LINES_AT_A_TIME) continue;
      writeFileSync(handle, lines.join(''));
      lines = [];
    }
    writeFileSync(handle, lines.join(''));
  } finally {
    closeSync(handle);
  }
}
