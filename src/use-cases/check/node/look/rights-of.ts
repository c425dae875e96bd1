/**
 * What a user may do with a file or folder, by its owner, group and mode. Access control lists are not looked at: where
 * there are any, the bits of the group are the most that they allow.
 */
import { type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { unlessAbsent } from '../../../../errors/errno.ts';
import type { Account } from './accounts.ts';

/** The bits of one of owner, group and others. */
export const READ = 4;
export const WRITE = 2;
export const SEARCH = 1;

/** Whose rights are asked for. */
export type Holder = Pick<Account, 'uid' | 'gids'>;

/** What owner, group and mode of a file are. */
export type Guarded = Pick<Stats, 'uid' | 'gid' | 'mode'>;

/** Whether somebody has all of these bits. */
export function may({ uid, gids }: Holder, { uid: owner, gid, mode }: Guarded, bits: number): boolean {
  if (uid === 0) return true;
  const shift = uid === owner ? 6 : gids.includes(gid) ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}

/** The folders above a path, the nearest last. */
export function foldersAbove(path: string): readonly string[] {
  const above = dirname(path);
  return above === path ? [] : [...foldersAbove(above), above];
}

/** A folder on the way to a path that somebody may not search, with what it is; undefined where there is none. */
export function closedFolder(
  holder: Holder,
  path: string,
): { readonly path: string; readonly stats: Stats } | undefined {
  for (const folder of foldersAbove(path)) {
    const stats = unlessAbsent(() => statSync(folder));
    if (stats !== undefined && !may(holder, stats, SEARCH)) return { path: folder, stats };
  }
  return undefined;
}

/** `0640`. */
export function modeText({ mode }: Pick<Stats, 'mode'>): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
