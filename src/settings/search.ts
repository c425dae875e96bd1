import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { hasErrno } from '../errors/errno.ts';

/**
 * Which files and folders are read when, as oslo.config decides it: the default files, then the default folders, then
 * what the command line names. Naming a file there stops the default files, naming a folder the default folders.
 */

/** A configuration file or folder. */
export interface ConfigSource {
  readonly kind: 'file' | 'dir';
  readonly path: string;
  /** Nobody has named it on the command line. */
  readonly isDefault?: boolean;
}

/** What decides where to look. */
export interface SearchRequest {
  /** The program's own name, such as `glance-cache-pruner`. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string | undefined;
  readonly cwd: string;
  /** `--config-file` and `--config-dir` in the order given. */
  readonly sources: readonly ConfigSource[];
}

/** glance-api's files come before the cache's own, which therefore win. */
export const FILE_NAMES: readonly string[] = ['glance', 'glance-api', 'glance-cache'];

/**
 * The files and folders to read, in order, as absolute paths. Default ones are named only if they are there.
 *
 * @param fileNames of the default files, without `.conf`; those of this toolkit unless given
 */
export function findSources(request: SearchRequest, fileNames = FILE_NAMES): readonly ConfigSource[] {
  const { program, sources } = request;
  const places = searchPlaces(request);
  const isNamed = (kind: ConfigSource['kind']): boolean => sources.some((source) => source.kind === kind);
  const files = isNamed('file') ? [] : fileNames.flatMap((name) => firstPresent(places, `${name}.conf`));
  // The folders go by the program's real name: the stock programs never read glance-cache.conf.d. Where we cannot see
  // whether there is one, there is none: whoever names a file of their own must not fail over a folder of Glance.
  const open = places.map((place) => ({ ...place, mayBeClosed: true }));
  const dirs = isNamed('dir') ? [] : ['glance', program].flatMap((name) => firstPresent(open, `${name}.conf.d`));
  return [
    ...files.map((path): ConfigSource => ({ kind: 'file', path, isDefault: true })),
    ...dirs.map((path): ConfigSource => ({ kind: 'dir', path, isDefault: true })),
    ...sources.map(({ kind, path }) => ({ kind, path: absolute(path, request) })),
  ];
}

/** The folders that the default files are looked for in, in order; not all of them need be there. */
export function searchedFolders(
  request: Pick<SearchRequest, 'cwd' | 'homeDir'> & Partial<Pick<SearchRequest, 'env'>>,
): readonly string[] {
  return searchPlaces({ env: {}, ...request }).map(({ dir }) => dir);
}

interface Place {
  readonly dir: string;
  /** A folder above that we may not search counts as empty. */
  readonly mayBeClosed: boolean;
}

function searchPlaces(request: Pick<SearchRequest, 'cwd' | 'homeDir' | 'env'>): readonly Place[] {
  const { env, cwd } = request;
  const home = homeOf(request);
  // After `runuser -u glance` HOME is still root's, and closed to us. What is in there is not meant for us. But a closed
  // /etc/glance hides the very files that count, and must not pass for "no configuration".
  const atHome = home === undefined ? [] : [join(home, '.glance'), home];
  const snaps = [env['SNAP_COMMON'] ?? '', env['SNAP'] ?? ''].filter((snap) => snap !== '');
  const elsewhere = ['/etc/glance', '/etc', ...snaps.map((snap) => resolve(cwd, snap, 'etc/glance'))];
  return [
    ...atHome.map((dir) => ({ dir, mayBeClosed: true })),
    ...elsewhere.map((dir) => ({ dir, mayBeClosed: false })),
  ];
}

function firstPresent(places: readonly Place[], name: string): readonly string[] {
  const place = places.find(({ dir, mayBeClosed }) => isPresent(join(dir, name), mayBeClosed));
  return place === undefined ? [] : [join(place.dir, name)];
}

/** Where the system refuses to tell, reading will fail with the reason. */
function isPresent(path: string, mayBeClosed: boolean): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    return !(mayBeClosed && hasErrno(error, 'EACCES'));
  }
}

/** `~` is the home directory at the start of a path, also behind `--config-file=`, where no shell expands it. */
function absolute(path: string, request: SearchRequest): string {
  const home = homeOf(request);
  const isAtHome = path === '~' || path.startsWith('~/');
  return resolve(request.cwd, isAtHome && home !== undefined ? join(home, path.slice(1)) : path);
}

function homeOf({ homeDir, cwd }: Pick<SearchRequest, 'cwd' | 'homeDir'>): string | undefined {
  return homeDir === undefined || homeDir === '' ? undefined : resolve(cwd, homeDir);
}
