import { createHash } from 'node:crypto';
import type { Hasher } from './hasher.ts';

/**
 * Hashes on the spot.
 *
 * @param algorithm as Node's crypto names it
 */
export function hashInline(algorithm: string): Hasher {
  const hash = createHash(algorithm);
  return {
    async update(bytes) {
      hash.update(bytes);
    },
    async digest() {
      return hash.digest('hex');
    },
    async close() {},
  };
}
