/**
 * Faults as the ports raise them: a failed system call on a path of the cache, or a failed statement on the index.
 */
import { constants } from 'node:os';
import Database from 'better-sqlite3';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { fromErrno } from '../../src/errors/from-errno.ts';
import { fromSqlite } from '../../src/sqlite/sqlite-error.ts';
import type { Job } from '../crash/jobs.ts';

/** What system calls on the cache may fail with. */
export const ERRNOS = [
  'ENOSPC',
  'EIO',
  'EACCES',
  'EROFS',
  'EMFILE',
  'EDQUOT',
  'ENFILE',
  'EPERM',
  'EBUSY',
  'ELOOP',
  'ENAMETOOLONG',
] as const;

/** What statements on the index may fail with, and what SQLite says then. */
export const SQLITE_CODES = [
  ['SQLITE_FULL', 'database or disk is full'],
  ['SQLITE_IOERR_WRITE', 'disk I/O error'],
  ['SQLITE_IOERR_FSYNC', 'disk I/O error'],
  ['SQLITE_READONLY', 'attempt to write a readonly database'],
  ['SQLITE_CANTOPEN', 'unable to open database file'],
  ['SQLITE_BUSY', 'database is locked'],
  ['SQLITE_CORRUPT', 'database disk image is malformed'],
] as const;

/** A fault, and what the user has to be told of it. */
export interface PortFault {
  readonly error: unknown;
  readonly path: string;
  readonly cause: string;
}

/** libuv does not know this one. */
const UNKNOWN_TO_LIBUV = 'EDQUOT';

/** A failed system call. */
export function failedCall(layout: CacheLayout, step: string, errno: (typeof ERRNOS)[number]): PortFault {
  const path = `${layout.root}/${step.replaceAll(' ', '/')}`;
  const number = -constants.errno[errno];
  const code = errno === UNKNOWN_TO_LIBUV ? `Unknown system error ${number}` : errno;
  const call = Object.assign(new Error(`${code}: as told, ${step}`), { code, errno: number, syscall: step, path });
  return { error: fromErrno('work on', path, call), path, cause: `(${errno})` };
}

/** A failed statement. */
export function failedStatement(layout: CacheLayout, [code, text]: (typeof SQLITE_CODES)[number]): PortFault {
  const error = fromSqlite('work on', layout.index, new Database.SqliteError(text, code));
  return { error, path: layout.index, cause: text };
}

const INDEX_STEPS = ['begin', 'insert', 'put', 'remove', 'set size', 'commit', 'list rows', 'look row', 'look index'];

/** What may go wrong at a step of a job. */
export function faultsAt(layout: CacheLayout, step: string, job: Job): readonly PortFault[] {
  if (INDEX_STEPS.includes(step)) {
    // An index that is said to be damaged is what a repair replaces: that is its success, and no fault.
    const codes = SQLITE_CODES.filter(([code]) => job !== 'repair' || code !== 'SQLITE_CORRUPT');
    return codes.map((code) => failedStatement(layout, code));
  }
  return ERRNOS.map((errno) => failedCall(layout, step, errno));
}
