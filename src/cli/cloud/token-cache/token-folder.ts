/**
 * The folder of kept tokens, in the user's cache folder. Only what nobody else can have put there is used.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  unlinkSync,
} from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { readCappedFile } from '../../../cache/read-capped-file.ts';
import { describeErrno, hasErrno, isSystemError, unlessTroubled } from '../../../errors/errno.ts';
import { shellWord } from '../../../errors/next-step.ts';
import { LONGEST_BYTES, parseRecord } from '../../../keystone/token-cache/token-record.ts';
import { weakSpotOf } from '../../weak-spot.ts';

/** Why there is no token cache: how things are, and what to do, with a command that one can paste. */
export class Unusable extends Error {
  /** @param advice follows a semicolon */
  constructor(state: string, advice: string) {
    super(`${state}; ${advice}`);
  }
}

/** Where the cache folder of a user is: https://specifications.freedesktop.org/basedir-spec/latest/ */
export interface CacheHome {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string | undefined;
}

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const OPEN_TO_OTHERS = 0o077;
const NAME = /^[0-9a-f]{64}\.json$/;

/** Looked through at most: nobody has as many logins. */
const MOST_FILES = 1000;

/** So long nobody takes to write a line. */
const HALF_WRITTEN_SEC = 24 * 3600;

/**
 * Makes the folder, where it is missing.
 *
 * @param user who runs, by ID
 * @throws Unusable
 */
export function openTokenFolder(home: CacheHome, user: number): string {
  const folders = foldersIn(home);
  const folder = folders.at(-1) ?? '';
  // Once so that nothing is made where others can lead to, and once for what they had made before.
  refuseWeakSpot(folder, user);
  for (const path of folders) {
    try {
      mkdirSync(path, { mode: FOLDER_MODE });
    } catch (error) {
      if (hasErrno(error, 'EEXIST')) continue;
      throw unusable(error, `${quoted(path)} cannot be made`, path);
    }
  }
  refuseWeakSpot(folder, user);
  return folder;
}

/** All but the first are ours; the one above the first has to be there. */
function foldersIn({ env, homeDir = '' }: CacheHome): readonly string[] {
  const xdg = env['XDG_CACHE_HOME'] ?? '';
  // The specification has a relative one ignored.
  if (!isAbsolute(xdg) && !isAbsolute(homeDir)) {
    throw new Unusable(
      'neither XDG_CACHE_HOME nor HOME names a folder',
      'name one of your own: export XDG_CACHE_HOME=/root/.cache',
    );
  }
  const first = isAbsolute(xdg) ? xdg : join(homeDir, '.cache');
  return [first, join(first, 'glance-cache-tools'), join(first, 'glance-cache-tools', 'tokens')];
}

function refuseWeakSpot(folder: string, user: number): void {
  let spot: string | undefined;
  try {
    // With a name in it, for the folder itself is looked at as well.
    spot = weakSpotOf(join(folder, 'x'), user);
  } catch (error) {
    throw unusable(error, `${quoted(folder)} cannot be reached`, folder);
  }
  if (spot === undefined) return;
  throw new Unusable(`others may change what is in ${quoted(spot)}`, `see who: namei -l ${shellWord(folder)}`);
}

/**
 * Opens the file of a login for reading and writing; an empty one where there was none.
 *
 * @param key 64 hexadecimal digits
 * @param user who runs, by ID
 * @throws Unusable
 */
export function openInTokenFolder(
  folder: string,
  key: string,
  user: number,
): { readonly path: string; readonly descriptor: number } {
  const path = join(folder, `${key}.json`);
  const { descriptor, isNew } = openOrMake(path);
  try {
    if (isNew) fchmodSync(descriptor, FILE_MODE);
    refuseFile(descriptor, path, user);
    return { path, descriptor };
  } catch (error) {
    unlessTroubled(() => closeSync(descriptor));
    if (isNew) unlessTroubled(() => unlinkSync(path));
    throw unusable(error, `${quoted(path)} cannot be made readable for you alone`, path);
  }
}

function openOrMake(path: string): { readonly descriptor: number; readonly isNew: boolean } {
  // Neither is a link followed nor a pipe waited for.
  const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
  for (let attempts = 0; ; attempts++) {
    try {
      return { descriptor: openSync(path, flags), isNew: false };
    } catch (error) {
      if (hasErrno(error, 'ELOOP')) throw doubtful(path, 'is a symbolic link');
      if (!hasErrno(error, 'ENOENT')) throw unusable(error, `${quoted(path)} cannot be opened`, path);
    }
    try {
      return { descriptor: openSync(path, flags | constants.O_CREAT | constants.O_EXCL, FILE_MODE), isNew: true };
    } catch (error) {
      // Another run was faster. Once: it does not come and go.
      if (!hasErrno(error, 'EEXIST') || attempts > 0) throw unusable(error, `${quoted(path)} cannot be made`, path);
    }
  }
}

function refuseFile(descriptor: number, path: string, user: number): void {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) throw doubtful(path, 'is no regular file');
  if (stats.uid !== user) throw doubtful(path, 'belongs to somebody else');
  if (stats.nlink !== 1) throw doubtful(path, 'has a second name');
  if ((stats.mode & OPEN_TO_OTHERS) !== 0) throw doubtful(path, 'is open to others');
}

/**
 * Removes tokens that have expired, of whatever login: they are of no use, and secrets. What does not look like one of
 * ours is left alone.
 *
 * @param except the key whose file is in use
 */
export function sweepTokenFolder(
  folder: string,
  { except, user, nowSec }: { readonly except: string; readonly user: number; readonly nowSec: number },
): void {
  const isOther = (name: string): boolean => NAME.test(name) && name !== `${except}.json`;
  const names = unlessTroubled(() => readdirSync(folder).filter(isOther)) ?? [];
  for (const name of names.slice(0, MOST_FILES)) {
    // Another run may have removed it, and what nobody can remove stays.
    unlessTroubled(() => {
      const path = join(folder, name);
      const stats = lstatSync(path);
      if (!stats.isFile() || stats.uid !== user) return;
      const text = readCappedFile(path, LONGEST_BYTES) ?? '';
      if (text === '') return;
      const endSec = parseRecord(text)?.expiresSec ?? stats.mtimeMs / 1000 + HALF_WRITTEN_SEC;
      if (endSec <= nowSec) unlinkSync(path);
    });
  }
}

function doubtful(path: string, state: string): Unusable {
  return new Unusable(`${quoted(path)} ${state}`, `remove it: rm ${shellWord(path)}`);
}

/** What was thrown, as a reason; what is no trouble of the system's goes on as it is. */
export function unusable(error: unknown, what: string, path: string): unknown {
  if (!isSystemError(error)) return error;
  return new Unusable(`${what}: ${describeErrno(error)}`, `look at it: namei -l ${shellWord(path)}`);
}

function quoted(path: string): string {
  return JSON.stringify(path);
}
