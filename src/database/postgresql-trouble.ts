/**
 * SQLSTATE codes of PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
import { codeOf, networkTrouble, type Trouble } from './trouble.ts';

/** Five characters; or the class, which are the first two. The longest match counts. */
const BY_STATE: Readonly<Record<string, Trouble>> = {
  '08': 'lost',
  '25P03': 'lost',
  '57P01': 'lost',
  '57P02': 'lost',
  '57P05': 'lost',
  '57P03': 'unreachable',
  '53300': 'unreachable',
  '28': 'refused',
  '42501': 'forbidden',
  '3D000': 'no-database',
  '3F000': 'schema',
  '42P01': 'schema',
  '42703': 'schema',
  '42P10': 'schema',
  '42804': 'schema',
  '42883': 'schema',
  '55P03': 'busy',
  '40': 'conflict',
  '23503': 'conflict',
  '25006': 'read-only',
  '53': 'full',
  '57014': 'stalled',
  XX001: 'corrupt',
  XX002: 'corrupt',
};

/** A mistake of our own. */
const SYNTAX_ERROR = '42601';

/** What only the server says has its severity; pg's own errors have none, and no code either. */
export function postgresqlTrouble(error: unknown): Trouble | undefined {
  // A TypeError is a bug of ours.
  if (!(error instanceof Error) || error instanceof TypeError) return undefined;
  const code = codeOf(error);
  if ('severity' in error && code !== undefined) {
    return BY_STATE[code] ?? BY_STATE[code.slice(0, 2)] ?? (code === SYNTAX_ERROR ? undefined : 'failed');
  }
  const byNetwork = networkTrouble(error);
  if (byNetwork !== undefined || code !== undefined) return byNetwork;
  // The proof of a password failed on this side: there is none, or the server does not know it either.
  if (error.message.startsWith('SASL')) return 'refused';
  return /\bSSL\b/.test(error.message) ? 'tls' : 'lost';
}
