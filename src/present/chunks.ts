// One write per chunk instead of one per row, and far from the memory that a long list would take as one text.
const CHUNK_CHARS = 64 * 1024;

/** What a renderer with a cost per call is given at once: enough to make that small, too little to need much memory. */
const BATCH_ITEMS = 100;

/**
 * Joins small pieces of text, such as lines, to chunks worth a write each.
 *
 * @param pieces in order; taken one by one as chunks are asked for
 */
export function* joinToChunks(pieces: Iterable<string>): Iterable<string> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length >= CHUNK_CHARS) {
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') yield chunk;
}

/** The same items, a hundred at a time; the last batch may have fewer, and none is empty. */
export function* inBatches<T>(items: Iterable<T>): Iterable<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < BATCH_ITEMS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Whether a value is a list whose items may be shown one after the other: a text is none. */
export function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
