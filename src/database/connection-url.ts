/**
 * `[database] connection`, as SQLAlchemy would understand it: which database, where, and how to get there. Pure. The
 * password is in the result and nowhere else: no label, no message, no note has it.
 */
import { ConfigError } from '../errors/cache-error.ts';
import { printable } from '../text/printable.ts';
import type { DatabaseTarget, FileTarget } from './database-target.ts';
import { mysqlTarget } from './mysql-url.ts';
import { postgresqlTarget } from './postgresql-url.ts';
import { UrlParameters, type UrlSource, urlError } from './url-parameters.ts';
import { type UrlParts, urlParts } from './url-parts.ts';

// Without a password: what looks like one is masked wherever it is shown.
const FORMS =
  'Write it as SQLAlchemy does, as in connection = mysql+pymysql://user@host/glance, or postgresql://user@host/glance or sqlite:////var/lib/glance/glance.sqlite; a password follows the user and a colon';

/** What a URL comes from. */
export interface ConnectionSettings {
  /** `[database] connection`. */
  readonly url: string;
  /** `[database] connection_parameters`: oslo.db adds them to those of the URL. */
  readonly parameters: string;
  /** Where the URL is set, for messages: "/etc/glance/glance-api.conf, line 7". */
  readonly origin: string;
}

/**
 * The database that a URL names.
 *
 * @throws ConfigError CONFIG_DATABASE
 */
export function parseConnectionUrl({ url, parameters, origin }: ConnectionSettings): DatabaseTarget {
  const parts = urlParts(withParameters(url.trim(), parameters.trim()));
  if (parts === undefined) {
    throw new ConfigError(
      'CONFIG_DATABASE',
      `Cannot use [database] connection from ${origin}: it is not a database URL`,
      {
        hint: FORMS,
      },
    );
  }
  const source = { label: labelOf(parts), origin };
  switch (parts.backend) {
    case 'mysql':
    case 'mariadb':
      refuseMisread(parts, source);
      return mysqlTarget(parts, source);
    case 'postgresql':
    case 'postgres':
      refuseMisread(parts, source);
      return postgresqlTarget(parts, source);
    case 'sqlite':
      return sqliteTarget(parts, source);
    default:
      throw urlError(source, `${JSON.stringify(parts.backend)} is none of mysql, mariadb, postgresql, sqlite`, FORMS);
  }
}

function withParameters(url: string, parameters: string): string {
  if (parameters === '') return url;
  return `${url}${url.includes('?') ? '&' : '?'}${parameters}`;
}

/** A password that is not percent-encoded spills into what follows it; nothing of that may be shown. */
function isMisread({ host = '', port = '', database = '', query }: UrlParts): boolean {
  const isOdd = /[@\s]/.test(host) || /\D/.test(port) || database.includes('@');
  return isOdd || [...query.keys()].some((name) => name.includes('@'));
}

function refuseMisread(parts: UrlParts, source: UrlSource): void {
  if (!isMisread(parts)) return;
  throw urlError(
    source,
    'its host, port or database has characters that it cannot have',
    'Percent-encode what is special in the user and the password, so that "@" is written as %40, ":" as %3A, "/" as %2F and "%" as %25',
  );
}

function labelOf(parts: UrlParts): string {
  const { backend, driver, user, host, port, database } = parts;
  const scheme = driver === '' ? backend : `${backend}+${driver}`;
  if (isMisread(parts)) return `${printable(scheme)}://...`;
  const shownHost = host?.includes(':') === true ? `[${host}]` : (host ?? '');
  const account = user === undefined ? '' : `${encodeURIComponent(user.replace(/\p{Surrogate}/gu, '\ufffd'))}@`;
  return printable(`${scheme}://${account}${shownHost}${port === undefined ? '' : `:${port}`}/${database ?? ''}`);
}

function sqliteTarget(parts: UrlParts, source: UrlSource): FileTarget {
  if (
    parts.user !== undefined ||
    parts.password !== undefined ||
    parts.host !== undefined ||
    parts.port !== undefined
  ) {
    throw urlError(
      source,
      'a URL of SQLite has no host',
      'Write the path after three slashes: connection = sqlite:////var/lib/glance/glance.sqlite',
    );
  }
  const { database } = parts;
  if (database === undefined || database === ':memory:' || database.startsWith('file:')) {
    throw urlError(source, 'that is no file which glance-api and this program could share', FORMS);
  }
  if (!database.startsWith('/')) {
    throw urlError(
      source,
      'its path is relative to the folder that glance-api was started in',
      `Write an absolute path in glance-api.conf, with four slashes: connection = sqlite:////var/lib/glance/${database}`,
    );
  }
  const notes = new UrlParameters(parts.query, source).notes('timeout', 'check_same_thread');
  return { dialect: 'sqlite', label: source.label, path: database, notes };
}
