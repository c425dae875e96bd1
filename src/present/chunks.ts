// One write per chunk instead of one per row, and far from the memory that a long list would take as one text.
const CHUNK_CHARS = 64 * 1024;

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
