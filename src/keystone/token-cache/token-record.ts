/**
 * A token as it is kept: one line, a checksum and JSON. Several runs may write to a file at once, and one may be killed at
 * it: what does not agree with its checksum is nothing. Anything behind the line is the rest of a longer one.
 */
import { createHash } from 'node:crypto';
import { arrayIn, isJsonObject, numberIn, stringIn } from '../../http/json.ts';
import type { KeptToken } from '../kept-token.ts';
import type { IssuedToken } from '../token.ts';

/** A token with its times. */
export interface TokenRecord {
  readonly issued: IssuedToken;
  /** By the clock of this machine, epoch seconds. */
  readonly issuedSec: number;
  readonly expiresSec: number;
}

const VERSION = 1;

/** More than the catalog of any cloud takes. */
export const LONGEST_BYTES = 1024 * 1024;

const DIGEST = /^([0-9a-f]{64}) ([^\n]*)\n/;

/** What a header may hold. */
const TOKEN = /^[\x21-\x7e]+$/;

/**
 * The line for a token.
 *
 * @returns undefined where it is not known when the token expires, and where the line would be too long to be read again
 */
export function formatRecord(
  { token, lifetimeSec, projectId, isAdmin, catalog }: IssuedToken,
  issuedSec: number,
): string | undefined {
  if (lifetimeSec === undefined) return undefined;
  const times = { issuedSec, expiresSec: issuedSec + lifetimeSec };
  // What is undefined is left out.
  const json = JSON.stringify({ version: VERSION, token, ...times, projectId, isAdmin, catalog });
  const line = `${digestOf(json)} ${json}\n`;
  return Buffer.byteLength(line) > LONGEST_BYTES ? undefined : line;
}

/** What a file says; undefined where that is nothing, or was cut, or is of another version. */
export function parseRecord(text: string): TokenRecord | undefined {
  const [, digest, json = ''] = DIGEST.exec(text) ?? [];
  if (digest === undefined || digestOf(json) !== digest) return undefined;
  const record = objectIn(json);
  if (record === undefined || record['version'] !== VERSION) return undefined;
  const token = stringIn(record, 'token') ?? '';
  const issuedSec = numberIn(record, 'issuedSec');
  const expiresSec = numberIn(record, 'expiresSec');
  if (!TOKEN.test(token) || issuedSec === undefined || expiresSec === undefined || expiresSec <= issuedSec) {
    return undefined;
  }
  const issued: IssuedToken = {
    token,
    lifetimeSec: expiresSec - issuedSec,
    projectId: stringIn(record, 'projectId'),
    isAdmin: record['isAdmin'] === true,
    catalog: record['catalog'] === undefined ? undefined : arrayIn(record, 'catalog'),
  };
  return { issued, issuedSec, expiresSec };
}

/** A token that may still be used; undefined for one that has expired. */
export function tokenAt({ issued, issuedSec, expiresSec }: TokenRecord, nowSec: number): KeptToken | undefined {
  if (nowSec >= expiresSec) return undefined;
  // A clock that was set back does not make a token live longer than it was to.
  return { issued, ageSec: Math.max(0, nowSec - issuedSec) };
}

function digestOf(json: string): string {
  return createHash('sha256').update(json).digest('hex');
}

function objectIn(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
