/**
 * Which files some process holds open, from /proc. A paused client stops the size and the time of the file that
 * glance-api writes for it, so age proves nothing: only this look does. It must come before the snapshot that is acted
 * upon: who opens a file after the look gives it a new modification time, which the snapshot then sees.
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrno } from '../errors/errno.ts';
import type { FileFacts } from './file-facts.ts';

/** A process that holds a file open. */
export interface FileHolder {
  readonly pid: number;
  /** The name of the program, as the kernel has it (15 bytes at most). */
  readonly command: string;
  readonly writes: boolean;
}

/** Why a process that holds a file open may have gone unseen. */
export type Blindness = 'not-root' | 'pid-namespace' | 'denied';

/** What a look at the open files of this machine found. */
export interface OpenFiles {
  /** What kept some processes from being seen; undefined when all were, so that nobody among them means nobody. */
  readonly blindness: Blindness | undefined;
  /** The processes that hold a file open; undefined for a file that was not looked for. */
  holders(file: FileFacts): readonly FileHolder[] | undefined;
}

/** The inode of the first PID namespace: `PROC_PID_INIT_INO` in linux/proc_ns.h. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

const O_ACCMODE = 0o3;

/**
 * Looks which of some files are open in any process.
 *
 * @param candidates the only files of interest; without any, no process is looked at
 * @param hasRootRights whether this process may look into those of other users
 * @param proc where procfs is mounted
 */
export function lookForOpenFiles(candidates: readonly FileFacts[], hasRootRights: boolean, proc = '/proc'): OpenFiles {
  const found: HoldersByInode = new Map();
  for (const { device, inode } of candidates) inodesOf(found, device).set(inode, NOBODY);
  const look = { proc, found, denied: false };
  if (candidates.length > 0) {
    for (const pid of listNames(look, proc).filter((name) => /^\d+$/.test(name))) lookAtProcess(look, pid);
  }
  return {
    blindness: blindnessOf(look, hasRootRights),
    holders: ({ device, inode }) => found.get(device)?.get(inode),
  };
}

function blindnessOf({ proc, denied }: Look, hasRootRights: boolean): Blindness | undefined {
  if (!hasRootRights) return 'not-root';
  if (!isFirstPidNamespace(proc)) return 'pid-namespace';
  // Even root is refused by a process that has capabilities which root was deprived of.
  return denied ? 'denied' : undefined;
}

/**
 * By device, then by inode: of a hundred thousand files, a text made of both as the key and a list for each would be a
 * good part of what the run holds, and nearly all of them are held by nobody.
 */
type HoldersByInode = Map<number, Map<number, readonly FileHolder[]>>;

const NOBODY: readonly FileHolder[] = [];

function inodesOf(found: HoldersByInode, device: number): Map<number, readonly FileHolder[]> {
  const known = found.get(device);
  if (known !== undefined) return known;
  const inodes = new Map<number, readonly FileHolder[]>();
  found.set(device, inodes);
  return inodes;
}

interface Look {
  readonly proc: string;
  readonly found: HoldersByInode;
  /** Whether something could not be looked at. */
  denied: boolean;
}

function lookAtProcess(look: Look, pid: string): void {
  const folder = join(look.proc, pid, 'fd');
  for (const descriptor of listNames(look, folder)) {
    const path = join(folder, descriptor);
    // Sockets and pipes have no path; asking for their status would be a wasted call each.
    if (!(attempt(look, () => readlinkSync(path)) ?? '').startsWith('/')) continue;
    const stats = attempt(look, () => statSync(path));
    if (stats === undefined) continue;
    const inodes = look.found.get(stats.dev);
    const holders = inodes?.get(stats.ino);
    if (holders === undefined) continue;
    const holder = { pid: Number(pid), ...describeProcess(look, pid), writes: isOpenForWriting(look, pid, descriptor) };
    inodes?.set(stats.ino, [...holders, holder]);
  }
}

function describeProcess(look: Look, pid: string): { readonly command: string } {
  return { command: (attempt(look, () => readFileSync(join(look.proc, pid, 'comm'), 'utf8')) ?? '').trimEnd() };
}

/** Where the flags cannot be read the answer is yes: the careful one. */
function isOpenForWriting(look: Look, pid: string, descriptor: string): boolean {
  const info = attempt(look, () => readFileSync(join(look.proc, pid, 'fdinfo', descriptor), 'utf8'));
  const flags = /^flags:\s*([0-7]+)$/m.exec(info ?? '')?.[1];
  return flags === undefined || (Number.parseInt(flags, 8) & O_ACCMODE) !== 0;
}

function listNames(look: Look, folder: string): readonly string[] {
  return attempt(look, () => readdirSync(folder)) ?? [];
}

/** A process that has ended meanwhile holds nothing; one that may not be looked at makes the look inconclusive. */
function attempt<T>(look: Look, call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ESRCH')) return undefined;
    look.denied = true;
    return undefined;
  }
}

function isFirstPidNamespace(proc: string): boolean {
  try {
    return readlinkSync(join(proc, 'self', 'ns', 'pid')) === FIRST_PID_NAMESPACE;
  } catch {
    return false;
  }
}
