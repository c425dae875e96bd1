/**
 * What may be wrong with a database, whichever engine it is: foreign codes are sorted into these once.
 */
export type Trouble =
  /** The connection is gone; what was under way may or may not have been done. */
  | 'lost'
  /** Nobody answers, or nobody is let in for now. */
  | 'unreachable'
  | 'tls'
  /** The account is not known, or its password is not right. */
  | 'refused'
  /** The account may not do that. */
  | 'forbidden'
  | 'no-database'
  /** Tables or columns are missing. */
  | 'schema'
  /** A lock could not be had in time. */
  | 'busy'
  /** Another transaction was first: the same one may succeed a moment later. */
  | 'conflict'
  | 'read-only'
  /** A member of a cluster that takes no statements now. */
  | 'not-ready'
  | 'full'
  /** The server gave up on a statement that took too long. */
  | 'stalled'
  | 'corrupt'
  /** The server refuses for a reason that nobody foresaw. */
  | 'failed';

/** The code of a thrown value as text; Node, mysql2, pg and SQLite all have one where they know why. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const UNREACHABLE = [
  'EACCES',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'ENOTSOCK',
];

const LOST = ['ECONNABORTED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'PROTOCOL_CONNECTION_LOST'];

const TLS_CODE =
  /^(?:ERR_(?:SSL|TLS|OSSL)_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HANDSHAKE_(?:NO_)?SSL|INVALID_(?:CA|PURPOSE)|HOSTNAME_MISMATCH|EPROTO)/;

/** The trouble that an error of Node's own tells about; undefined for another one. */
export function networkTrouble(error: unknown): Trouble | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  if (UNREACHABLE.includes(code)) return 'unreachable';
  if (LOST.includes(code)) return 'lost';
  return TLS_CODE.test(code) ? 'tls' : undefined;
}
