/**
 * Rows of `cached_images` in Glance's own database, read and written: every statement on the images of a node is here.
 */
import type { Dialect, SqlRow, SqlValue, Statements } from '../../../database/database.ts';
import { fromDateTime, toDateTime } from '../../../database/utc-date-time.ts';
import type { IndexRow } from '../index-db.ts';

const COLUMNS = ['image_id', 'last_accessed', 'last_modified', 'size', 'hits'] as const;
const OF_NODE = 'FROM cached_images WHERE node_reference_id = ?';
const SELECT = `SELECT ${COLUMNS.join(', ')} ${OF_NODE}`;

/** Rows of one answer: no more are held beside what is made of them. */
const PAGE_ROWS = 2_500;

/** Rows of one statement. Engines allow some ten thousand parameters at once. */
const CHUNK_ROWS = 500;

/** The largest `hits`: the column is an INTEGER on every engine. */
const MAX_HITS = 2 ** 31 - 1;

/** A row, and whether any of its values makes no sense and was read as 0. */
export interface ReadRow {
  readonly row: IndexRow;
  readonly isOdd: boolean;
}

/**
 * Reads all rows of a node, in no order.
 *
 * @param take gets them one by one
 */
export async function readRows(statements: Statements, nodeId: number, take: (read: ReadRow) => void): Promise<void> {
  // By the key, in which the index that MySQL has of each node is ordered as well.
  let page: readonly SqlRow[];
  let last = -1;
  do {
    page = await statements.rows(
      `SELECT ${COLUMNS.join(', ')}, id ${OF_NODE} AND id > ? ORDER BY id LIMIT ${PAGE_ROWS}`,
      nodeId,
      last,
    );
    for (const raw of page) take(toRow(raw));
    last = Number(page.at(-1)?.[COLUMNS.length]);
  } while (page.length === PAGE_ROWS);
}

/** The rows of some images, by ID. */
export async function readSome(
  statements: Statements,
  nodeId: number,
  imageIds: readonly string[],
): Promise<ReadonlyMap<string, IndexRow>> {
  const found = new Map<string, IndexRow>();
  for (const ids of chunks(imageIds)) {
    const rows = await statements.rows(
      `${SELECT} AND ${isOneOf(statements.dialect, ids)}`,
      nodeId,
      ...twice(statements.dialect, ids),
    );
    for (const raw of rows) {
      const { row } = toRow(raw);
      found.set(row.imageId, row);
    }
  }
  return found;
}

/** Adds rows; where there is one of that image, `present` says which of them stays. */
export async function addRows(
  statements: Statements,
  nodeId: number,
  { rows, present }: { readonly rows: readonly IndexRow[]; readonly present: 'keep' | 'replace' },
): Promise<void> {
  const { dialect } = statements;
  for (const some of chunks(rows)) {
    const places = some.map(() => `(${COLUMNS.map(() => '?').join(', ')}, ?)`).join(', ');
    await statements.run(
      `INSERT INTO cached_images (${COLUMNS.join(', ')}, node_reference_id) VALUES ${places} ${onPresent(dialect, present)}`,
      ...some.flatMap((row) => [...toColumns(row, dialect), nodeId]),
    );
  }
}

/** Removes the rows of images; absent ones are no error. */
export async function removeRows(statements: Statements, nodeId: number, imageIds: readonly string[]): Promise<void> {
  const { dialect } = statements;
  for (const ids of chunks(imageIds)) {
    await statements.run(
      `DELETE FROM cached_images WHERE node_reference_id = ? AND ${isOneOf(dialect, ids)}`,
      nodeId,
      ...twice(dialect, ids),
    );
  }
}

/** Corrects the size of an image; an absent one is no error. */
export async function setRowSize(
  statements: Statements,
  nodeId: number,
  { imageId, sizeBytes }: Pick<IndexRow, 'imageId' | 'sizeBytes'>,
): Promise<void> {
  const { dialect } = statements;
  await statements.run(
    `UPDATE cached_images SET size = ? WHERE node_reference_id = ? AND ${isOneOf(dialect, [imageId])}`,
    toInteger(sizeBytes, Number.MAX_SAFE_INTEGER),
    nodeId,
    ...twice(dialect, [imageId]),
  );
}

/** A row as it will be read again. */
export function asStored(row: IndexRow, dialect: Dialect): IndexRow {
  return {
    imageId: row.imageId,
    lastAccessedSec: fromDateTime(toTime(row.lastAccessedSec, dialect)) ?? 0,
    lastModifiedSec: fromDateTime(toTime(row.lastModifiedSec, dialect)) ?? 0,
    sizeBytes: Number(toInteger(row.sizeBytes, Number.MAX_SAFE_INTEGER)),
    hits: Number(toInteger(row.hits, MAX_HITS)),
  };
}

/**
 * A row from the values of {@link COLUMNS}. Rows of an image that somebody has entered in other letters are of no image
 * here, although MySQL takes them for the same.
 */
export function toRow([imageId, lastAccessed, lastModified, size, hits]: SqlRow): ReadRow {
  const times = [fromDateTime(lastAccessed), fromDateTime(lastModified)];
  const numbers = [size, hits].map(toWhole);
  const [lastAccessedSec = 0, lastModifiedSec = 0, sizeBytes = 0, hitCount = 0] = [...times, ...numbers].map(sense);
  return {
    row: {
      imageId: typeof imageId === 'string' ? imageId : '',
      lastAccessedSec,
      lastModifiedSec,
      sizeBytes,
      hits: hitCount,
    },
    isOdd: [...times, ...numbers].some((value) => value === undefined || value < 0),
  };
}

/** Compares IDs as every driver orders them. */
export function compareIds(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function sense(value: number | undefined): number {
  return value === undefined || value < 0 ? 0 : value;
}

/** Integers too large for a number come as texts from MySQL; SQLite gives whatever was stored. */
function toWhole(value: unknown): number | undefined {
  const number = typeof value === 'bigint' || (typeof value === 'string' && value !== '') ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? Math.trunc(number) : undefined;
}

/** The values of {@link COLUMNS}. */
function toColumns(row: IndexRow, dialect: Dialect): readonly SqlValue[] {
  return [
    row.imageId,
    toTime(row.lastAccessedSec, dialect),
    toTime(row.lastModifiedSec, dialect),
    toInteger(row.sizeBytes, Number.MAX_SAFE_INTEGER),
    toInteger(row.hits, MAX_HITS),
  ];
}

/** MySQL's DATETIME has whole seconds: MySQL would round a fraction, MariaDB cuts it off. */
function toTime(timeSec: number, dialect: Dialect): string {
  return toDateTime(dialect === 'mysql' ? Math.floor(timeSec) : timeSec);
}

/** SQLite would store a JavaScript number as REAL. */
function toInteger(value: number, largest: number): bigint {
  return BigInt(Math.trunc(Math.min(Math.max(value, 0), largest)));
}

/** MySQL finds an ID in other letters, too, and with spaces behind it: the bytes have to agree. The first half is for its index. */
function isOneOf(dialect: Dialect, ids: readonly string[]): string {
  const places = ids.map(() => '?').join(', ');
  const isSame = `image_id IN (${places})`;
  return dialect === 'mysql' ? `${isSame} AND CAST(image_id AS BINARY) IN (${places})` : isSame;
}

function twice(dialect: Dialect, ids: readonly string[]): readonly string[] {
  return dialect === 'mysql' ? [...ids, ...ids] : ids;
}

function onPresent(dialect: Dialect, present: 'keep' | 'replace'): string {
  const columns = COLUMNS.slice(1);
  if (dialect === 'mysql') {
    if (present === 'keep') return 'ON DUPLICATE KEY UPDATE id = cached_images.id';
    return `ON DUPLICATE KEY UPDATE ${columns.map((column) => `${column} = VALUES(${column})`).join(', ')}`;
  }
  const clash = 'ON CONFLICT (image_id, node_reference_id)';
  if (present === 'keep') return `${clash} DO NOTHING`;
  return `${clash} DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`;
}

function* chunks<T>(items: readonly T[]): Iterable<readonly T[]> {
  for (let from = 0; from < items.length; from += CHUNK_ROWS) yield items.slice(from, from + CHUNK_ROWS);
}
