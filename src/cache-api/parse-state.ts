/**
 * What a node says of its cache, out of JSON of any shape. Entries that make no sense are made harmless one by one: a
 * list with one odd entry is still of use.
 */
import type { IndexRow } from '../cache/index/index-db.ts';
import { RemoteError } from '../errors/cache-error.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from '../http/json.ts';
import { printable } from '../text/printable.ts';

// The end of the year 9999: what comes later no calendar here can show.
const LAST_SEC = 253_402_300_799;
// Far longer than any spelling of a UUID.
const MAX_ID_LENGTH = 64;

/**
 * The list in a field of an answer.
 *
 * @param what what was attempted, such as `list the cache of "node1"`
 * @throws RemoteError REMOTE_ANSWER where the answer is no JSON object, or has no such list
 */
export function parseList(text: string, field: string, what: string): readonly unknown[] {
  return listIn(parseJsonObject(text, what), field, what);
}

/** As {@link parseList}, for an answer that has been read. */
export function listIn(answer: JsonObject, field: string, what: string): readonly unknown[] {
  const list = answer[field];
  if (Array.isArray(list)) return list;
  throw new RemoteError('REMOTE_ANSWER', `Cannot ${what}: the answer has no list "${field}"`, {
    hint: 'Check the address, as in "--host node1:9292": it must be that of glance-api itself',
  });
}

/** Images of the cache, in their order; entries without an ID are passed over. */
export function cachedRows(list: readonly unknown[]): readonly IndexRow[] {
  return list.flatMap((entry) => {
    if (!isJsonObject(entry)) return [];
    const imageId = harmlessId(entry['image_id']);
    if (imageId === undefined) return [];
    return [
      {
        imageId,
        lastAccessedSec: epochSec(entry['last_accessed']),
        lastModifiedSec: epochSec(entry['last_modified']),
        sizeBytes: count(entry['size']),
        hits: count(entry['hits']),
      },
    ];
  });
}

/** IDs in a queue, in their order; what is no text is passed over. */
export function queuedIds(list: readonly unknown[]): readonly string[] {
  return list.flatMap((entry) => harmlessId(entry) ?? []);
}

/** A number of things or bytes; 0 for what is none. */
export function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function harmlessId(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? printable(value.slice(0, MAX_ID_LENGTH)) : undefined;
}

function epochSec(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= LAST_SEC ? value : 0;
}
