import { env } from 'node:process';
import { afterEach, describe, expect, test } from 'vitest';
import { fromDateTime, toDateTime } from '../../../src/database/utc-date-time.ts';

const ZONE = env['TZ'];

afterEach(() => {
  if (ZONE === undefined) delete env['TZ'];
  else env['TZ'] = ZONE;
});

describe('toDateTime()', () => {
  test.each([
    [0, '1970-01-01 00:00:00.000000'],
    [1_767_225_600.25, '2026-01-01 00:00:00.250000'],
    [951_782_400, '2000-02-29 00:00:00.000000'],
    [1.9999999, '1970-01-01 00:00:02.000000'],
    [-5, '1970-01-01 00:00:00.000000'],
    [Number.NaN, '1970-01-01 00:00:00.000000'],
    [Number.POSITIVE_INFINITY, '1970-01-01 00:00:00.000000'],
    [1e15, '9999-12-31 23:59:59.000000'],
  ])('writes %d as %s', (timeSec, text) => {
    expect(toDateTime(timeSec)).toBe(text);
  });
});

describe('fromDateTime()', () => {
  test.each([
    ['2026-01-01 00:00:00.250000', 1_767_225_600.25],
    ['2026-01-01T00:00:00.250000', 1_767_225_600.25],
    ['2026-01-01 00:00:00', 1_767_225_600],
    ['2026-01-01 00:00:00.5', 1_767_225_600.5],
    ['1969-12-31 23:59:59', -1],
    ['9999-12-31 23:59:59', 253_402_300_799],
  ])('reads %s', (text, timeSec) => {
    expect(fromDateTime(text)).toBe(timeSec);
  });

  test.each([
    '0000-00-00 00:00:00',
    '2026-02-30 00:00:00',
    '2026-01-01 24:00:00',
    '2026-01-01',
    '2026-01-01 00:00:00+00:00',
    '10000-01-01 00:00:00',
    'infinity',
    '0044-03-15 00:00:00 BC',
    '',
    5,
    null,
    undefined,
  ])('knows no time that is %s', (value) => {
    expect(fromDateTime(value)).toBeUndefined();
  });

  test.each(['America/St_Johns', 'Pacific/Kiritimati', 'Europe/Berlin'])('reads and writes the same in %s', (zone) => {
    env['TZ'] = zone;
    // In the hour that summer time leaves out in Berlin.
    expect(fromDateTime('2026-03-29 02:30:00.125000')).toBe(1_774_751_400.125);
    expect(toDateTime(1_774_751_400.125)).toBe('2026-03-29 02:30:00.125000');
  });
});
