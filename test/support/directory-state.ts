/**
 * Everything that can be told about a directory tree from outside, to see whether a program has left it alone.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** One entry of a tree. */
export interface Entry {
  readonly path: string;
  readonly mode: string;
  readonly inode: bigint;
  readonly size: bigint;
  /** When it was last changed, nanoseconds; folders included, so that a file that came and went is noticed. */
  readonly modified: bigint;
  /** Digest of a file's content, or where a link leads. */
  readonly content: string;
}

/** The entries of a tree, the top included, by path. */
export function entriesOf(top: string): readonly Entry[] {
  return ['', ...pathsBelow(top)].sort().map((path) => {
    const stats = lstatSync(join(top, path), { bigint: true });
    return {
      path,
      mode: stats.mode.toString(8),
      inode: stats.ino,
      size: stats.size,
      modified: stats.mtimeNs,
      content: contentOf(join(top, path), stats),
    };
  });
}

/** Everything below a folder, relative to it. No link is followed: Node's own recursive listing does that. */
export function pathsBelow(top: string): readonly string[] {
  return readdirSync(top, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [entry.name];
    return [entry.name, ...pathsBelow(join(top, entry.name)).map((path) => join(entry.name, path))];
  });
}

function contentOf(path: string, stats: BigIntStats): string {
  if (stats.isSymbolicLink()) return readlinkSync(path);
  return stats.isFile() ? createHash('sha1').update(readFileSync(path)).digest('hex') : '';
}
