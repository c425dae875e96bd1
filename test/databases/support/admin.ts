/**
 * A session of a server's administrator, for what tests set up, look at, lock and kill. It goes over the socket, without
 * a password, and shares no code with what is tested.
 */
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { ServerAddress } from './server-address.ts';

/** A row by column; date-times are texts as the server writes them. */
export type AdminRow = Readonly<Record<string, unknown>>;

/** One session. */
export interface AdminSession {
  /** What the server calls this session, and ends it by. */
  readonly id: number;
  /** Runs one statement; gives its rows. */
  run(sql: string): Promise<readonly AdminRow[]>;
  close(): Promise<void>;
}

/** The administrator of either engine. */
const ADMINS = { mariadb: 'root', postgresql: 'postgres' } as const;

/** Opens a session. Without a database it is in the engine's own. */
export function connectAdmin(address: ServerAddress, database?: string): Promise<AdminSession> {
  return address.engine === 'mariadb' ? connectMariadb(address, database) : connectPostgresql(address, database);
}

async function connectMariadb({ socket }: ServerAddress, database = 'mysql'): Promise<AdminSession> {
  const connection = await mysql.createConnection({
    user: ADMINS.mariadb,
    socketPath: socket,
    database,
    dateStrings: true,
    charset: 'utf8mb4',
  });
  // The server ends it in some tests; whoever uses it then is told by the statement.
  connection.on('error', () => undefined);
  return {
    id: connection.threadId,
    run: async (sql) => {
      const [rows] = await connection.query(sql);
      return Array.isArray(rows) ? (rows as AdminRow[]) : [];
    },
    close: async () => connection.destroy(),
  };
}

async function connectPostgresql({ socket, port }: ServerAddress, database = 'postgres'): Promise<AdminSession> {
  // Texts as they come: a Date would be a guess about their time zone.
  const types = {
    getTypeParser:
      () =>
      (value: string | Buffer): unknown =>
        String(value),
  };
  const client = new pg.Client({ user: ADMINS.postgresql, host: socket, port, database, types });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ pid: string }>('SELECT pg_backend_pid() AS pid');
  return {
    id: Number(rows[0]?.pid),
    run: async (sql) => (await client.query<AdminRow>(sql)).rows,
    close: () => client.end(),
  };
}

/** Does one thing as the administrator. */
export async function asAdmin<T>(
  address: ServerAddress,
  database: string | undefined,
  work: (session: AdminSession) => Promise<T>,
): Promise<T> {
  const session = await connectAdmin(address, database);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
