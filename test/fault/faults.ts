/**
 * Faults as the ports raise them: a failed system call on a path of the cache, or a failed statement on the index.
 */
import { constants } from 'node:os';
import Database from 'better-sqlite3';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { databaseError } from '../../src/database/database-error.ts';
import type { Trouble } from '../../src/database/trouble.ts';
import { fromErrno } from '../../src/errors/from-errno.ts';
import { fromSqlite } from '../../src/sqlite/sqlite-error.ts';
import type { Job } from '../crash/jobs.ts';
import { centralDatabase } from '../support/row-keepers.ts';

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

/**
 * What calls on attributes may fail with. That there is none (ENODATA) is an answer; and what belongs to somebody else
 * (EPERM, EACCES) is not adopted, which is no failure.
 */
const ATTRIBUTE_ERRNOS = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS'] as const;

/** What a look at them may fail with. Whoever has no right to look takes it for an answer, too. */
const ATTRIBUTE_LOOK_ERRNOS = ['EIO', 'ENOMEM'] as const;

/** A failed call on the attributes of a file, as fs-xattr throws it; who it belongs to is known above. */
function failedAttribute({ root }: CacheLayout, errno: keyof typeof constants.errno): PortFault {
  const error = Object.assign(new Error('as told'), { code: errno, errno: constants.errno[errno] });
  return { error, path: root, cause: `(${errno})` };
}

/** What may be wrong with Glance's own database, and what its server says then. */
const TROUBLES: readonly (readonly [Trouble, string])[] = [
  ['lost', 'the connection was lost'],
  ['conflict', 'Deadlock found when trying to get lock'],
  ['busy', 'Lock wait timeout exceeded'],
  ['read-only', 'The server is running with the --read-only option'],
  ['full', 'The table is full'],
  ['forbidden', 'command denied to user'],
  ['unreachable', 'connect ECONNREFUSED'],
  ['stalled', 'canceling statement due to statement timeout'],
  ['schema', 'no such table'],
];

/** A failed statement on Glance's own database. */
function failedInDatabase(layout: CacheLayout, [trouble, text]: (typeof TROUBLES)[number]): PortFault {
  const label = `sqlite:///${centralDatabase(layout)}`;
  return {
    error: databaseError({ verb: 'work on', label }, trouble, new Error(text)),
    path: label,
    cause: text.replace(/\.$/, ''),
  };
}

const INDEX_STEPS = ['begin', 'insert', 'put', 'remove', 'set size', 'commit', 'list rows', 'look row', 'look index'];

/** What may go wrong at a step of a job. */
export function faultsAt(layout: CacheLayout, step: string, job: Job): readonly PortFault[] {
  if (step === 'look attribute') return ATTRIBUTE_LOOK_ERRNOS.map((errno) => failedAttribute(layout, errno));
  if (step.endsWith(' attribute')) return ATTRIBUTE_ERRNOS.map((errno) => failedAttribute(layout, errno));
  if (step.endsWith(' in database')) return TROUBLES.map((trouble) => failedInDatabase(layout, trouble));
  if (INDEX_STEPS.includes(step)) {
    // An index that is said to be damaged is what a repair replaces: that is its success, and no fault.
    const codes = SQLITE_CODES.filter(([code]) => job !== 'repair' || code !== 'SQLITE_CORRUPT');
    return codes.map((code) => failedStatement(layout, code));
  }
  return ERRNOS.map((errno) => failedCall(layout, step, errno));
}
