/**
 * Where a database is and how to get there: what a URL of SQLAlchemy's says, in plain data.
 */

/** A server's address. A host that begins with `/` is a socket: the file for MySQL, its folder for PostgreSQL. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * What TLS is asked for, in libpq's words (https://www.postgresql.org/docs/current/libpq-ssl.html): `allow` begins without,
 * `prefer` without where the server has none, `require` looks at no certificate, `verify-ca` at no name.
 */
export type TlsMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** The TLS of a connection; paths of PEM files. */
export interface TlsWish {
  readonly mode: TlsMode;
  /** What certificates are trusted; those that Node trusts when neither this nor a folder is named. */
  readonly caFile: string | undefined;
  readonly caFolder: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly keyPassword: string | undefined;
  /** As OpenSSL writes them. */
  readonly ciphers: string | undefined;
}

/** A database on a server. */
export interface ServerTarget {
  readonly dialect: 'mysql' | 'postgresql';
  /** The URL without its password and its parameters, for messages. */
  readonly label: string;
  /** At least one; tried in this order. */
  readonly addresses: readonly ServerAddress[];
  /** The name of the process's own user when absent. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string;
  readonly tls: TlsWish;
  readonly connectTimeoutSec: number;
  /** How long a statement may take, beside waiting for locks. */
  readonly readTimeoutSec: number;
  /** Settings of the session, as libpq's `options` gives them; PostgreSQL only. */
  readonly sessionOptions: string | undefined;
  /** Remarks on parameters that do nothing here, for debug level. No secret is in them. */
  readonly notes: readonly string[];
}

/** A database in a file. */
export interface FileTarget {
  readonly dialect: 'sqlite';
  readonly label: string;
  /** Absolute. */
  readonly path: string;
  readonly notes: readonly string[];
}

/** Any database that Glance may be configured with. */
export type DatabaseTarget = ServerTarget | FileTarget;
