/**
 * Reads the small files that credentials are made of. At once and as a whole: the program may give up the right to read
 * them a moment later.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import { describeErrno, hasErrno, isSystemError } from '../errors/errno.ts';

/** What became of reading a file. */
export type FileContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** More than any list of clouds or authorities has. */
const LONGEST_BYTES = 8 * 1024 * 1024;

/** The text of a regular file. */
export function readSmallFile(path: string): FileContent {
  // Node takes such a path for a mistake of the program.
  if (path.includes('\0')) return { kind: 'missing', reason: 'no path has a NUL character in it' };
  let descriptor: number | undefined;
  try {
    // Opening a pipe would wait for somebody to write into it.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return { kind: 'unreadable', reason: `it is ${describeKind(stats)}` };
    if (stats.size > LONGEST_BYTES) return { kind: 'unreadable', reason: 'it is longer than 8 MiB' };
    return { kind: 'text', text: readWhole(descriptor, stats.size) };
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return { kind: 'missing', reason: describeErrno(error) };
    if (isSystemError(error)) return { kind: 'unreadable', reason: describeErrno(error) };
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Where paths in credentials start. */
export interface PathBase {
  readonly cwd: string;
  readonly homeDir: string | undefined;
}

/** A path as openstacksdk takes it: `~` is the home directory, all else is relative to where the program was started. */
export function resolvePath(path: string, { cwd, homeDir }: PathBase): string {
  const isAtHome = path === '~' || path.startsWith('~/');
  const home = homeDir === undefined || homeDir === '' ? undefined : homeDir;
  return resolve(cwd, isAtHome && home !== undefined ? join(home, path.slice(1)) : path);
}

function readWhole(descriptor: number, sizeBytes: number): string {
  const bytes = Buffer.alloc(sizeBytes);
  let filled = 0;
  while (filled < sizeBytes) {
    const count = readSync(descriptor, bytes, filled, sizeBytes - filled, null);
    if (count === 0) break;
    filled += count;
  }
  return bytes.toString('utf8', 0, filled);
}

function describeKind(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  return stats.isFIFO() ? 'a pipe' : 'a device';
}
