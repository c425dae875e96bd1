import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { UsageError } from '../../../src/errors/cache-error.ts';
import type { Column } from '../../../src/present/column.ts';
import { renderJson } from '../../../src/present/json-text.ts';
import type { OutputFormat } from '../../../src/present/output-format.ts';
import { recordsOf, renderRecords } from '../../../src/present/records.ts';
import { renderReport } from '../../../src/present/report.ts';
import { selectColumns } from '../../../src/present/select-columns.ts';
import { sortRows } from '../../../src/present/sort-rows.ts';
import { renderYaml } from '../../../src/present/yaml-text.ts';

interface Row {
  readonly id: string;
  readonly size: number | null;
  readonly tags?: readonly string[];
}

const COLUMNS: readonly Column<Row>[] = [
  { key: 'image_id', title: 'ID', align: 'center', text: ({ id }) => id, value: ({ id }) => id },
  { key: 'size', title: 'Size (B)', align: 'right', text: ({ size }) => String(size), value: ({ size }) => size },
  {
    key: 'tags',
    title: 'Tags',
    align: 'left',
    text: () => '',
    value: ({ tags }) => tags ?? [],
    order: (a, b) => (a.tags?.length ?? 0) - (b.tags?.length ?? 0),
  },
];

const ROWS: readonly Row[] = [
  { id: 'b', size: 100 },
  { id: 'a', size: 20, tags: ['x', 'y'] },
  { id: 'no', size: null, tags: ['z'] },
];

const HOSTILE: Row = { id: 'a "b", c\n\u001b[2J\u009b\u202e', size: 1 };

async function render(rows: readonly Row[], format: OutputFormat, columns = COLUMNS): Promise<string> {
  return [...(await renderRecords(rows, columns, format))].join('');
}

describe('renderRecords()', () => {
  test('renders json as JSON.stringify does for the whole', async () => {
    const objects = ROWS.map(({ id, size, tags }) => ({ image_id: id, size, tags: tags ?? [] }));
    expect(await render(ROWS, 'json')).toBe(`${JSON.stringify(objects, null, 2)}\n`);
  });

  test('renders yaml with texts that every reader takes for texts', async () => {
    const rows = [...ROWS, { id: '2026-11-20', size: 1 }, { id: '12', size: 2 }];
    expect(await render(rows, 'yaml', COLUMNS.slice(0, 2))).toBe(
      [
        '- image_id: b',
        '  size: 100',
        '- image_id: a',
        '  size: 20',
        '- image_id: "no"',
        '  size: null',
        '- image_id: "2026-11-20"',
        '  size: 1',
        '- image_id: "12"',
        '  size: 2',
        '',
      ].join('\n'),
    );
  });

  test('renders csv with keys, quotes where needed, line feeds', async () => {
    expect(await render([...ROWS, { id: 'q",', size: 0 }], 'csv')).toBe(
      'image_id,size,tags\nb,100,\na,20,"x,y"\nno,,z\n"q"",",0,\n',
    );
  });

  test('renders value with a place holder where there is no value', async () => {
    expect(await render(ROWS, 'value')).toBe('b 100 -\na 20 x,y\nno - z\n');
  });

  test('renders table as the stock tool does', async () => {
    expect(await render(ROWS.slice(0, 1), 'table', COLUMNS.slice(0, 2))).toBe(
      '+----+----------+\n| ID | Size (B) |\n+----+----------+\n| b  |      100 |\n+----+----------+\n',
    );
  });

  test.each([
    ['json', '[]\n'],
    ['yaml', '[]\n'],
    ['csv', 'image_id,size,tags\n'],
    ['value', ''],
  ] as const)('renders an empty list as %s', async (format, text) => {
    expect(await render([], format)).toBe(text);
  });

  test.each(['table', 'json', 'yaml', 'csv', 'value'] as const)(
    'keeps control characters out of %s',
    async (format) => {
      const text = await render([HOSTILE], format);
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    },
  );

  test('loses nothing of control characters in json and yaml', async () => {
    const record = { image_id: HOSTILE.id, size: 1, tags: [] };
    expect(JSON.parse(await render([HOSTILE], 'json'))).toEqual([record]);
    expect(parseYaml(await render([HOSTILE], 'yaml'))).toEqual([record]);
  });
});

describe('renderReport()', () => {
  const head = {
    bytes_freed: 20,
    limit: null,
    before: { images: 2 },
    foreign: [{ name: 'a\nb', of: ['x'] }],
    absent: [],
  };
  const manyRows = Array.from(
    { length: 250 },
    (_, n): Row => ({ ...HOSTILE, id: `${n}${HOSTILE.id}`, tags: ['x', 'y'] }),
  );
  const render = async (rows: readonly Row[], format: OutputFormat): Promise<string> =>
    [...(await renderReport({ head, items: rows, columns: COLUMNS }, format))].join('');

  test.each([[[]], [ROWS], [manyRows]])('renders what it has in one object in json and yaml', async (rows) => {
    const whole = { ...head, items: [...recordsOf(rows, COLUMNS)] };
    expect(await render(rows, 'json')).toBe(renderJson(whole));
    expect(await render(rows, 'yaml')).toBe(renderYaml(whole));
  });

  test('renders the list in the other formats', async () => {
    expect(await render(ROWS, 'value')).toBe('b 100 -\na 20 x,y\nno - z\n');
  });

  test.each(['json', 'yaml', 'csv', 'value', 'table'] as const)(
    'makes %s in pieces, of which none is much of a long list',
    async (format) => {
      const rows = Array.from({ length: 10_000 }, () => ROWS).flat();
      const report = { head: { foreign: rows.map(({ id }) => id) }, items: rows, columns: COLUMNS };
      const lengths = [...(await renderReport(report, format))].map(({ length }) => length);
      expect(Math.max(...lengths)).toBeLessThan(100_000);
    },
  );
});

describe('selectColumns()', () => {
  test('takes keys and titles in any case, in the order given, each once', () => {
    const keys = selectColumns(COLUMNS, ['SIZE (b)', 'Image_ID', 'id', 'size']).map(({ key }) => key);
    expect(keys).toEqual(['size', 'image_id']);
  });

  test('takes all when none is named', () => {
    expect(selectColumns(COLUMNS, [])).toBe(COLUMNS);
  });

  test('refuses an unknown name and lists what there is', () => {
    expect(() => selectColumns(COLUMNS, ['id', 'hits'])).toThrowError(UsageError);
    expect(() => selectColumns(COLUMNS, ['hits'])).toThrowError(
      expect.objectContaining({ code: 'USAGE', hint: 'Use one of image_id, size, tags, as in --column image_id' }),
    );
  });
});

describe('sortRows()', () => {
  const idsBy = (name: string): string =>
    sortRows(ROWS, COLUMNS, name)
      .map(({ id }) => id)
      .join(' ');

  test.each([
    ['id', 'a b no'],
    ['image_id:desc', 'no b a'],
    ['size', 'a b no'],
    ['Size (B):ASC', 'a b no'],
    ['size:desc', 'b a no'],
    ['tags', 'b no a'],
    ['tags:desc', 'a no b'],
  ])('sorts by %s', (name, ids) => {
    expect(idsBy(name)).toBe(ids);
  });

  test('keeps the order of equal rows in both directions', () => {
    const rows = ['x', 'y', 'z'].map((id) => ({ id, size: 1 }));
    for (const name of ['size', 'size:desc']) expect(sortRows(rows, COLUMNS, name)).toEqual(rows);
  });

  test.each(['hits', 'size:down', 'size:asc:desc', ''])('refuses %j', (name) => {
    expect(() => idsBy(name)).toThrowError(UsageError);
  });
});
