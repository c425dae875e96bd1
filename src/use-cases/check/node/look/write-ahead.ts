/**
 * Whether an index is in SQLite's WAL mode, from its first bytes: whoever opens such a database, and be it only to read,
 * makes files beside it.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { isSystemError } from '../../../../errors/errno.ts';

// See https://www.sqlite.org/fileformat.html#file_format_version_numbers
const HEADER_BYTES = 20;
const READ_VERSION_AT = 19;
const WRITE_AHEAD = 2;

/** Whether it is, as far as this process may read it. To be called while it has no connection to that database. */
export function isWriteAhead(path: string): boolean {
  try {
    const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const header = Buffer.alloc(HEADER_BYTES);
      return readSync(handle, header, 0, HEADER_BYTES, 0) === HEADER_BYTES && header[READ_VERSION_AT] === WRITE_AHEAD;
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    // What is no file, is missing or may not be read is told of elsewhere.
    if (isSystemError(error)) return false;
    throw error;
  }
}
