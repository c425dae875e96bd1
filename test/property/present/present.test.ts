import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { Column, TableColumn } from '../../../src/present/column.ts';
import { isoTime } from '../../../src/present/iso-time.ts';
import { renderListTable } from '../../../src/present/list-table.ts';
import { renderRecords } from '../../../src/present/records.ts';
import { sortRows } from '../../../src/present/sort-rows.ts';
import { printable } from '../../../src/text/printable.ts';

const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

const text = fc.string({ unit: 'binary' });
const rowArbitrary = fc.record({ name: text, size: fc.oneof(fc.integer(), fc.constant(null)) });
type Row = { readonly name: string; readonly size: number | null };

const COLUMNS: readonly Column<Row>[] = [
  { key: 'name', title: 'Name', align: 'center', text: ({ name }) => name, value: ({ name }) => name },
  { key: 'size', title: 'Size', align: 'right', text: ({ size }) => String(size), value: ({ size }) => size },
];

async function render(rows: readonly Row[], format: 'json' | 'yaml' | 'csv' | 'value'): Promise<string> {
  return [...(await renderRecords(rows, COLUMNS, format))].join('');
}

describe('printable()', () => {
  test('lets nothing through that a terminal obeys, and changes nothing twice', () => {
    fc.assert(
      fc.property(text, (anything) => {
        const escaped = printable(anything);
        expect(escaped).not.toMatch(UNSAFE);
        expect(printable(escaped)).toBe(escaped);
      }),
    );
  });
});

describe('isoTime()', () => {
  test('is within half a microsecond of the time it shows, for times of this age', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 4e9, noNaN: true }), (epochSec) => {
        const shown = isoTime(epochSec);
        const [, fraction = '0'] = shown.split('.');
        const shownSec = Date.parse(`${shown.slice(0, 19)}Z`) / 1000 + Number(`0.${fraction}`);
        expect(Math.abs(shownSec - epochSec)).toBeLessThanOrEqual(1e-6);
        expect(shown).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$/);
      }),
    );
  });
});

describe('renderListTable()', () => {
  test('gives every line the same width, and a line for every row', () => {
    const columns: readonly TableColumn<Row>[] = COLUMNS;
    fc.assert(
      fc.property(fc.array(rowArbitrary), (rows) => {
        const lines = [...renderListTable(rows, columns)].join('').split('\n');
        expect(lines.pop()).toBe('');
        expect(lines).toHaveLength(rows.length + 4);
        expect(new Set(lines.map((line) => [...line].length)).size).toBe(1);
      }),
    );
  });
});

describe('renderRecords()', () => {
  test('round-trips any text through json and yaml', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rowArbitrary, { maxLength: 5 }), async (rows) => {
        for (const format of ['json', 'yaml'] as const) {
          const output = await render(rows, format);
          expect(output.replaceAll('\n', '')).not.toMatch(UNSAFE);
          expect(format === 'json' ? JSON.parse(output) : parseYaml(output)).toEqual(rows);
        }
      }),
    );
  });

  test('gives csv and value a line for every row', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rowArbitrary, { maxLength: 5 }), async (rows) => {
        expect((await render(rows, 'csv')).split('\n')).toHaveLength(rows.length + 2);
        expect((await render(rows, 'value')).split('\n')).toHaveLength(rows.length + 1);
      }),
    );
  });
});

describe('sortRows()', () => {
  test('gives the same rows in order, missing values last', () => {
    fc.assert(
      fc.property(fc.array(rowArbitrary), fc.constantFrom('asc', 'desc'), (rows, direction) => {
        const sorted = sortRows(rows, COLUMNS, `size:${direction}`);
        const sizes = sorted.flatMap(({ size }) => (size === null ? [] : [size]));
        const sign = direction === 'asc' ? 1 : -1;
        expect(sizes).toEqual([...sizes].sort((a, b) => sign * (a - b)));
        expect(sorted.slice(sizes.length).every(({ size }) => size === null)).toBe(true);
        expect(new Set(sorted)).toEqual(new Set(rows));
      }),
    );
  });
});
