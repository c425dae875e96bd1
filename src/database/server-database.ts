/**
 * A database on a server: one connection, made when it is needed. A connection that is found lost before anything was
 * begun on it is made anew, once; no server can hang a run; a signal ends what waits, but no commit.
 */
import { userInfo } from 'node:os';
import { CacheError, ConfigError, RemoteError } from '../errors/cache-error.ts';
import type { Database, SqlRow, SqlValue, Statements } from './database.ts';
import { databaseError } from './database-error.ts';
import type { ServerAddress, ServerTarget } from './database-target.ts';
import { readTlsMaterial, type TlsMaterial } from './tls-material.ts';
import type { Trouble } from './trouble.ts';
import type { Engine, Wire } from './wire.ts';

/** What a database is opened with. */
export interface ServerDatabaseOptions {
  readonly target: ServerTarget;
  readonly engine: Engine;
  /** Sorts what the engine throws. */
  readonly troubleOf: (error: unknown) => Trouble | undefined;
  /** The longest wait for a lock of another transaction. */
  readonly lockTimeoutSec: number;
  /** Aborted when the run is to stop. */
  readonly signal: AbortSignal;
}

/** Other transactions hold their locks for milliseconds, and MySQL counts in seconds. */
const LEAST_LOCK_TIMEOUT_SEC = 1;

const NEVER = new AbortController().signal;

/** {@link Database} on a server. Nothing is connected before the first statement. */
export class ServerDatabase implements Database {
  readonly dialect: ServerTarget['dialect'];
  readonly label: string;
  readonly #options: ServerDatabaseOptions;
  readonly #lockTimeoutSec: number;
  #wire: Wire | undefined;

  constructor(options: ServerDatabaseOptions) {
    this.#options = options;
    this.dialect = options.target.dialect;
    this.label = options.target.label;
    this.#lockTimeoutSec = Math.max(options.lockTimeoutSec, LEAST_LOCK_TIMEOUT_SEC);
  }

  rows(sql: string, ...parameters: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#onceAgain(() => this.#query('read', sql, parameters));
  }

  async run(sql: string, ...parameters: readonly SqlValue[]): Promise<void> {
    await this.#query('write to', sql, parameters);
  }

  async transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    await this.#onceAgain(() => this.#query('write to', 'BEGIN'));
    try {
      const result = await work({
        dialect: this.dialect,
        rows: (sql, ...parameters) => this.#query('read', sql, parameters),
        run: async (sql, ...parameters) => void (await this.#query('write to', sql, parameters)),
      });
      // Not to be interrupted: what was renamed on disk and what is in the database must agree.
      await this.#query('write to', 'COMMIT', [], NEVER);
      return result;
    } catch (error) {
      await this.#rollBack();
      throw error;
    }
  }

  close(): void {
    this.#wire?.destroy();
    this.#wire = undefined;
  }

  /** Nothing was begun: a connection that a server or a firewall has dropped meanwhile is no failure yet. */
  async #onceAgain<T>(call: () => Promise<T>): Promise<T> {
    const isOpen = this.#wire !== undefined;
    try {
      return await call();
    } catch (error) {
      if (!isOpen || this.#wire !== undefined || !(error instanceof CacheError) || error.code !== 'INDEX_IO')
        throw error;
      return call();
    }
  }

  async #query(
    verb: string,
    sql: string,
    parameters: readonly SqlValue[] = [],
    signal = this.#options.signal,
  ): Promise<readonly SqlRow[]> {
    signal.throwIfAborted();
    this.#wire ??= await this.#connect();
    const wire = this.#wire;
    const limitSec = this.#options.target.readTimeoutSec + this.#lockTimeoutSec;
    try {
      return await withinTime(wire.query(sql, parameters), {
        limitSec,
        signal,
        onTimeout: () => this.#stalled(verb, limitSec),
      });
    } catch (error) {
      const told = error === signal.reason ? error : this.#toldOf(verb, error);
      // After a refusal the connection is as good as before; after anything else nobody knows what is under way on it.
      if (!(told instanceof CacheError) || !this.#isUsable(error)) this.close();
      throw told;
    }
  }

  /** What the server itself has refused leaves the connection usable. */
  #isUsable(error: unknown): boolean {
    const trouble = this.#options.troubleOf(error);
    return trouble !== undefined && trouble !== 'lost' && trouble !== 'unreachable' && trouble !== 'tls';
  }

  #toldOf(verb: string, error: unknown): unknown {
    const trouble = this.#options.troubleOf(error);
    if (trouble === undefined) return error;
    const { label, password } = this.#options.target;
    return databaseError({ verb, label, password }, trouble, error);
  }

  async #rollBack(): Promise<void> {
    if (this.#wire === undefined) return;
    try {
      await this.#query('write to', 'ROLLBACK', [], NEVER);
    } catch {
      // Without the connection the server rolls back as well; the error that led here is the one to tell.
      this.close();
    }
  }

  /** Tries one address after the other, for as long as they cannot be reached. */
  async #connect(): Promise<Wire> {
    const { target } = this.#options;
    const { mode } = target.tls;
    const material = mode === 'disable' ? undefined : readTlsMaterial(target.tls);
    let failure: unknown;
    for (const address of target.addresses) {
      try {
        return await this.#connectTo(address, material);
      } catch (error) {
        failure = error;
        if (!(error instanceof RemoteError) || error.code !== 'REMOTE_UNREACHABLE') throw error;
      }
    }
    throw failure;
  }

  async #connectTo(address: ServerAddress, tls: TlsMaterial | undefined): Promise<Wire> {
    const { engine, troubleOf, target } = this.#options;
    const { mode } = target.tls;
    // Nobody listens in on a socket of this machine, and libpq has no TLS there either.
    if (tls === undefined || address.host.startsWith('/')) return this.#attempt(address, undefined);
    if (mode === 'allow') {
      return this.#attempt(address, undefined, (error) => {
        return troubleOf(error) === 'refused' ? this.#attempt(address, tls) : undefined;
      });
    }
    return this.#attempt(address, tls, (error) => {
      return mode === 'prefer' && engine.hasNoTls(error) ? this.#attempt(address, undefined) : undefined;
    });
  }

  /** @param otherwise another way, where there is one after that error */
  async #attempt(
    address: ServerAddress,
    tls: TlsMaterial | undefined,
    otherwise: (error: unknown) => Promise<Wire> | undefined = () => undefined,
  ): Promise<Wire> {
    const { engine, target, signal } = this.#options;
    const limitSec = target.connectTimeoutSec;
    const timeout = AbortSignal.timeout(limitSec * 1000);
    try {
      return await engine.connect({
        target,
        address,
        tls,
        user: target.user ?? ownName(target.label),
        lockTimeoutSec: this.#lockTimeoutSec,
        signal: AbortSignal.any([signal, timeout]),
      });
    } catch (error) {
      signal.throwIfAborted();
      const other = otherwise(error);
      if (other !== undefined) return other;
      throw this.#unconnected(
        timeout.aborted ? new Error(`it took longer than ${limitSec} s`) : error,
        timeout.aborted,
      );
    }
  }

  #unconnected(error: unknown, isLate: boolean): unknown {
    const { target, troubleOf } = this.#options;
    const trouble = isLate ? 'unreachable' : troubleOf(error);
    if (trouble === undefined) return error;
    const attempt = { verb: 'connect to', label: target.label, password: target.password };
    return databaseError(attempt, trouble === 'lost' ? 'unreachable' : trouble, error);
  }

  #stalled(verb: string, limitSec: number): unknown {
    const { label } = this.#options.target;
    return databaseError({ verb, label }, 'stalled', new Error(`the server has not answered for ${limitSec} s`));
  }
}

/** Whom the libraries of Python would log in as, where a URL names nobody. */
function ownName(label: string): string {
  try {
    return userInfo().username;
  } catch (error) {
    // In a container a process may be of a user that no file knows.
    throw new ConfigError('CONFIG_DATABASE', `Cannot connect to the database ${label}: its URL names no user`, {
      hint: 'Name the user in [database], as in connection = mysql+pymysql://glance:password@host/glance',
      details: { database: label },
      cause: error,
    });
  }
}

/** Waits for an answer no longer than it makes sense; the answer to a question that was given up is nobody's. */
function withinTime<T>(
  answer: Promise<T>,
  {
    limitSec,
    signal,
    onTimeout,
  }: { readonly limitSec: number; readonly signal: AbortSignal; readonly onTimeout: () => unknown },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => end(() => reject(signal.reason));
    const timer = setTimeout(() => end(() => reject(onTimeout())), limitSec * 1000);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      settle();
    };
    signal.addEventListener('abort', stop, { once: true });
    answer.then(
      (value) => end(() => resolve(value)),
      (error: unknown) => end(() => reject(error)),
    );
  });
}
