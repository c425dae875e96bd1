import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Alignment, TableColumn } from '../../../src/present/column.ts';
import { isoTime } from '../../../src/present/iso-time.ts';
import { renderListTable } from '../../../src/present/list-table.ts';

function readStockOutput(name: string): string {
  return readFileSync(join(import.meta.dirname, '../../fixtures/stock-output', name), 'utf8');
}

interface CachedImage {
  readonly id: string;
  readonly accessedSec: number;
  readonly modifiedSec: number;
  readonly size: number;
  readonly hits: number;
}

const CACHED_COLUMNS: readonly TableColumn<CachedImage>[] = [
  { title: 'ID', align: 'center', text: ({ id }) => id },
  { title: 'Last Accessed (UTC)', align: 'center', text: ({ accessedSec }) => isoTime(accessedSec) },
  { title: 'Last Modified (UTC)', align: 'center', text: ({ modifiedSec }) => isoTime(modifiedSec) },
  { title: 'Size', align: 'right', text: ({ size }) => String(size) },
  { title: 'Hits', align: 'right', text: ({ hits }) => String(hits) },
];

const CACHED: readonly CachedImage[] = [
  {
    id: '2deb4fe4-80b5-4d4c-9522-a9e72bfbc8e2',
    accessedSec: 1795217462.734325,
    modifiedSec: 1795217462.734325,
    size: 3000002,
    hits: 0,
  },
  {
    id: 'f3e2b172-9937-4e9f-a279-741d66b49941',
    accessedSec: 1795217462.713182,
    modifiedSec: 1795217462.68751,
    size: 100000,
    hits: 2,
  },
];

const QUEUED = [
  '6868a8d1-bf05-4010-9e9c-39f0499c9fff',
  '00000000-0000-4000-8000-000000000000',
  '11111111111141118111111111111111',
  'ABCDEFAB-1111-4111-8111-111111111111',
  '{22222222-2222-4222-8222-222222222222}',
  'urn:uuid:33333333-3333-4333-8333-333333333333',
];

/** One column of texts that are their own cells. */
function textColumn(title: string, align: Alignment): TableColumn<string> {
  return { title, align, text: (row) => row };
}

function lines(rows: readonly string[], columns: readonly TableColumn<string>[]): readonly string[] {
  return [...renderListTable(rows, columns)].join('').trimEnd().split('\n');
}

describe('renderListTable()', () => {
  test('prints list-cached as the stock tool does, byte for byte', () => {
    const table = [...renderListTable(CACHED, CACHED_COLUMNS)].join('');
    expect(`Found 2 cached images...\n${table}`).toBe(readStockOutput('list-cached.stdout'));
  });

  test('prints list-queued as the stock tool does, byte for byte', () => {
    const table = [...renderListTable(QUEUED, [textColumn('ID', 'center')])].join('');
    expect(`Found 6 queued images...\n${table}`).toBe(readStockOutput('list-queued.stdout'));
  });

  // By PrettyTable 3.6.0.
  test.each([
    ['center', ['+-----+', '| Abc |', '+-----+', '|  a  |', '|  ab |', '+-----+']],
    ['left', ['+-----+', '| Abc |', '+-----+', '| a   |', '| ab  |', '+-----+']],
    ['right', ['+-----+', '| Abc |', '+-----+', '|   a |', '|  ab |', '+-----+']],
  ] as const)('aligns cells %s', (align, table) => {
    expect(lines(['a', 'ab'], [textColumn('Abc', align)])).toEqual(table);
  });

  test('puts the odd blank left of an even text, right of an odd one', () => {
    expect(lines(['abc', 'ab', 'abcdef'], [textColumn('T', 'center')]).slice(3, 6)).toEqual([
      '|  abc   |',
      '|   ab   |',
      '| abcdef |',
    ]);
    expect(lines(['ab', 'abcde'], [textColumn('T', 'center')]).slice(3, 5)).toEqual(['|   ab  |', '| abcde |']);
  });

  test('prints an empty list as PrettyTable does', () => {
    expect(lines([], [textColumn('ID', 'center')])).toEqual(['+----+', '| ID |', '+----+', '+----+']);
  });

  test('escapes control characters and counts what it shows', () => {
    expect(lines(['\u001b[2J\n', 'é😀'], [textColumn('T', 'left')])).toEqual([
      '+-------------+',
      '| T           |',
      '+-------------+',
      '| \\x1b[2J\\x0a |',
      '| é😀          |',
      '+-------------+',
    ]);
  });

  test('gives a long list in chunks of whole lines', () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => String(index));
    let count = 0;
    let lineCount = 0;
    for (const chunk of renderListTable(rows, [textColumn('N', 'right')])) {
      expect(chunk.endsWith('\n')).toBe(true);
      expect(chunk.length).toBeLessThan(100_000);
      count += 1;
      lineCount += chunk.split('\n').length - 1;
    }
    expect(count).toBeGreaterThan(5);
    expect(lineCount).toBe(100_004);
  });

  test('does not widen all rows when one cell is made to be long', () => {
    const long = 'x'.repeat(5000);
    const [rule = '', , , first, second = ''] = lines([long, 'a'], [textColumn('Name', 'left')]);
    expect(first).toBe(`| ${long} |`);
    expect(second).toBe(`| ${'a'.padEnd(1000)} |`);
    expect(rule.length).toBe(second.length);
  });
});
