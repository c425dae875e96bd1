/**
 * Reads a file of Glance's store, or a part.
 */
import type { FileHandle } from 'node:fs/promises';
import { fromErrno } from '../../errors/from-errno.ts';
import type { ByteSource } from './byte-source.ts';
import { closeFile, openRegularFile } from './open-regular-file.ts';

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
  const file = await openRegularFile(path);
  return file === undefined ? undefined : fileSource(file.handle, { path, offsetBytes, sizeBytes: file.stats.size });
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
    close: () => closeFile(path, handle),
  };
}
