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
import type { DigestMemory, RememberedDigest } from './digest-memory.ts';

const FOLDER_MODE = 0o750;
const FILE_MODE = 0o640;

/** The lines of some hundred thousand images. What is larger was not made here. */
const MAX_BYTES = 64 * 1024 * 1024;

/** {@link DigestMemory} on the file system. */
export class DiskDigests implements DigestMemory {
  readonly #layout: CacheLayout;
  readonly #folders: HeldFolders;

  constructor(layout: CacheLayout) {
    this.#layout = layout;
    this.#folders = new HeldFolders(layout.root);
  }

  recall(): ReadonlyMap<ImageId, RememberedDigest> {
    const digests = new Map<ImageId, RememberedDigest>();
    try {
      for (const line of this.#read().split('\n')) {
        const [imageId = '', file, digest] = line.split(' ');
        if (isImageId(imageId) && file !== undefined && digest !== undefined) digests.set(imageId, { file, digest });
      }
    } catch (error) {
      // Whatever keeps it from being read: what it knew is found out again.
      if (!isSystemError(error)) throw error;
    }
    return digests;
  }

  keep(digests: ReadonlyMap<ImageId, RememberedDigest>): void {
    const { tools, digests: path } = this.#layout;
    onPath('write', path, () => {
      makeFolders(tools, FOLDER_MODE);
      if (!lstatSync(tools).isDirectory()) throw notAFolder(tools);
      const fresh = this.#reach(`${path}.new`);
      // What a killed run has left. The flag refuses whatever somebody puts there in between.
      unlessAbsent(() => unlinkSync(fresh));
      writeFileSync(fresh, linesOf(digests), { flag: 'wx', mode: FILE_MODE });
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

function linesOf(digests: ReadonlyMap<ImageId, RememberedDigest>): string {
  return Array.from(digests, ([imageId, { file, digest }]) => `${imageId} ${file} ${digest}\n`).join('');
}
