/**
 * Reads a file of Glance's store, or a part. Only a regular file: a link may lead anywhere, and a FIFO would never end.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { hasErrno } from '../../errors/errno.ts';
import { fromErrno } from '../../errors/from-errno.ts';
import type { ByteSource } from './byte-source.ts';

/** An open file. */
export interface FileSource extends ByteSource {
  /** Its length when it was opened. */
  readonly sizeBytes: number;
}

/**
 * Opens a file for reading.
 *
 * @param path where it is; its last part is not followed when it is a link
 * @param offsetBytes where to begin
 * @returns undefined when there is no such regular file
 * @throws CacheStateError CACHE_PERMISSION, CACHE_IO
 */
export async function openFileSource(path: string, offsetBytes = 0): Promise<FileSource | undefined> {
  const handle = await openOrAbsent(path);
  if (handle === undefined) return undefined;
  try {
    const stats = await handle.stat();
    if (stats.isFile()) return fileSource(handle, { path, offsetBytes, sizeBytes: stats.size });
  } catch (error) {
    await handle.close();
    throw fromErrno('read', path, error);
  }
  await handle.close();
  return undefined;
}

async function openOrAbsent(path: string): Promise<FileHandle | undefined> {
  // Without O_NONBLOCK the opening of a FIFO waits for a writer.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    return await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    // ELOOP: it is a link. ENXIO: a socket, or a device that is not there.
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO')) return undefined;
    throw fromErrno('open', path, error);
  }
}

interface FilePlace {
  readonly path: string;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

function fileSource(handle: FileHandle, { path, offsetBytes, sizeBytes }: FilePlace): FileSource {
  let position = offsetBytes;
  return {
    sizeBytes,
    async read(target) {
      try {
        const { bytesRead } = await handle.read(target, 0, target.length, position);
        position += bytesRead;
        return bytesRead;
      } catch (error) {
        throw fromErrno('read', path, error);
      }
    },
    async close() {
      // Waits for a read that is under way.
      await handle.close();
    },
  };
}
