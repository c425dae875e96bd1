/**
 * Trouble with a database, told as errors of the toolkit. What a server says is made printable and cut short; passwords
 * are in none of it.
 */

import {
  AuthError,
  BusyError,
  type CacheError,
  type CacheStateCode,
  CacheStateError,
  ConfigError,
  type ErrorExtras,
  type RemoteCode,
  RemoteError,
} from '../errors/cache-error.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import { printable } from '../text/printable.ts';
import { codeOf, type Trouble } from './trouble.ts';

/** What was attempted on which database. */
export interface Attempt {
  /** "connect to", "read", "write to". */
  readonly verb: string;
  readonly label: string;
  /** Never to be repeated. */
  readonly password?: string | undefined;
}

/** More than any sensible message of a server. */
const MAX_TEXT = 300;

/** The URL itself is secret: what tells where it is set does not show it. */
const WHERE_SET = '[database] connection: glance-cache-manage config | grep -w connection';

const RUN_AGAIN = `If it fails again, look at the log of the database server: ${THIS_COMMAND}`;

const REACH = `Check that the database server runs and can be reached from here, and ${WHERE_SET}`;

type Make = (message: string, extras: ErrorExtras) => CacheError;

const MAKE: Readonly<Record<Trouble, Make>> = {
  lost: state('INDEX_IO', RUN_AGAIN),
  conflict: state('INDEX_IO', RUN_AGAIN),
  forbidden: state(
    'CACHE_PERMISSION',
    'Use the account of glance-api, or let this one change its tables: GRANT SELECT, INSERT, UPDATE, DELETE ON glance.* TO glance',
  ),
  schema: state(
    'INDEX_FOREIGN',
    'The centralized_db driver needs the tables of release 2024.1: check that [database] connection names the database of Glance, and run "glance-manage db_sync expand" of that release or a later one',
  ),
  'read-only': state(
    'CACHE_READ_ONLY',
    `This one is a replica, or was made read-only: name a server that takes changes in ${WHERE_SET}`,
  ),
  full: state('CACHE_NO_SPACE', 'Free some space on the file system of the database: df -h'),
  // Not INDEX_CORRUPT: that is an index which a repair replaces, and this is all of Glance's database.
  corrupt: state(
    'INDEX_IO',
    'Repair the database of Glance with the tools of its server, such as "mysqlcheck glance", or restore it from a backup',
  ),
  busy: (message, extras) =>
    new BusyError('BUSY_INDEX', message, {
      ...extras,
      hint: `Another transaction holds the rows; to give it more time: ${THIS_COMMAND} --lock-timeout 60s`,
    }),
  refused: (message, extras) =>
    new AuthError('AUTH_REFUSED', message, {
      ...extras,
      hint: `Check user and password, whose special characters are percent-encoded, in ${WHERE_SET}`,
    }),
  'no-database': (message, extras) =>
    new ConfigError('CONFIG_DATABASE', message, {
      ...extras,
      hint: `It must be Glance's own: check its name in ${WHERE_SET}`,
    }),
  tls: remote(
    'REMOTE_TLS',
    `Check the certificate of the server, and the TLS parameters, such as ssl_ca, or sslmode and sslrootcert, in ${WHERE_SET}`,
    false,
  ),
  stalled: remote('REMOTE_STALLED', RUN_AGAIN, true),
  failed: remote('REMOTE_STATUS', `Look at what the database server says, at its log, and at ${WHERE_SET}`, false),
  unreachable: remote('REMOTE_UNREACHABLE', REACH, true),
  'not-ready': remote('REMOTE_UNREACHABLE', REACH, true),
};

function state(code: CacheStateCode, hint: string): Make {
  return (message, extras) => new CacheStateError(code, message, { ...extras, hint });
}

function remote(code: RemoteCode, hint: string, isTransient: boolean): Make {
  return (message, extras) => new RemoteError(code, message, { ...extras, hint, isTransient });
}

/** The error to raise for trouble of a known kind. */
export function databaseError(attempt: Attempt, trouble: Trouble, error: unknown): CacheError {
  const { verb, label } = attempt;
  const message = `Cannot ${verb} the database ${label}: ${textOf(attempt, error)}`;
  return MAKE[trouble](message, { details: { database: label, database_error: numberOf(error) }, cause: error });
}

/** What the error says, on one line. */
function textOf({ password }: Attempt, error: unknown): string {
  // Several addresses that all failed: Node tells about each, and nothing about all.
  const told = error instanceof AggregateError ? error.errors : [error];
  const texts = told.map((one) => (one instanceof Error ? one.message : String(one))).filter((text) => text !== '');
  const text = texts.join(', ') || (codeOf(error) ?? 'it failed');
  const harmless = password === undefined || password === '' ? text : text.replaceAll(password, '***');
  return printable(harmless).replace(/\.$/, '').slice(0, MAX_TEXT);
}

/** MySQL's number, or the code of all others. */
function numberOf(error: unknown): string | number | undefined {
  if (error instanceof Error && 'errno' in error && typeof error.errno === 'number' && error.errno > 0) {
    return error.errno;
  }
  return codeOf(error);
}
