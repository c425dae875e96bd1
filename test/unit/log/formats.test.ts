import { describe, expect, test } from 'vitest';
import { createJsonFormat } from '../../../src/log/json-format.ts';
import { createLineFormat } from '../../../src/log/line-format.ts';
import { createTimestamp } from '../../../src/log/timestamp.ts';

// Local time: made of its parts, so that the text is the same in every time zone.
const moment = new Date(2026, 10, 20, 23, 32, 39, 54);
const name = 'glance_cache_tools.cleaner';

async function originOf(dateFormat?: string) {
  return { name, pid: 9097, now: () => moment, timestamp: await createTimestamp(dateFormat) };
}

describe('createLineFormat()', () => {
  test('writes the line of oslo.log', async () => {
    const format = createLineFormat(await originOf());
    expect(format('INFO', 'Removed invalid cache file')).toBe(
      '2026-11-20 23:32:39.054 9097 INFO glance_cache_tools.cleaner [-] Removed invalid cache file',
    );
  });

  test.each([
    ['%d/%b/%Y:%H:%M', '20/Nov/2026:23:32.054 9097 DEBUG glance_cache_tools.cleaner [-] x'],
    ['%Y-%m-%d %H:%M:%S', '2026-11-20 23:32:39.054 9097 DEBUG glance_cache_tools.cleaner [-] x'],
    ['%H%n%M', '23\\x0a32.054 9097 DEBUG glance_cache_tools.cleaner [-] x'],
  ])('writes the time as %s says', async (dateFormat, line) => {
    expect(createLineFormat(await originOf(dateFormat))('DEBUG', 'x')).toBe(line);
  });

  test('keeps a record on one line that no terminal obeys', async () => {
    const forged = 'a\n2026-11-20 23:32:39.054 1 ERROR root [-] b\r\u001b[2J\u009b1m\u202e';
    const line = createLineFormat(await originOf())('WARNING', forged);
    expect(line).toMatch(/\[-\] a\\x0a2026-.* b\\x0d\\x1b\[2J\\x9b1m\\u202e$/);
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });
});

describe('createJsonFormat()', () => {
  test('writes the fields of oslo.log', async () => {
    const format = createJsonFormat({ ...(await originOf()), processName: 'glance-cache-cleaner', hostname: 'node1' });
    const line = format('ERROR', 'a "quoted"\nmessage \u009b');
    expect(line).not.toMatch(/[\n\u009b]/);
    expect(JSON.parse(line)).toEqual({
      message: 'a "quoted"\nmessage \u009b',
      asctime: '2026-11-20 23:32:39',
      name,
      levelname: 'ERROR',
      levelno: 40,
      created: moment.getTime() / 1000,
      msecs: 54,
      process: 9097,
      process_name: 'glance-cache-cleaner',
      hostname: 'node1',
    });
  });
});
