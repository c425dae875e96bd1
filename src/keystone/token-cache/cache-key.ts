/**
 * What tells one login from another, without its secrets: who logs in where, for what, and whom it believes.
 */
import { createHash } from 'node:crypto';
import type { Credentials } from '../../credentials/credentials.ts';
import { withoutSecrets } from '../../credentials/secret-texts.ts';

/** To be raised when other options, or their spelling, come to count. */
const VERSION = 1;

/**
 * The name that tokens of a login are kept under. Which Glance is asked is no part of it: the catalog has them all. How
 * servers are verified is, so that no run believes a catalog from a server that only another run has trusted.
 *
 * @returns 64 hexadecimal digits; undefined for a login that is not to be kept: nobody but a token
 * or a code says who that is, or Keystone is not asked at all, or not alone
 */
export function cacheKeyOf({ authType, auth, tls }: Credentials): string | undefined {
  const isTold = auth.token !== undefined || auth.access_token !== undefined || auth.code !== undefined;
  // What the last one sends beside the token is not kept.
  if (auth.auth_url === undefined || isTold || authType === 'v3oauth2clientcredential') return undefined;
  const options = Object.entries(withoutSecrets(auth)).sort(([a], [b]) => (a < b ? -1 : 1));
  const trust = [tls.insecure, tls.ca ?? null, tls.cert ?? null];
  return createHash('sha256')
    .update(JSON.stringify([VERSION, authType, options, trust]))
    .digest('hex');
}
