/**
 * An engine without a server: it says what a test tells it to, and remembers what was asked.
 */
import type { SqlRow } from '../../src/database/database.ts';
import type { ServerTarget } from '../../src/database/database-target.ts';
import type { Engine, Wire, WireOptions } from '../../src/database/wire.ts';

/** What a statement gets for an answer: rows, or an error. */
export type Answer = (sql: string) => readonly SqlRow[] | Error | Promise<readonly SqlRow[]>;

/** The engine, and what became of it. */
export interface ScriptedEngine {
  readonly engine: Engine;
  /** Everything in its order: "connect db:3306", statements, "destroy". */
  readonly log: readonly string[];
}

/** An error as a server's or a socket's. */
export function coded(message: string, fields: Readonly<Record<string, unknown>>): Error {
  return Object.assign(new Error(message), fields);
}

/**
 * An engine whose every statement is answered.
 *
 * @param connect what connecting gives; an error is thrown
 */
export function scriptedEngine(
  answer: Answer,
  connect: (options: WireOptions) => Error | undefined = () => undefined,
): ScriptedEngine {
  const log: string[] = [];
  const wire: Wire = {
    async query(sql) {
      log.push(sql);
      const given = await answer(sql);
      if (given instanceof Error) throw given;
      return given;
    },
    destroy: () => void log.push('destroy'),
  };
  const engine: Engine = {
    async connect(options) {
      const { address, tls } = options;
      log.push(`connect ${address.host}:${address.port}${tls === undefined ? '' : ' with TLS'}`);
      const refusal = connect(options);
      if (refusal !== undefined) throw refusal;
      return wire;
    },
    hasNoTls: (error) => error instanceof Error && error.message === 'no TLS',
  };
  return { engine, log };
}

/** A database on a server of which nothing else matters. */
export function someTarget(more: Partial<ServerTarget> = {}): ServerTarget {
  return {
    dialect: 'mysql',
    label: 'mysql://glance@db/glance',
    addresses: [{ host: 'db', port: 3306 }],
    user: 'glance',
    password: 'secret',
    database: 'glance',
    tls: {
      mode: 'disable',
      caFile: undefined,
      caFolder: undefined,
      certFile: undefined,
      keyFile: undefined,
      keyPassword: undefined,
      ciphers: undefined,
    },
    connectTimeoutSec: 10,
    readTimeoutSec: 30,
    sessionOptions: undefined,
    notes: [],
    ...more,
  };
}
