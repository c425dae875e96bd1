/**
 * The way to PostgreSQL: pg is imported here and nowhere else.
 */
import pg from 'pg';
import type { SqlValue } from './database.ts';
import type { TlsMaterial } from './tls-material.ts';
import { connecting, type Engine, type Wire, type WireOptions } from './wire.ts';

/** Before the first probe of an idle connection. */
const KEEP_ALIVE_MS = 10_000;

/** Types whose values are numbers: bigint, integer, smallint, double precision, numeric. All others stay texts. */
const NUMBERS = [20, 23, 21, 701, 1700];

/** What pg says when the answer to "TLS?" is no; it has no code for that. */
const NO_TLS = 'The server does not support SSL connections';

/** The engine. */
export const postgresql: Engine = {
  async connect(options) {
    const client = new pg.Client(configOf(options));
    // What happens between two statements is told by the next one; unheard it would end the process.
    client.on('error', () => undefined);
    const wire = wireOf(client);
    return connecting(options.signal, wire.destroy, async () => {
      await client.connect();
      await settle(client, options.lockTimeoutSec);
      return wire;
    });
  },
  hasNoTls: (error) => error instanceof Error && error.message === NO_TLS,
};

function configOf({ target, address, tls, user }: WireOptions): pg.ClientConfig {
  const { password, database, sessionOptions } = target;
  return {
    host: address.host,
    port: address.port,
    user,
    // As a function: otherwise pg would look for one in the environment and in ~/.pgpass.
    password: () => password ?? '',
    database,
    ssl: tls === undefined ? false : sslOf(tls),
    ...(sessionOptions !== undefined && { options: sessionOptions }),
    application_name: 'glance-cache-tools',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types: { getTypeParser: (type: number) => (NUMBERS.includes(type) ? Number : asText) },
  };
}

function asText(value: string): string {
  return value;
}

function sslOf({ verifyIdentity, ...material }: TlsMaterial): pg.ClientConfig['ssl'] {
  return { ...material, ...(!verifyIdentity && { checkServerIdentity: () => undefined }) };
}

/** What the statements rely on: how date-times are written, the usual isolation, and a limit to waiting for locks. */
async function settle(client: pg.Client, lockTimeoutSec: number): Promise<void> {
  await client.query(
    `SET datestyle = 'ISO, YMD'; SET default_transaction_isolation = 'read committed'; SET lock_timeout = ${Math.ceil(lockTimeoutSec * 1000)}`,
  );
}

function wireOf(client: pg.Client): Wire {
  return {
    async query(sql, parameters: readonly SqlValue[]) {
      const { rows } = await client.query<unknown[]>({
        text: numbered(sql),
        values: [...parameters],
        rowMode: 'array',
      });
      return rows;
    },
    destroy() {
      // pg asks the server first, and waits for it to hang up: a server that hangs never does.
      const { connection } = client as unknown as { readonly connection: { readonly stream: { destroy(): void } } };
      connection.stream.destroy();
    },
  };
}

/** `?` as PostgreSQL has it; no statement here has one in a text. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll('?', () => `$${++count}`);
}
