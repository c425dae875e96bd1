/**
 * How to reach a database server of the tests: plain data, which the global set-up provides and test files inject.
 */
import { ACCOUNTS, type AccountName } from './accounts.ts';

/** The servers that Glance runs on. */
export type Engine = 'mariadb' | 'postgresql';

/** Both, for tests that hold for both. */
export const ENGINES: readonly Engine[] = ['mariadb', 'postgresql'];

/** A server on this machine. */
export interface ServerAddress {
  readonly engine: Engine;
  /** On 127.0.0.1, and nowhere else. */
  readonly port: number;
  /** What clients name to reach it without TCP: MariaDB's socket, the folder that PostgreSQL's lies in. */
  readonly socket: string;
  /** Holds all that the server writes. */
  readonly folder: string;
}

/** What the names of all databases of the tests begin with: the accounts have rights in those. */
export const DATABASE_PREFIX = 'glance_of_';

/** What a connection URL may say. */
export interface UrlParts {
  readonly account?: AccountName;
  /** In place of the account's own. */
  readonly password?: string;
  readonly host?: string;
  readonly port?: number;
  /** In place of `mysql+pymysql` and `postgresql+psycopg2`. */
  readonly scheme?: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** The schemes as Glance's installation guides write them. */
const SCHEMES: Readonly<Record<Engine, string>> = { mariadb: 'mysql+pymysql', postgresql: 'postgresql+psycopg2' };

/** The URL of a database as SQLAlchemy takes it: for `[database] connection`. */
export function connectionUrl(address: ServerAddress, database: string, parts: UrlParts = {}): string {
  const { account = 'glance', host = '127.0.0.1', port = address.port, scheme = SCHEMES[address.engine] } = parts;
  const password = escaped(parts.password ?? ACCOUNTS[account]);
  const query = new URLSearchParams(parts.query).toString();
  const search = query === '' ? '' : `?${query}`;
  return `${scheme}://${account}:${password}@${host}:${port}/${database}${search}`;
}

/** The same, over the socket in the file system. */
export function socketUrl({ engine, socket, port }: ServerAddress, database: string): string {
  const login = `glance:${escaped(ACCOUNTS.glance)}`;
  return engine === 'mariadb'
    ? `${SCHEMES[engine]}://${login}@localhost/${database}?unix_socket=${encodeURIComponent(socket)}`
    : `${SCHEMES[engine]}://${login}@/${database}?host=${encodeURIComponent(socket)}&port=${port}`;
}

/** A password as in a URL of SQLAlchemy's: a plus and a colon stand for themselves. */
function escaped(password: string): string {
  return encodeURIComponent(password).replaceAll('%2B', '+').replaceAll('%3A', ':');
}

declare module 'vitest' {
  interface ProvidedContext {
    servers: Readonly<Record<Engine, ServerAddress>>;
  }
}
