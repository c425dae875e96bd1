/**
 * The nodes of the fleet, as the `centralized_db` driver knows them: each by its `worker_self_reference_url`.
 */
import type { Database, Dialect } from '../../../database/database.ts';

/** Nodes that a message names. */
const MOST_NAMED = 5;

/**
 * The node of a URL. What is the same URL is for the database to say, as it is when glance-api asks it: MySQL does not
 * tell capital letters from small ones.
 *
 * @returns its `node_reference_id`; undefined where glance-api has never started with this driver and that URL
 */
export async function findNode(database: Database, url: string): Promise<number | undefined> {
  const [row] = await database.rows('SELECT node_reference_id FROM node_reference WHERE node_reference_url = ?', url);
  return row === undefined ? undefined : Number(row[0]);
}

/** The node of a URL, entered where it is missing. As for glance-api it is no error that another one was faster. */
export async function findOrAddNode(database: Database, url: string): Promise<number> {
  const found = await findNode(database, url);
  if (found !== undefined) return found;
  await database.run(
    `INSERT INTO node_reference (node_reference_url) VALUES (?) ${onDuplicate(database.dialect)}`,
    url,
  );
  const added = await findNode(database, url);
  if (added === undefined) throw new TypeError('A node that was just added is not there');
  return added;
}

/** The URLs of some nodes, for a message; one more than named tells that there are others. */
export async function someNodeUrls(
  database: Database,
): Promise<{ readonly urls: readonly string[]; readonly hasMore: boolean }> {
  const rows = await database.rows(
    `SELECT node_reference_url FROM node_reference ORDER BY node_reference_url LIMIT ${MOST_NAMED + 1}`,
  );
  const urls = rows.map(([url]) => String(url));
  return { urls: urls.slice(0, MOST_NAMED), hasMore: urls.length > MOST_NAMED };
}

function onDuplicate(dialect: Dialect): string {
  return dialect === 'mysql'
    ? 'ON DUPLICATE KEY UPDATE node_reference_url = node_reference.node_reference_url'
    : 'ON CONFLICT (node_reference_url) DO NOTHING';
}
