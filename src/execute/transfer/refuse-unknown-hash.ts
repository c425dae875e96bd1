import { createHash } from 'node:crypto';
import { IntegrityError } from '../../errors/cache-error.ts';

/**
 * Makes sure that there is such a hash.
 *
 * @param algorithm as Node's crypto names it
 * @throws IntegrityError INTEGRITY_UNVERIFIABLE when this Node knows no such algorithm
 */
export function refuseUnknownHash(algorithm: string): void {
  try {
    createHash(algorithm);
  } catch (cause) {
    const message = `Cannot verify with ${JSON.stringify(algorithm)}: this Node.js has no such hash`;
    throw new IntegrityError('INTEGRITY_UNVERIFIABLE', message, {
      hint: 'Compare os_hash_algo of the image with the hashes that there are: openssl list -digest-algorithms',
      details: { algorithm },
      cause,
    });
  }
}
