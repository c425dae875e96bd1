import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../errors/cache-error.ts';
import { describeErrno, errnoOf, hasErrno, isSystemError, unlessAbsent } from '../errors/errno.ts';
import { KERNEL_LOG, shellWord, THIS_COMMAND } from '../errors/next-step.ts';
import { printable } from '../text/printable.ts';
import type { LogFormat } from './log-format.ts';
import type { Complain, LogTarget } from './log-target.ts';

/**
 * Appends records to a log file, each with one system call, so that several programs may share the file and nothing
 * is lost when this one is killed. A file that cannot be opened at the start is an error of configuration; one that
 * fails later is only complained about.
 */

/** Opens a file as `fs.openSync` does; lets the owner decide with which rights. */
export type OpenFile = (path: string, flags: number, mode: number) => number;

/** How to keep a log file. */
export interface FileSinkOptions {
  readonly path: string;
  readonly format: LogFormat;
  readonly complain: Complain;
  /** Whether to open anew when the path names another file, as after logrotate: `watch_log_file`. */
  readonly watch: boolean;
  readonly open?: OpenFile;
}

// O_NOFOLLOW: root may be the one who opens, and a folder of logs is often writable by the service: a link there
// would have root write anywhere. O_NONBLOCK: a FIFO nobody reads would hold up the run; files do not care.
const FLAGS =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  constants.O_NOFOLLOW |
  constants.O_NOCTTY |
  constants.O_NONBLOCK;

// Logs name images and servers: for the service and its group, as its other files.
const MODE = 0o640;

function hintOn(errno: string, path: string): string {
  const [file, folder] = [path, dirname(path)].map(shellWord);
  const hints: Readonly<Record<string, string>> = {
    ENOENT: `Change log_file or log_dir, or create the folder: sudo install -d -o glance -g glance ${folder}`,
    ENOTDIR: `Change log_file or log_dir to a path whose folders exist; what is there: ls -ld ${folder}`,
    EISDIR: `Name a file with log_file; a folder belongs in log_dir: ${THIS_COMMAND} --log-dir ${file}`,
    ELOOP: `Name the file itself, as symbolic links are not followed: readlink -f ${file}`,
    EROFS: `Change log_file or log_dir to a path on a file system that can be written: df ${folder}`,
    ENOSPC: `Change log_file or log_dir, or free some space on that file system: df -h ${folder}`,
    EDQUOT: `Change log_file or log_dir, or free some space on that file system: df -h ${folder}`,
    EMFILE: 'Allow more open files, then run the command again: ulimit -n 65536',
    ENFILE: 'Allow more open files, then run the command again: ulimit -n 65536',
    EIO: `Look at that path and at the log of the kernel, then run the command again: ${KERNEL_LOG}`,
  };
  return (
    hints[errno] ??
    `Change log_file or log_dir, or let the user who runs this write the file; who may now: ls -ld ${folder} ${file}`
  );
}

function reasonOf(error: unknown): string {
  return isSystemError(error) ? describeErrno(error) : String(error);
}

/**
 * Opens a log file, making it where it is missing, with mode 0640 less the umask.
 *
 * @throws ConfigError `CONFIG_LOG` when it cannot be opened
 */
export function openFileSink(options: FileSinkOptions): LogTarget {
  try {
    return new FileSink(options);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new ConfigError('CONFIG_LOG', `Cannot open log file '${printable(options.path)}': ${describeErrno(error)}`, {
      hint: hintOn(errnoOf(error), options.path),
      details: { path: options.path, errno: errnoOf(error) },
      cause: error,
    });
  }
}

class FileSink implements LogTarget {
  private readonly options: FileSinkOptions;
  private readonly open: OpenFile;
  private descriptor: number | undefined;
  private opened: Stats;
  private complained = false;
  private torn = false;

  constructor(options: FileSinkOptions) {
    this.options = options;
    this.open = options.open ?? openSync;
    this.descriptor = this.open(options.path, FLAGS, MODE);
    this.opened = fstatSync(this.descriptor);
  }

  write(level: Parameters<LogTarget['write']>[0], message: string): void {
    if (this.descriptor === undefined) return;
    const line = `${this.options.format(level, message)}\n`;
    try {
      if (this.options.watch) this.reopenIfMoved();
    } catch (error) {
      this.complainOnce('open', error);
    }
    try {
      this.append(this.descriptor, line);
    } catch (error) {
      this.complainOnce('write', error);
    }
  }

  close(): Promise<void> {
    const descriptor = this.descriptor;
    this.descriptor = undefined;
    if (descriptor === undefined) return Promise.resolve();
    try {
      closeSync(descriptor);
    } catch (error) {
      // NFS says at the close that what was written before found no space.
      this.complainOnce('write', error);
    }
    return Promise.resolve();
  }

  private append(descriptor: number, line: string): void {
    // After a full disk the file may end in half a line; the next record must not become a part of it.
    const bytes = Buffer.from(this.torn ? `\n${line}` : line);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(descriptor, bytes, written);
      this.torn = false;
    } catch (error) {
      this.torn ||= written > 0;
      throw error;
    }
  }

  /** The old file stays in use until the new one is open: no record falls between. */
  private reopenIfMoved(): void {
    const { path } = this.options;
    const found = unlessAbsent(() => lstatSync(path));
    if (found !== undefined && found.dev === this.opened.dev && found.ino === this.opened.ino) return;
    const descriptor = this.open(path, FLAGS, MODE);
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = descriptor;
    this.opened = fstatSync(descriptor);
    this.torn = false;
  }

  private complainOnce(verb: 'open' | 'write', error: unknown): void {
    if (this.complained) return;
    this.complained = true;
    const lost = hasErrno(error, 'ENOSPC', 'EDQUOT') ? '; records are lost until there is space' : '';
    this.options.complain(`Cannot ${verb} log file '${printable(this.options.path)}': ${reasonOf(error)}${lost}`);
  }
}
