/**
 * Reads the small files of a node that tell how it is set up. Whoever wrote one of them may have put something else there:
 * a pipe is not waited for, and nothing endless is read.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { unlessAbsent } from '../../../../errors/errno.ts';

/** More than any crontab or unit has. */
const MOST_BYTES = 1024 * 1024;

/**
 * The text of a regular file, or its beginning.
 *
 * @param mostBytes how much of it is wanted
 * @returns undefined where there is no regular file
 * @throws the system's error, ENOENT and ENOTDIR excepted
 */
export function readText(path: string, mostBytes = MOST_BYTES): string | undefined {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
  const handle = unlessAbsent(() => openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
  if (handle === undefined) return undefined;
  try {
    if (!fstatSync(handle).isFile()) return undefined;
    return readHandle(handle, mostBytes);
  } finally {
    closeSync(handle);
  }
}

/** The size of a file below /proc is 0, whatever is in it: it is read until it ends. */
function readHandle(handle: number, mostBytes: number): string {
  const bytes = Buffer.alloc(Math.min(mostBytes, 64 * 1024));
  const pieces: Buffer[] = [];
  for (let total = 0; total < mostBytes; ) {
    const count = readSync(handle, bytes, 0, Math.min(bytes.length, mostBytes - total), null);
    if (count === 0) break;
    pieces.push(Buffer.from(bytes.subarray(0, count)));
    total += count;
  }
  return Buffer.concat(pieces).toString();
}
