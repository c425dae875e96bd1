/**
 * A database of a test's own in a server, with the tables that Glance makes.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, inject } from 'vitest';
import { CENTRAL_SCHEMA } from '../../support/central-schema.ts';
import { TABLE_RIGHTS } from './accounts.ts';
import { type AdminRow, type AdminSession, asAdmin, connectAdmin } from './admin.ts';
import { connectionUrl, DATABASE_PREFIX, type ServerAddress, type UrlParts } from './server-address.ts';

/** A row; times as texts in UTC. */
export interface CentralRow {
  readonly id: string;
  readonly accessed?: string;
  readonly modified?: string;
  readonly size?: number;
  readonly hits?: number;
}

/** When images are cached and used where a test does not say otherwise. */
export const CACHED_AT = '2023-11-14 22:13:20';

const PATIENCE_MS = 20_000;
/** InnoDB looks for those who wait only when it was not asked for a tenth of a second. */
const PAUSE_MS = 120;

/** One database. */
export class GlanceDatabase {
  readonly address: ServerAddress;
  readonly name: string;

  constructor(address: ServerAddress, name: string) {
    this.address = address;
    this.name = name;
  }

  /** The URL for `[database] connection`. */
  url(parts: UrlParts = {}): string {
    return connectionUrl(this.address, this.name, parts);
  }

  /** Runs statements as the administrator; gives the rows of the last. */
  async run(...statements: readonly string[]): Promise<readonly AdminRow[]> {
    return asAdmin(this.address, this.name, async (session) => {
      let rows: readonly AdminRow[] = [];
      for (const sql of statements) rows = await session.run(sql);
      return rows;
    });
  }

  /** A session that stays; the caller closes it. */
  session(): Promise<AdminSession> {
    return connectAdmin(this.address, this.name);
  }

  /** Locks the rows of an image until the session is closed. */
  async lock(imageId: string): Promise<AdminSession> {
    const session = await this.session();
    // Otherwise MariaDB locks the gaps beside the rows as well, where other nodes insert.
    if (this.address.engine === 'mariadb') await session.run('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    await session.run('BEGIN');
    await session.run(`SELECT id FROM cached_images WHERE image_id = '${imageId}' FOR UPDATE`);
    return session;
  }

  /** Makes a node known, as its glance-api does when it starts. */
  async addNode(nodeUrl: string): Promise<void> {
    await this.run(`INSERT INTO node_reference (node_reference_url) VALUES ('${nodeUrl}')`);
  }

  /** Enters images of a node. */
  async addRows(nodeUrl: string, rows: readonly CentralRow[]): Promise<void> {
    const values = rows.map(({ id, accessed = CACHED_AT, modified = CACHED_AT, size = 1000, hits = 0 }) => {
      return `('${id}', '${accessed}', '${modified}', ${size}, ${hits}, ${nodeId(nodeUrl)})`;
    });
    await this.run(
      `INSERT INTO cached_images (image_id, last_accessed, last_modified, size, hits, node_reference_id)
       VALUES ${values.join(', ')}`,
    );
  }

  /** The rows of a node by ID; all as the server writes them. */
  rows(nodeUrl: string): Promise<readonly AdminRow[]> {
    return this.run(
      `SELECT image_id, last_accessed, last_modified, size, hits FROM cached_images
       WHERE node_reference_id = ${nodeId(nodeUrl)} ORDER BY image_id`,
    );
  }

  /** The images of a node, in order. */
  async rowIds(nodeUrl: string): Promise<readonly unknown[]> {
    return (await this.rows(nodeUrl)).map(({ image_id: id }) => id);
  }

  /** Waits until a session of Glance's accounts waits for a lock in here. */
  async untilBlocked(): Promise<void> {
    const waiting =
      this.address.engine === 'mariadb'
        ? `SELECT 1 FROM information_schema.processlist p LEFT JOIN information_schema.innodb_trx t
             ON t.trx_mysql_thread_id = p.id
           WHERE p.db = '${this.name}' AND p.user <> 'root'
             AND (t.trx_state = 'LOCK WAIT' OR p.state LIKE 'Waiting for table%')`
        : `SELECT 1 FROM pg_stat_activity
           WHERE datname = '${this.name}' AND usename <> 'postgres' AND wait_event_type = 'Lock'`;
    await asAdmin(this.address, undefined, async ({ run }) => {
      const deadlineMs = performance.now() + PATIENCE_MS;
      while ((await run(waiting)).length === 0) {
        if (performance.now() > deadlineMs) throw new Error('Nobody waits for a lock');
        await delay(PAUSE_MS);
      }
    });
  }

  /** Ends all sessions of Glance's accounts in here, as an administrator or a proxy does. */
  async endSessions(): Promise<number> {
    return asAdmin(this.address, undefined, async ({ run }) => {
      const ids = await run(
        this.address.engine === 'mariadb'
          ? `SELECT id FROM information_schema.processlist WHERE db = '${this.name}' AND user <> 'root'`
          : `SELECT pid AS id FROM pg_stat_activity WHERE datname = '${this.name}' AND usename <> 'postgres'`,
      );
      for (const { id } of ids) {
        // MariaDB minds if it has ended by itself meanwhile.
        if (this.address.engine === 'mariadb') await run(`KILL ${String(id)}`).catch(unlessGone);
        else await run(`SELECT pg_terminate_backend(${String(id)})`);
      }
      return ids.length;
    });
  }
}

/** @throws whatever it is given, unless it says that there is no such session */
function unlessGone(error: unknown): void {
  const isGone = error instanceof Error && 'code' in error && error.code === 'ER_NO_SUCH_THREAD';
  if (!isGone) throw error;
}

function nodeId(nodeUrl: string): string {
  return `(SELECT node_reference_id FROM node_reference WHERE node_reference_url = '${nodeUrl}')`;
}

/** Makes a database; without tables if that is asked for. */
export async function createDatabase(
  address: ServerAddress,
  { tables = true }: { readonly tables?: boolean } = {},
): Promise<GlanceDatabase> {
  const name = `${DATABASE_PREFIX}${randomBytes(6).toString('hex')}`;
  const isMariadb = address.engine === 'mariadb';
  const database = new GlanceDatabase(address, name);
  await asAdmin(address, undefined, ({ run }) =>
    run(isMariadb ? `CREATE DATABASE ${name}` : `CREATE DATABASE ${name} OWNER glance`),
  );
  if (!tables) return database;
  if (isMariadb) {
    await database.run(...CENTRAL_SCHEMA.mysql);
    return database;
  }
  const grants = Object.entries(TABLE_RIGHTS).map(([account, rights]) => {
    const sequences = `GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${account}`;
    return `GRANT ${rights} ON ALL TABLES IN SCHEMA public TO ${account}; ${sequences}`;
  });
  await database.run('SET ROLE glance', ...CENTRAL_SCHEMA.postgresql, ...grants);
  return database;
}

/** Makes databases; they are dropped after the test. */
export function useDatabases(): (
  address: ServerAddress,
  options?: { readonly tables?: boolean },
) => Promise<GlanceDatabase> {
  const made: GlanceDatabase[] = [];
  afterEach(async () => {
    const shared = Object.values(inject('servers')).map(({ port }) => port);
    // A server of the test's own may be down by now, and goes with all it has.
    await Promise.all(
      made
        .splice(0)
        .filter(({ address }) => shared.includes(address.port))
        .map(dropDatabase),
    );
  });
  return async (address, options) => {
    const database = await createDatabase(address, options);
    made.push(database);
    return database;
  };
}

async function dropDatabase({ address, name }: GlanceDatabase): Promise<void> {
  await asAdmin(address, undefined, ({ run }) =>
    run(address.engine === 'mariadb' ? `DROP DATABASE ${name}` : `DROP DATABASE ${name} WITH (FORCE)`),
  );
}
