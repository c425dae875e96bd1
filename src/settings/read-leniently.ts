/**
 * Reads configuration files that may be broken, for whoever is to say what is wrong with them: what can be understood of
 * a file is kept, and all its faults are told at once. No run that works on a cache may read them so.
 */
import { ConfigError } from '../errors/cache-error.ts';
import { type ConfFile, parseConfFile } from './conf-file.ts';
import { confFilesIn, notFound, notReadable, readRegularFile } from './read-sources.ts';
import type { ConfigSource } from './search.ts';

/** More of them are one fault: the file is no configuration file. */
const MOST_FAULTS = 10;

/** Reads files, each once however often it is asked for. */
export class LenientReader {
  readonly #read = new Map<string, ConfFile>();
  readonly #folders = new Map<string, readonly string[]>();
  readonly #problems: ConfigError[] = [];

  /** What has kept files, folders and lines from being read so far, in order. */
  get problems(): readonly ConfigError[] {
    return this.#problems;
  }

  /** All files so far, those that could not be read with nothing in them. */
  get files(): readonly ConfFile[] {
    return [...this.#read.values()];
  }

  /** The files of some sources, in order; never throws for what is wrong with them. */
  filesOf(sources: readonly ConfigSource[]): readonly ConfFile[] {
    const paths = sources.flatMap(({ kind, path }) => (kind === 'file' ? [path] : this.#pathsIn(path)));
    return paths.map((path) => this.#file(path));
  }

  #pathsIn(folder: string): readonly string[] {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    let paths: readonly string[] = [];
    try {
      paths = confFilesIn(folder);
    } catch (error) {
      this.#problems.push(asProblem(error));
    }
    this.#folders.set(folder, paths);
    return paths;
  }

  #file(path: string): ConfFile {
    const known = this.#read.get(path);
    if (known !== undefined) return known;
    const outcome = readRegularFile(path);
    let file: ConfFile = { path, assignments: [], warnings: [], swallowed: [] };
    if (outcome.kind === 'bytes') {
      const { parsed, problems } = parseLeniently(path, outcome.bytes);
      this.#problems.push(...problems);
      file = parsed ?? file;
    } else {
      this.#problems.push(outcome.kind === 'missing' ? notFound([path]) : notReadable([{ path, ...outcome }]));
    }
    this.#read.set(path, file);
    return file;
  }
}

/** What can be understood of a file, and every fault in it. */
export interface LenientParse {
  /** Undefined where there are too many faults for a configuration file. */
  readonly parsed: ConfFile | undefined;
  readonly problems: readonly ConfigError[];
}

/** Parses a file, and again without each line that is at fault. */
export function parseLeniently(path: string, bytes: Uint8Array): LenientParse {
  // No byte of a multi-byte character equals a line end: lines can be taken out of text that is no UTF-8.
  const parts = Buffer.from(bytes)
    .toString('latin1')
    .split(/(\r\n|\n|\r)/);
  const problems: ConfigError[] = [];
  while (problems.length < MOST_FAULTS) {
    try {
      return { parsed: parseConfFile(path, Buffer.from(parts.join(''), 'latin1')), problems };
    } catch (error) {
      const problem = asProblem(error);
      problems.push(problem);
      const line = Number(problem.details?.['line']);
      const place = (line - 1) * 2;
      const text = parts[place];
      if (text === undefined) break;
      parts[place] = withoutFault(text);
    }
  }
  return { parsed: undefined, problems };
}

/** A UTF-8 byte order mark, byte by byte. */
const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/** A heading is kept: else all that stands below it would be at fault as well. */
function withoutFault(line: string): string {
  if (line.startsWith(BYTE_ORDER_MARK)) return line.slice(BYTE_ORDER_MARK.length);
  const heading = /^\[[^\]\x80-\xff]+\]/.exec(line)?.[0];
  return heading === undefined || heading === line.trimEnd() ? '' : heading;
}

function asProblem(error: unknown): ConfigError {
  if (error instanceof ConfigError) return error;
  throw error;
}
