/**
 * Opens a file to read it, when it is a regular one: a link may lead anywhere, and a FIFO would never end.
 */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { hasErrno } from '../../errors/errno.ts';
import { fromErrno } from '../../errors/from-errno.ts';

/** A regular file, and its facts when it was opened. */
export interface RegularFile {
  readonly handle: FileHandle;
  readonly stats: Stats;
}

/** How to open. */
export interface OpenOptions {
  /** Whether reading it shall not count as a use of it. Held to where this user may: the owner of the file, and root. */
  readonly isUnnoticed?: boolean;
}

/**
 * Opens a file.
 *
 * @param path where it is; its last part is not followed when it is a link
 * @returns undefined when there is no such regular file
 * @throws CacheStateError CACHE_PERMISSION, CACHE_IO
 */
export async function openRegularFile(path: string, options: OpenOptions = {}): Promise<RegularFile | undefined> {
  const handle = await openOrAbsent(path, options);
  if (handle === undefined) return undefined;
  let file: RegularFile | undefined;
  try {
    const stats = await handle.stat();
    if (stats.isFile()) file = { handle, stats };
    return file;
  } catch (error) {
    throw fromErrno('read', path, error);
  } finally {
    // Nothing was written: whatever closing says, nothing is lost.
    if (file === undefined) await handle.close().catch(() => undefined);
  }
}

/**
 * Closes a file, once a read that is under way has ended.
 *
 * @throws CacheStateError CACHE_IO, CACHE_NO_SPACE: what network file systems tell late
 */
export async function closeFile(path: string, handle: Pick<FileHandle, 'close'>): Promise<void> {
  try {
    await handle.close();
  } catch (error) {
    throw fromErrno('close', path, error);
  }
}

async function openOrAbsent(path: string, { isUnnoticed = false }: OpenOptions): Promise<FileHandle | undefined> {
  // Without O_NONBLOCK the opening of a FIFO waits for a writer.
  const { O_RDONLY, O_NOATIME, O_NOFOLLOW, O_NONBLOCK } = constants;
  const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  try {
    return isUnnoticed ? await openAsMayBe(path, flags | O_NOATIME, flags) : await open(path, flags);
  } catch (error) {
    // ELOOP: it is a link. ENXIO: a socket, or a device that is not there.
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO')) return undefined;
    throw fromErrno('open', path, error);
  }
}

async function openAsMayBe(path: string, flags: number, flagsElse: number): Promise<FileHandle> {
  try {
    return await open(path, flags);
  } catch (error) {
    // The file belongs to somebody else.
    if (hasErrno(error, 'EPERM')) return open(path, flagsElse);
    throw error;
  }
}
