import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IssuedToken } from '../../../../src/keystone/token.ts';
import {
  formatRecord,
  LONGEST_BYTES,
  parseRecord,
  tokenAt,
} from '../../../../src/keystone/token-cache/token-record.ts';

const ISSUED: IssuedToken = {
  token: 'gAAAAABl',
  lifetimeSec: 3600,
  projectId: 'project-1',
  isAdmin: true,
  catalog: [{ type: 'image', endpoints: [] }],
};

const anyIssued: fc.Arbitrary<IssuedToken> = fc.record({
  token: fc.stringMatching(/^[\x21-\x7e]{1,40}$/),
  lifetimeSec: fc.integer({ min: 1, max: 1e6 }),
  projectId: fc.option(fc.string(), { nil: undefined }),
  isAdmin: fc.boolean(),
  // What JSON has no word for no answer of Keystone's has brought.
  catalog: fc.option(fc.array(fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)), {
    nil: undefined,
  }),
});

const LINE = formatRecord(ISSUED, 1_000_000) ?? '';

/** A line with a checksum that is right. */
function lineOf(json: string): string {
  return `${createHash('sha256').update(json).digest('hex')} ${json}\n`;
}

/** The line of a record with other values; undefined takes one out. */
function changed(values: Readonly<Record<string, unknown>>): string {
  const [, json = ''] = / (.*)\n/.exec(LINE) ?? [];
  return lineOf(JSON.stringify({ ...(JSON.parse(json) as object), ...values }));
}

describe('formatRecord() and parseRecord()', () => {
  test('give back what was given, whatever lies behind it', () => {
    const anySec = fc.integer({ min: 0, max: 4e9 });
    fc.assert(
      fc.property(anyIssued, anySec, fc.string(), (issued, issuedSec, rest) => {
        const line = formatRecord(issued, issuedSec) ?? '';
        expect(parseRecord(line + rest)).toEqual({
          issued,
          issuedSec,
          expiresSec: issuedSec + (issued.lifetimeSec ?? 0),
        });
      }),
    );
  });

  test('take no line for whole that is cut, or has a byte of another one', () => {
    const other = formatRecord({ ...ISSUED, token: 'gAAAAABx' }, 1_000_100) ?? '';
    expect(other).toHaveLength(LINE.length);
    for (let at = 1; at < LINE.length; at++) {
      expect(parseRecord(LINE.slice(0, at))).toBeUndefined();
      const mixed = LINE.slice(0, at) + other.slice(at);
      if (mixed !== LINE && mixed !== other) expect(parseRecord(mixed)).toBeUndefined();
    }
  });

  test('need to know when a token ends', () => {
    expect(formatRecord({ ...ISSUED, lifetimeSec: undefined }, 0)).toBeUndefined();
  });

  test('have nothing that is too long to be read again', () => {
    const catalogOf = (length: number) => ({ ...ISSUED, catalog: ['x'.repeat(length)] });
    const frame = Buffer.byteLength(formatRecord(catalogOf(0), 0) ?? '');
    expect(formatRecord(catalogOf(LONGEST_BYTES - frame), 0)).toHaveLength(LONGEST_BYTES);
    expect(formatRecord(catalogOf(LONGEST_BYTES - frame + 1), 0)).toBeUndefined();
  });
});

describe('parseRecord()', () => {
  test.each([
    ['nothing', ''],
    ['zeros', '\0'.repeat(100)],
    ['no checksum', '{"version":1}\n'],
    ['no JSON', lineOf('{')],
    ['no object', lineOf('[1]')],
    ['another version', changed({ version: 2 })],
    ['no version', changed({ version: undefined })],
    ['no token', changed({ token: undefined })],
    ['an empty token', changed({ token: '' })],
    ['a token that no header may hold', changed({ token: 'a\r\nx-evil: 1' })],
    ['a token that is a number', changed({ token: 7 })],
    ['no start', changed({ issuedSec: undefined })],
    ['a start that is text', changed({ issuedSec: '7' })],
    ['no end', changed({ expiresSec: undefined })],
    ['an end before its start', changed({ expiresSec: 1 })],
  ])('finds nothing in a file with %s', (_what, text) => {
    expect(parseRecord(text)).toBeUndefined();
  });

  test('takes nobody for an admin whom it is not told to be', () => {
    expect(parseRecord(changed({ isAdmin: 'yes' }))?.issued.isAdmin).toBe(false);
  });

  test('finds nothing in random text, and does not throw', () => {
    const expectNothing = (text: string): void => expect(parseRecord(text)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => void expectNothing(text)));
    fc.assert(fc.property(fc.json(), (json) => void expectNothing(lineOf(json))));
  });
});

describe('tokenAt()', () => {
  const record = parseRecord(LINE);
  if (record === undefined) throw new Error('The line is not read');

  test.each([
    ['at once', 1_000_000, 0],
    ['later', 1_003_599, 3599],
    ['with a clock that was set back since', 900_000, 0],
  ])('gives the token and its age %s', (_when, nowSec, ageSec) => {
    expect(tokenAt(record, nowSec)).toEqual({ issued: ISSUED, ageSec });
  });

  test('gives no token that has expired', () => {
    expect(tokenAt(record, 1_003_600)).toBeUndefined();
  });
});
