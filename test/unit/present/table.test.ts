import { describe, expect, test } from 'vitest';
import { renderTable } from '../../../src/present/table.ts';

const rows = [
  ['debug', 'false', 'default'],
  ['image_cache_dir', '/var/lib\u001b[2J', ''],
];

describe('renderTable()', () => {
  test('aligns columns without lines and without trailing blanks', async () => {
    expect(await renderTable({ head: ['Option', 'Value', 'Origin'], rows, color: false })).toBe(
      [
        'Option           Value            Origin',
        'debug            false            default',
        'image_cache_dir  /var/lib\\x1b[2J',
        '',
      ].join('\n'),
    );
  });

  test('aligns to the right when told to', async () => {
    const table = {
      head: [],
      rows: [
        ['images', '12'],
        ['bytes', '3000'],
      ],
      align: ['left', 'right'] as const,
    };
    expect(await renderTable({ ...table, color: false })).toBe('images    12\nbytes   3000\n');
  });

  test('makes headings bold when colour is wanted', async () => {
    expect(await renderTable({ head: ['A'], rows: [['b']], color: true })).toBe('\u001b[1mA\u001b[22m\nb\n');
  });

  test('takes no longer for a long value than it has to', async () => {
    const long = 'x'.repeat(100_000);
    const rows = [[long, 'b'], ...Array.from({ length: 50 }, () => ['a', 'b'])];
    const lines = (await renderTable({ head: [], rows, color: false })).split('\n');
    expect(lines[0]).toBe(`${long}  b`);
    expect(lines[1]).toBe(`${'a'.padEnd(100_000)}  b`);
  });

  test('is empty when there is nothing to show', async () => {
    expect(await renderTable({ head: [], rows: [], color: false })).toBe('');
  });
});
