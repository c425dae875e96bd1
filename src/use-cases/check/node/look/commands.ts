/**
 * The cache programs in lines of commands, and what a name leads to: the stock programs have the same names as ours.
 */
import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { isSystemError } from '../../../../errors/errno.ts';
import { readText } from './read-text.ts';

/** The programs that are to run regularly. */
export type JobName = 'pruner' | 'cleaner' | 'prefetcher';

/** A cache program as a command names it. */
export interface Mention {
  readonly job: JobName;
  /** As it is written: `glance-cache-pruner`, `/usr/local/bin/glance-cache-pruner`. */
  readonly program: string;
  /** Whether it is run in some other place, as by docker, or in one that only a shell knows: it cannot be looked for. */
  readonly isElsewhere: boolean;
  /** Whether it has `--stale`. */
  readonly isStale: boolean;
}

const PROGRAM =
  /(?:^|[\s;&|(){}'"`=])((?:[\w./+~${}-]*\/)?glance-cache-(pruner|cleaner|prefetcher)(?:\.cjs)?)(?=$|[\s;&|(){}'"`])/g;
const REDIRECTION = /\d?>>?\s*&?\S+/g;
const ELSEWHERE =
  /(?:^|[\s/])(?:docker|podman|nerdctl|crictl|kubectl|oc|lxc|lxc-attach|nsenter|chroot|ssh|machinectl|ip)\s/;
const STALE = /\s--stale(?=$|[\s;&|)'"])/;
const JUST_SHOWS = /\s(?:--dry-run|--help|-h|--version)(?=$|[\s;&|)])/;

/** The programs that a command runs, those that would only show something left out. */
export function mentionsIn(command: string): readonly Mention[] {
  const isElsewhere = ELSEWHERE.test(command);
  return command
    .replaceAll(REDIRECTION, ' ')
    .split(/[;&|\n]+/)
    .flatMap((part) => {
      if (JUST_SHOWS.test(part)) return [];
      // What comes before may be the file of a lock that is called the same.
      const [, program, job] = Array.from(part.matchAll(PROGRAM)).at(-1) ?? [];
      return program === undefined || job === undefined
        ? []
        : [
            {
              program,
              job: job as JobName,
              isElsewhere: isElsewhere || (program.includes('/') && !isAbsolute(program)),
              isStale: STALE.test(part),
            },
          ];
    });
}

/** Whose program it is. */
export type Maker = 'ours' | 'stock' | 'unknown';

/** What a name leads to. */
export interface Located {
  /** Where it is, as the node sees it. */
  readonly path: string;
  readonly maker: Maker;
  /** What is to run it and is not there: `node`. */
  readonly lacks: string | undefined;
}

/**
 * Finds a program.
 *
 * @param root where the file system begins
 * @param folders where names without a slash are looked for, in order
 */
export function locate(root: string, program: string, folders: readonly string[]): Located | undefined {
  const path = pathOf(root, program, folders);
  if (path === undefined) return undefined;
  const firstLine = (beginningOf(join(root, path)).split('\n', 1)[0] ?? '').trim();
  const maker = /\bnode\b/.test(firstLine) ? 'ours' : firstLine.includes('python') ? 'stock' : 'unknown';
  const [, byEnv] = /^#!\s*\/usr\/bin\/env\s+(?:-S\s+)?(\S+)/.exec(firstLine) ?? [];
  const lacks = byEnv === undefined || pathOf(root, byEnv, folders) !== undefined ? undefined : byEnv;
  return { path, maker, lacks };
}

function pathOf(root: string, program: string, folders: readonly string[]): string | undefined {
  const paths = program.includes('/') ? [program].filter(isAbsolute) : folders.map((folder) => join(folder, program));
  return paths.find((path) => isExecutable(join(root, path)));
}

function isExecutable(path: string): boolean {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true && (stats.mode & 0o111) !== 0;
  } catch (error) {
    // What cannot be looked at may be there.
    if (isSystemError(error)) return error.code === 'EACCES';
    throw error;
  }
}

function beginningOf(path: string): string {
  try {
    return readText(path, 256) ?? '';
  } catch (error) {
    if (isSystemError(error)) return '';
    throw error;
  }
}
