/**
 * What an image's bytes must hash to, as Glance says it.
 */
import { createHash, getHashes } from 'node:crypto';
import type { ImageDigest } from './image.ts';

// Glance takes the names of Python's hashlib.
const NODE_NAMES: ReadonlyMap<string, string> = new Map([
  ['blake2b', 'blake2b512'],
  ['blake2s', 'blake2s256'],
]);

/**
 * The best digest of an image that can be computed here.
 *
 * @param image the fields of an image: `os_hash_algo` and `os_hash_value`, which count, else `checksum`
 * @returns undefined where there is none that is well-formed
 */
export function digestOf(image: Readonly<Record<string, unknown>>): ImageDigest | undefined {
  const { os_hash_algo: name, os_hash_value: value, checksum } = image;
  const algorithm = typeof name === 'string' ? nodeAlgorithm(name) : undefined;
  const best = algorithm === undefined ? undefined : wellFormed(algorithm, value);
  return best ?? wellFormed('md5', checksum);
}

/** The name that Node's crypto has for a hash of Python's; undefined where it has none. */
function nodeAlgorithm(name: string): string | undefined {
  const lower = name.toLowerCase();
  const known = getHashes();
  const names = [NODE_NAMES.get(lower) ?? lower, lower.replaceAll('_', '-')];
  return names.find((candidate) => known.includes(candidate));
}

function wellFormed(algorithm: string, hex: unknown): ImageDigest | undefined {
  if (typeof hex !== 'string' || !/^[0-9a-f]+$/i.test(hex)) return undefined;
  return hex.length === hexLength(algorithm) ? { algorithm, hex: hex.toLowerCase() } : undefined;
}

function hexLength(algorithm: string): number | undefined {
  try {
    return createHash(algorithm).digest('hex').length;
  } catch {
    // Known by name, yet switched off: what OpenSSL calls legacy, or does not allow under FIPS.
    return undefined;
  }
}
