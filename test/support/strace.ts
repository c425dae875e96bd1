/**
 * System calls of the built programs, watched and made to fail by strace. Only those on paths below one folder: what
 * Node does for itself is not ours to mend.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

/** System calls of one kind on one path. */
export interface WatchedCall {
  readonly name: string;
  readonly path: string;
  /** How often it was made. */
  readonly count: number;
}

/** A fault to be injected. */
export interface Fault {
  readonly name: string;
  readonly path: string;
  readonly errno: string;
  /** Which of the calls fails, counted from 1; `all` for every one. */
  readonly which: number | 'all';
}

/** One thread of libuv's pool, so that calls are counted in one order. */
export const ONE_POOL_THREAD = { UV_THREADPOOL_SIZE: '1' };

/** Whether strace may watch others here: a container often may not. */
export const CAN_TRACE =
  spawnSync('strace', ['-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', 'trace=openat', 'true'], {
    stdio: 'ignore',
  }).status === 0;

/** Runs a command and writes down its calls on files. */
export function watchedInto(log: string): readonly string[] {
  return ['strace', '-f', '-y', '-qq', '-s', '4096', '--seccomp-bpf', '-e', 'trace=%file,%desc', '-o', log];
}

/** Runs a command in which one call fails. What was done to it is in the log. */
export function failing({ name, path, errno, which }: Fault, log: string): readonly string[] {
  const when = which === 'all' ? '' : `:when=${which}`;
  const injection = ['-e', `trace=${name}`, '-P', path, '-e', `inject=${name}:error=${errno}${when}`];
  return ['strace', '-f', '-qq', '--seccomp-bpf', ...injection, '-o', log];
}

/** Whether a fault was injected, as far as a log tells. */
export function wasInjected(log: string): boolean {
  return readFileSync(log, 'utf8').includes('(INJECTED)');
}

/** A file that is held open, and so reached: which one it is tells no call. */
const HELD = /^\/proc\/self\/fd\/\d+$/;

/**
 * The calls below a folder that are in a log, in the order in which the first of each was made; and those on attributes and
 * times of files that are held open, which are nobody else's.
 */
export function callsBelow(folder: string, log: string): readonly WatchedCall[] {
  const counts = new Map<string, WatchedCall>();
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const name = /^\d+ +(\w+)\(/.exec(line)?.[1];
    if (name === undefined) continue;
    // A rename counts for each of its ends.
    for (const path of pathsIn(line)) {
      const isHeld = HELD.test(path) && /xattr$|^utimensat$/.test(name);
      if (path !== folder && !path.startsWith(`${folder}/`) && !isHeld) continue;
      const key = `${name} ${path}`;
      counts.set(key, { name, path, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  rmSync(log);
  return [...counts.values()];
}

/** A signal to be sent when a call is made. */
export interface SignalAt {
  readonly name: string;
  readonly path: string;
  /** Which of the calls of this name on this path, counted from 1. */
  readonly which: number;
}

const CHANGING =
  /^(rename|unlink|link|symlink|mkdir|rmdir|p?write|ftruncate|fallocate|f(data)?sync|f?ch(mod|own)|utimensat|(set|remove)xattr|copy_file)/;

/**
 * The calls below a folder that change something, in their order, as far as a log tells; with those on files that are held
 * open, which are nobody else's.
 */
export function changesBelow(folder: string, log: string): readonly SignalAt[] {
  const counts = new Map<string, number>();
  const changes: SignalAt[] = [];
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const name = /^\d+ +(\w+)\(/.exec(line)?.[1];
    const path = [...pathsIn(line)].find((path) => path.startsWith(`${folder}/`) || HELD.test(path));
    if (name === undefined || path === undefined) continue;
    const which = (counts.get(`${name} ${path}`) ?? 0) + 1;
    counts.set(`${name} ${path}`, which);
    if (CHANGING.test(name) || /O_CREAT|O_TRUNC|FICLONE/.test(line)) changes.push({ name, path, which });
  }
  return changes;
}

/**
 * Runs a command which gets a signal with one call: a SIGKILL instead of the call, any other signal after it. Without
 * --seccomp-bpf, under which strace has no signals to give.
 */
export function signalling({ name, path, which }: SignalAt, signal: NodeJS.Signals): readonly string[] {
  const inject = `inject=${name}:signal=${signal}:when=${which}`;
  return ['strace', '-f', '-qq', '-e', `trace=${name}`, '-P', path, '-e', inject, '-o', '/dev/null'];
}

function pathsIn(line: string): ReadonlySet<string> {
  const call = line.replace(/ = [^=]*$/, '');
  return new Set([...call.matchAll(/"(\/[^"]*)"|\d+<(\/[^>]*)>/g)].map(([, named = '', open = '']) => named || open));
}
