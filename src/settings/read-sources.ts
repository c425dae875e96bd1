import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '../errors/cache-error.ts';
import { describeErrno, hasErrno, isSystemError, type SystemError } from '../errors/errno.ts';
import { shellWord, THIS_COMMAND } from '../errors/next-step.ts';
import { printable } from '../text/printable.ts';
import { type ConfFile, parseConfFile } from './conf-file.ts';
import type { ConfigSource } from './search.ts';

/**
 * Reads configuration files. Every file that is named must be there and be readable: a program that prunes by its
 * defaults because it could not read its configuration removes the wrong images.
 */

/**
 * The files of some sources, in order; a folder contributes its `*.conf`.
 *
 * @param sources absolute paths
 * @param onSkipped hears of each default source that cannot be read or parsed, which is passed over then; without it,
 *   that is an error
 * @throws ConfigError CONFIG_DIR_NOT_FOUND, CONFIG_PARSE, CONFIG_FILE_NOT_FOUND, CONFIG_FILE_UNREADABLE. All files are
 *   read before one is reported missing, so that the message names all that are
 */
export function readSources(
  sources: readonly ConfigSource[],
  onSkipped?: (error: ConfigError) => void,
): readonly ConfFile[] {
  if (onSkipped === undefined) return readAll(sources);
  const isDefault = (source: ConfigSource): boolean => source.isDefault === true;
  // The default ones come first.
  const defaults = sources.filter(isDefault).flatMap((source) => {
    try {
      return readAll([source]);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      onSkipped(error);
      return [];
    }
  });
  return [...defaults, ...readAll(sources.filter((source) => !isDefault(source)))];
}

function readAll(sources: readonly ConfigSource[]): readonly ConfFile[] {
  const paths = sources.flatMap(({ kind, path }) => (kind === 'file' ? [path] : confFilesIn(path)));
  const files: ConfFile[] = [];
  const missing: string[] = [];
  const unreadable: UnreadableFile[] = [];
  for (const path of paths) {
    const read = readRegularFile(path);
    if (read.kind === 'bytes') files.push(parseConfFile(path, read.bytes));
    else if (read.kind === 'missing') missing.push(path);
    else unreadable.push({ path, ...read });
  }
  if (missing.length > 0) throw notFound(missing);
  if (unreadable.length > 0) throw notReadable(unreadable);
  return files;
}

/** A file that is there and cannot be read. */
export interface UnreadableFile {
  readonly path: string;
  readonly reason: string;
  /** Others may read it. */
  readonly isForbidden: boolean;
}

/** What became of the attempt to read a file. */
export type ReadOutcome =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'missing' }
  | ({ readonly kind: 'unreadable' } & Pick<UnreadableFile, 'reason' | 'isForbidden'>);

/**
 * The `*.conf` of a folder, hidden ones excepted, by code point: 10 before 9, Z before a.
 *
 * @throws ConfigError CONFIG_DIR_NOT_FOUND, CONFIG_FILE_UNREADABLE
 */
export function confFilesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map((name) => join(dir, name));
  } catch (error) {
    if (isSystemError(error)) throw dirError(dir, error);
    throw error;
  }
}

/** The bytes of a file, if it is one: a pipe is not waited for. */
export function readRegularFile(path: string): ReadOutcome {
  let descriptor: number | undefined;
  try {
    // Opening a pipe would wait for somebody to write into it.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stats = fstatSync(descriptor);
    if (isNullDevice(stats)) return { kind: 'bytes', bytes: new Uint8Array() };
    if (!stats.isFile()) return { kind: 'unreadable', isForbidden: false, reason: `it is ${describeKind(stats)}` };
    return { kind: 'bytes', bytes: readFileSync(descriptor) };
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return { kind: 'missing' };
    if (isSystemError(error)) {
      return { kind: 'unreadable', isForbidden: hasErrno(error, 'EACCES', 'EPERM'), reason: describeErrno(error) };
    }
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** `--config-file /dev/null` is how scripts ask for no configuration. Linux gives it major number 1, minor number 3. */
function isNullDevice(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0x103;
}

function describeKind(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a pipe';
  return 'a device';
}

/** The error that says of files that they are not there. */
export function notFound(paths: readonly string[]): ConfigError {
  return new ConfigError(
    'CONFIG_FILE_NOT_FOUND',
    `Cannot find ${count(paths)} ${paths.map(printable).join(', ')}: no such file`,
    {
      hint: `Check the path after --config-file, or leave the flag out to read the default files; what is there: ls -ld ${shellWord(dirname(paths[0] ?? ''))}`,
      details: { files: paths },
    },
  );
}

/** The error that says why files cannot be read. */
export function notReadable(files: readonly UnreadableFile[]): ConfigError {
  const paths = files.map(({ path }) => path);
  const reasons = files.map(({ path, reason }) => `${printable(path)}: ${reason}`);
  return new ConfigError('CONFIG_FILE_UNREADABLE', `Cannot read ${count(paths)} ${reasons.join(', ')}`, {
    hint: files.some(({ isForbidden }) => isForbidden)
      ? `Run the program as a user who may read it, such as glance or root: sudo ${THIS_COMMAND}`
      : `Name a file with --config-file, and a folder with --config-dir; what that is: ls -ld ${shellWord(paths[0] ?? '')}`,
    details: { files: paths },
  });
}

function count(paths: readonly string[]): string {
  return paths.length === 1 ? 'configuration file' : 'configuration files';
}

function dirError(dir: string, error: SystemError): ConfigError {
  const details = { dir, errno: error.code };
  if (hasErrno(error, 'EACCES')) {
    return new ConfigError(
      'CONFIG_FILE_UNREADABLE',
      `Cannot read configuration folder ${printable(dir)}: ${describeErrno(error)}`,
      {
        hint: `Run the program as a user who may read the folder, such as glance or root: sudo ${THIS_COMMAND}`,
        details,
        cause: error,
      },
    );
  }
  return new ConfigError(
    'CONFIG_DIR_NOT_FOUND',
    `Cannot read configuration folder ${printable(dir)}: ${describeErrno(error)}`,
    {
      hint: `Check the path after --config-dir, as a single file is named with --config-file: ls -ld ${shellWord(dir)}`,
      details,
      cause: error,
    },
  );
}
