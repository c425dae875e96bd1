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

const ROWS = `SELECT c.image_id, c.last_accessed, c.last_modified, c.size, c.hits, n.node_reference_url, c.id
  FROM cached_images c JOIN node_reference n ON n.node_reference_id = c.node_reference_id`;

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
      sizeBytes: Number(sizeBytes ?? 0),
      hits: Number(hits ?? 0),
      lastAccessedSec: fromDateTime(lastAccessed),
    }),
  );
  return nodes.sort((one, other) => compareIds(one.url, other.url));
}

async function readFleetRows(database: Database, imageId: string | undefined): Promise<readonly FleetRow[]> {
  const found: FleetRow[] = [];
  const ofImage = imageId === undefined ? '' : ' AND c.image_id = ?';
  const image = imageId === undefined ? [] : [imageId];
  const nodeUrls = new Map<unknown, string>();
  let last = -1;
  for (;;) {
    const page = await database.rows(
      `${ROWS} WHERE c.id > ?${ofImage} ORDER BY c.id LIMIT ${PAGE_ROWS}`,
      last,
      ...image,
    );
    for (const raw of page) keepHeapLean(found.push(fleetRow(raw, nodeUrls)));
    last = Number(page.at(-1)?.[6]);
    if (page.length < PAGE_ROWS) break;
  }
  return found.sort((one, other) => compareIds(one.nodeUrl, other.nodeUrl) || compareIds(one.imageId, other.imageId));
}

/**
 * A row in which the URL of the node is one text for all its rows: each answer has a copy of its own for every row, and
 * nodes have hundreds of thousands.
 */
function fleetRow(raw: SqlRow, nodeUrls: Map<unknown, string>): FleetRow {
  const { imageId, lastAccessedSec, lastModifiedSec, sizeBytes, hits } = toRow(raw).row;
  const nodeUrl = nodeUrls.get(raw[5]) ?? String(raw[5]);
  nodeUrls.set(raw[5], nodeUrl);
  return { imageId, lastAccessedSec, lastModifiedSec, sizeBytes, hits, nodeUrl };
}
