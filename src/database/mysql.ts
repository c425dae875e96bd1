/**
 * The way to MySQL and MariaDB: mysql2 is imported here and nowhere else.
 */
import { connect, type Socket } from 'node:net';
import { checkServerIdentity, TLSSocket } from 'node:tls';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise';
import type { SqlRow, SqlValue } from './database.ts';
import { codeOf } from './trouble.ts';
import { connecting, type Engine, type Wire, type WireOptions } from './wire.ts';

/** Before the first probe of an idle connection. */
const KEEP_ALIVE_MS = 10_000;

/** The engine. */
export const mysql: Engine = {
  async connect(options) {
    const { address, signal, lockTimeoutSec } = options;
    const socket = address.host.startsWith('/') ? connect(address.host) : connect(address.port, address.host);
    // Where mysql2 hands no name to TLS, as for an IP address, Node looks here for what the certificate has to be of, and
    // would take "localhost" otherwise.
    Object.assign(socket, { _host: address.host });
    socket.setKeepAlive(true, KEEP_ALIVE_MS).setNoDelay(true);
    return connecting(
      signal,
      () => socket.destroy(),
      async () => {
        const connection = await createConnection({ ...optionsOf(options), stream: () => socket });
        // What happens between two statements is told by the next one; unheard it would end the process.
        connection.on('error', () => undefined);
        if (options.tls?.verifyIdentity === true) refuseOtherHost(connection, address.host);
        const wire = wireOf(connection, socket);
        await settle(wire, lockTimeoutSec);
        return wire;
      },
    );
  },
  hasNoTls: (error) => codeOf(error) === 'HANDSHAKE_NO_SSL_SUPPORT',
};

/** Looks at the name once more: that Node looks where it is told to above is documented nowhere. */
function refuseOtherHost(connection: Connection, host: string): void {
  const { stream } = (connection as unknown as { readonly connection: { readonly stream: unknown } }).connection;
  // A session that is resumed shows no certificate; it was looked at when it began.
  if (!(stream instanceof TLSSocket) || stream.isSessionReused()) return;
  const error = checkServerIdentity(host, stream.getPeerCertificate());
  if (error !== undefined) throw error;
}

function optionsOf({ target, address, tls, user }: WireOptions): ConnectionOptions {
  return {
    // For TLS: the socket is another one.
    host: address.host,
    port: address.port,
    user,
    password: target.password ?? '',
    database: target.database,
    ...(tls !== undefined && { ssl: { ...tls } }),
    charset: 'utf8mb4',
    // Its own timer would go on for a socket that is long closed.
    connectTimeout: 0,
    rowsAsArray: true,
    // A Date would be one of the local time zone.
    dateStrings: true,
    supportBigNumbers: true,
    multipleStatements: false,
    // PyMySQL reads no files for a server, and neither does this.
    flags: ['-LOCAL_FILES'],
    trace: false,
  };
}

/**
 * What the statements rely on, whatever a server has by itself: also that each is committed. `TRADITIONAL` refuses what does not fit, as it does for Glance, and means a backslash in a
 * literal as mysql2 writes it. With less isolation than InnoDB's own, a change locks rows but not the gaps between
 * them, where other nodes insert; only where changes are logged as statements that is not allowed.
 */
async function settle(wire: Wire, lockTimeoutSec: number): Promise<void> {
  const seconds = Math.ceil(lockTimeoutSec);
  await wire.query(
    `SET SESSION sql_mode = 'TRADITIONAL', autocommit = 1, completion_type = 0,
      innodb_lock_wait_timeout = ${seconds}, lock_wait_timeout = ${seconds}`,
    [],
  );
  const [[format] = []] = await wire.query('SELECT @@SESSION.binlog_format', []);
  if (format !== 'STATEMENT') await wire.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', []);
}

function wireOf(connection: Connection, socket: Socket): Wire {
  return {
    async query(sql, parameters: readonly SqlValue[]) {
      const [result] = await connection.query({ sql, values: parameters.map(toParameter) });
      return Array.isArray(result) ? (result as unknown as readonly SqlRow[]) : [];
    },
    destroy() {
      // mysql2 only says that it will send no more, and waits for the server to hang up: one that hangs never does.
      connection.destroy();
      socket.destroy();
    },
  };
}

function toParameter(value: SqlValue): string | number | null {
  return typeof value === 'bigint' ? Number(value) : value;
}
