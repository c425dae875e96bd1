// The bytes of an image, made up from its ID: the same ones wherever and however often they are asked for, and no two
// blocks alike, so that a byte out of place is noticed.
import { createHash } from 'node:crypto';

const BLOCK_BYTES = 64 * 1024;

/** The blocks of an image differ in their first bytes only: making up a gigabyte must not take longer than sending it. */
function templateOf(seed) {
  const template = Buffer.alloc(BLOCK_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at += 64) {
    createHash('sha512').update(`${seed} ${at}`).digest().copy(template, at);
  }
  return template;
}

/**
 * The bytes from an offset on, in chunks.
 *
 * @param {string} seed
 * @param {number} sizeBytes of the whole
 * @param {number} offsetBytes
 * @returns {Generator<Buffer>}
 */
export function* chunksOf(seed, sizeBytes, offsetBytes = 0) {
  const template = templateOf(seed);
  for (let at = offsetBytes; at < sizeBytes; ) {
    const index = Math.floor(at / BLOCK_BYTES);
    const block = Buffer.from(template);
    block.writeUInt32BE(index, 0);
    const start = at - index * BLOCK_BYTES;
    const chunk = block.subarray(start, Math.min(BLOCK_BYTES, sizeBytes - index * BLOCK_BYTES));
    yield chunk;
    at += chunk.length;
  }
}

/**
 * All the bytes at once.
 *
 * @param {string} seed
 * @param {number} sizeBytes
 * @returns {Buffer}
 */
export function contentOf(seed, sizeBytes) {
  return Buffer.concat([...chunksOf(seed, sizeBytes)]);
}

const hashes = new Map();

/**
 * What the bytes hash to.
 *
 * @param {string} algorithm as Node names it
 * @param {string} seed
 * @param {number} sizeBytes
 * @returns {string} hexadecimal
 */
export function hashOf(algorithm, seed, sizeBytes) {
  const key = `${algorithm} ${sizeBytes} ${seed}`;
  if (!hashes.has(key)) {
    const hash = createHash(algorithm);
    for (const chunk of chunksOf(seed, sizeBytes)) hash.update(chunk);
    hashes.set(key, hash.digest('hex'));
  }
  return hashes.get(key);
}
