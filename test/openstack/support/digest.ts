import { createHash } from 'node:crypto';

/** The digest that tells whether content is right. */
export function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
