/**
 * A database of SQLAlchemy's, as Glance is configured with one: a port over three engines. Statements are written once,
 * with `?` for each parameter; what engines spell differently is chosen by {@link Database.dialect}.
 */

/** The engines that Glance runs on. MariaDB counts as MySQL. */
export type Dialect = 'mysql' | 'postgresql' | 'sqlite';

/** What a statement may be given. Date-times are texts, in UTC: see `utc-date-time.ts`. */
export type SqlValue = string | number | bigint | null;

/** A row: the values in the order of the columns asked for. Date-times come as texts, large integers as numbers. */
export type SqlRow = readonly unknown[];

/** What runs statements. */
export interface Statements {
  readonly dialect: Dialect;
  /** The rows of a query. */
  rows(sql: string, ...parameters: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** Runs a statement that changes something. */
  run(sql: string, ...parameters: readonly SqlValue[]): Promise<void>;
}

/**
 * An opened database. Errors: CacheStateError INDEX_FOREIGN for a schema that is not Glance's or is older, INDEX_IO for a
 * connection that was lost or a transaction that another one has won against, CACHE_PERMISSION and CACHE_READ_ONLY for
 * what the account or the server may not do, CACHE_NO_SPACE; BusyError BUSY_INDEX for a lock that could not be had;
 * RemoteError REMOTE_UNREACHABLE, REMOTE_TLS, REMOTE_STALLED for a server that does not answer in time, REMOTE_STATUS for
 * what nobody foresaw; AuthError AUTH_REFUSED; ConfigError CONFIG_DATABASE, CONFIG_TLS.
 */
export interface Database extends Statements {
  /** The URL without its password, for messages. */
  readonly label: string;
  /**
   * Runs statements in one transaction, which is taken back when the work throws. Not to be nested. Where the commit
   * itself is INDEX_IO or REMOTE_STALLED, nobody knows whether it has happened.
   */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
  /** Ends the connection, without waiting for the server. */
  close(): void;
}
