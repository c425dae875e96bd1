/**
 * {@link Fleet} in Glance's own database. It is only read.
 */
import type { Database, Dialect, SqlRow } from '../../../database/database.ts';
import { fromDateTime } from '../../../database/utc-date-time.ts';
import type { Patience } from '../../../sqlite/retry-busy.ts';
import { keepHeapLean } from '../../lean-heap.ts';
import { compareIds, toRow } from './cached-image-rows.ts';
import { type DatabaseSettings, openConfiguredDatabase } from './database-settings.ts';
import type { Fleet, FleetNode, FleetRow } from './fleet.ts';

/** As in the list of rows, what is less than nothing is nothing. */
const nodesQuery = (dialect: Dialect): string => `SELECT n.node_reference_url, COUNT(c.id),
  ${sumOf('c.size', dialect)}, ${sumOf('c.hits', dialect)}, MAX(c.last_accessed)
  FROM node_reference n LEFT JOIN cached_images c ON c.node_reference_id = n.node_reference_id
  GROUP BY n.node_reference_id, n.node_reference_url`;

const NODE_URLS = 'SELECT node_reference_id, node_reference_url FROM node_reference';

/**
 * Without a join: MariaDB would begin it with the nodes, and sort all rows anew for each page of them. The URL of a node
 * is one text for all its rows by that, too.
 */
const ROWS = 'SELECT image_id, last_accessed, last_modified, size, hits, node_reference_id, id FROM cached_images';

/** Rows of one answer: no more are held beside what is made of them. */
const PAGE_ROWS = 10_000;

/**
 * Opens the view of the fleet; the caller closes it.
 *
 * @throws ConfigError; the errors of {@link Database} come with the first question
 */
export async function openFleet(settings: DatabaseSettings, patience: Patience): Promise<Fleet> {
  const database = await openConfiguredDatabase(settings, patience);
  return {
    nodes: () => readNodes(database),
    rows: (imageId) => readFleetRows(database, imageId),
    close: () => database.close(),
  };
}

/** SUM of SQLite fails on what does not fit into 64 bits: two rows may be enough for that. */
function sumOf(column: string, dialect: Dialect): string {
  const total = dialect === 'sqlite' ? 'TOTAL' : 'SUM';
  return `${total}(CASE WHEN ${column} > 0 THEN ${column} ELSE 0 END)`;
}

async function readNodes(database: Database): Promise<readonly FleetNode[]> {
  const nodes = (await database.rows(nodesQuery(database.dialect))).map(
    ([url, images, sizeBytes, hits, lastAccessed]) => ({
      url: String(url),
      images: Number(images),
      sizeBytes: Math.trunc(Number(sizeBytes ?? 0)),
      hits: Math.trunc(Number(hits ?? 0)),
      lastAccessedSec: fromDateTime(lastAccessed),
    }),
  );
  return nodes.sort((one, other) => compareIds(one.url, other.url));
}

async function readFleetRows(database: Database, imageId: string | undefined): Promise<readonly FleetRow[]> {
  const found: FleetRow[] = [];
  const ofImage = imageId === undefined ? '' : ' AND image_id = ?';
  const image = imageId === undefined ? [] : [imageId];
  const nodeUrls = await readNodeUrls(database);
  let last = -1;
  for (;;) {
    const page = await database.rows(`${ROWS} WHERE id > ?${ofImage} ORDER BY id LIMIT ${PAGE_ROWS}`, last, ...image);
    await addNewNodes(database, nodeUrls, page);
    for (const raw of page) {
      const nodeUrl = nodeUrls.get(raw[NODE_ID]);
      if (nodeUrl !== undefined) keepHeapLean(found.push(fleetRow(raw, nodeUrl)));
    }
    last = Number(page.at(-1)?.[ROW_ID]);
    if (page.length < PAGE_ROWS) break;
  }
  return found.sort((one, other) => compareIds(one.nodeUrl, other.nodeUrl) || compareIds(one.imageId, other.imageId));
}

/** Places in {@link ROWS}. */
const [NODE_ID, ROW_ID] = [5, 6];

/** The URL of a node by its ID; undefined where that is the ID of no node. */
type NodeUrls = Map<unknown, string | undefined>;

async function readNodeUrls(database: Database): Promise<NodeUrls> {
  return new Map((await database.rows(NODE_URLS)).map(([id, url]) => [id, String(url)]));
}

/** Rows may be of nodes that have come after the nodes were read; of none are those that a removed node has left. */
async function addNewNodes(database: Database, nodeUrls: NodeUrls, page: readonly SqlRow[]): Promise<void> {
  const unknown = page.map((raw) => raw[NODE_ID]).filter((id) => !nodeUrls.has(id));
  if (unknown.length === 0) return;
  const urls = await readNodeUrls(database);
  for (const id of unknown) nodeUrls.set(id, urls.get(id));
}

function fleetRow(raw: SqlRow, nodeUrl: string): FleetRow {
  const { imageId, lastAccessedSec, lastModifiedSec, sizeBytes, hits } = toRow(raw).row;
  return { imageId, lastAccessedSec, lastModifiedSec, sizeBytes, hits, nodeUrl };
}
