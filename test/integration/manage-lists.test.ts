import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CACHED_AT, idOf, useCache } from '../support/cache-fixture.ts';
import { failure, success, timeless, withoutDuration } from '../support/run-program.ts';

const cache = useCache();

/** What the stock tool printed in the same situation. */
function stock(name: string): string {
  return readFileSync(join(import.meta.dirname, '../fixtures/stock-output', `${name}.stdout`), 'utf8');
}

function addStockImages(): void {
  const later = 1_795_217_462.734325;
  cache().addImage('2deb4fe4-80b5-4d4c-9522-a9e72bfbc8e2', { accessed: later, modified: later, size: 3_000_002 });
  cache().addImage('f3e2b172-9937-4e9f-a279-741d66b49941', {
    accessed: 1_795_217_462.713182,
    modified: 1_795_217_462.68751,
    size: 100_000,
    hits: 2,
  });
}

/** The queue as the stock tool left it, with every spelling of a UUID that it accepts. */
const STOCK_QUEUE = [
  '6868a8d1-bf05-4010-9e9c-39f0499c9fff',
  '00000000-0000-4000-8000-000000000000',
  '11111111111141118111111111111111',
  'ABCDEFAB-1111-4111-8111-111111111111',
  '{22222222-2222-4222-8222-222222222222}',
  'urn:uuid:33333333-3333-4333-8333-333333333333',
];

function addStockQueue(): void {
  for (const [place, name] of STOCK_QUEUE.entries()) cache().addMarker(name, 600 - place);
}

test('list-cached prints the table of the stock tool byte for byte when there are images', async () => {
  addStockImages();
  expect(await cache().manage('list-cached')).toEqual(success(stock('list-cached')));
});

test('list-cached tells how long it took as the stock tool does when --verbose is given', async () => {
  addStockImages();
  const expected = success(withoutDuration(stock('list-cached-v')));
  expect(timeless(await cache().manage('-v', 'list-cached'))).toEqual(expected);
  expect(timeless(await cache().manage('list-cached', '--verbose'))).toEqual(expected);
});

test('list-cached says what the stock tool says when the cache is empty', async () => {
  expect(await cache().manage('list-cached')).toEqual(success(stock('empty-list-cached')));
  const verbose = timeless(await cache().manage('-v', 'list-cached'));
  expect(verbose).toEqual(success(withoutDuration(stock('empty-list-cached-v'))));
});

test('list-queued prints the table of the stock tool byte for byte when the names are spelt oddly', async () => {
  addStockQueue();
  expect(await cache().manage('list-queued')).toEqual(success(stock('list-queued')));
});

test('list-queued says what the stock tool says when the queue is empty', async () => {
  expect(await cache().manage('list-queued')).toEqual(success(stock('empty-list-queued')));
});

test('delete-all-queued-images removes every spelling of an ID when the stock tool has queued them', async () => {
  addStockQueue();
  const run = await cache().manage('-f', '-v', 'delete-all-queued-images');
  expect(timeless(run)).toEqual(success('Deleted 6 queued images\nCompleted in N sec.\n'));
  expect(cache().names('queue')).toEqual([]);
});

test('delete-queued-image finds an image when it was queued under another spelling of its ID', async () => {
  addStockQueue();
  const run = await cache().manage('-f', 'delete-queued-image', '22222222-2222-4222-8222-222222222222');
  expect(run).toEqual(success());
  expect(cache().names('queue')).not.toContain('{22222222-2222-4222-8222-222222222222}');
  expect(cache().names('queue')).toHaveLength(5);
});

test('list-cached prints N/A when an image was never read', async () => {
  cache().addImage(idOf('1'), { accessed: 0 });
  const { stdout } = await cache().manage('list-cached');
  expect(stdout).toContain(`| ${idOf('1')} |         N/A         | 2023-11-14T22:13:20.250000 | 1000 |    0 |\n`);
});

test('list-cached reads the index alone when files are missing, and neither makes nor changes anything', async () => {
  cache().addRow(idOf('1'));
  const before = cache().state();
  expect((await cache().manage('list-cached')).stdout).toContain(`| ${idOf('1')} |`);
  expect(cache().state()).toEqual(before);
});

test('list-cached points at the driver when the index lists nothing and there are files', async () => {
  cache().addFile('cached', idOf('1'));
  expect(await cache().manage('list-cached')).toEqual({
    code: 0,
    stdout: 'No cached images.\n',
    stderr:
      'The index lists nothing, yet the directory holds 1 image file: check image_cache_driver, or see "glance-cache-pruner --dry-run"\n',
  });
});

test('list-cached lists nothing and creates nothing when the cache directory is missing', async () => {
  cache().configureExactly('[DEFAULT]', `image_cache_dir = ${cache().base}/elsewhere/cache`);
  expect(await cache().manage('list-cached')).toEqual(success('No cached images.\n'));
  expect(await cache().manage('list-queued', '--format', 'json')).toEqual(success('[]\n'));
});

const FORMATS = {
  json: `[
  {
    "image_id": "${idOf('1')}",
    "last_accessed": null,
    "last_modified": "2023-11-14T22:13:20.250000Z",
    "size": 1000,
    "hits": 7
  },
  {
    "image_id": "${idOf('2')}",
    "last_accessed": "2023-11-14T22:13:21Z",
    "last_modified": "2023-11-14T22:13:20.250000Z",
    "size": 20,
    "hits": 0
  }
]
`,
  yaml: `- image_id: ${idOf('1')}
  last_accessed: null
  last_modified: "2023-11-14T22:13:20.250000Z"
  size: 1000
  hits: 7
- image_id: ${idOf('2')}
  last_accessed: "2023-11-14T22:13:21Z"
  last_modified: "2023-11-14T22:13:20.250000Z"
  size: 20
  hits: 0
`,
  csv: `image_id,last_accessed,last_modified,size,hits
${idOf('1')},,2023-11-14T22:13:20.250000Z,1000,7
${idOf('2')},2023-11-14T22:13:21Z,2023-11-14T22:13:20.250000Z,20,0
`,
  value: `${idOf('1')} - 2023-11-14T22:13:20.250000Z 1000 7
${idOf('2')} 2023-11-14T22:13:21Z 2023-11-14T22:13:20.250000Z 20 0
`,
};

for (const [format, expected] of Object.entries(FORMATS)) {
  test(`list-cached prints ${format} and nothing else when asked for it, even with --verbose`, async () => {
    cache().addImage(idOf('1'), { accessed: 0, hits: 7 });
    cache().addImage(idOf('2'), { accessed: Math.ceil(CACHED_AT), size: 20 });
    expect(await cache().manage('-v', 'list-cached', '--format', format)).toEqual(success(expected));
  });
}

test('list-cached prints an empty list in every format when there are no images', async () => {
  const empty = { json: '[]\n', yaml: '[]\n', csv: 'image_id,last_accessed,last_modified,size,hits\n', value: '' };
  for (const [format, expected] of Object.entries(empty)) {
    expect(await cache().manage('list-cached', `--format=${format.toUpperCase()}`)).toEqual(success(expected));
  }
});

test('list-queued gives canonical IDs and times when a machine format is asked for', async () => {
  const marker = cache().addMarker('ABCDEFAB-1111-4111-8111-111111111111');
  utimesSync(marker, 1_700_000_000, 1_700_000_000.5);
  const csv = 'image_id,queued_at\nabcdefab-1111-4111-8111-111111111111,2023-11-14T22:13:20.500000Z\n';
  expect(await cache().manage('list-queued', '--format', 'csv')).toEqual(success(csv));
});

test('list-cached shows the columns named, in their order, when --column is given by key or title', async () => {
  cache().addImage(idOf('1'), { size: 12, hits: 3 });
  const table = `Found 1 cached images...
+------+--------------------------------------+
| Hits |                  ID                  |
+------+--------------------------------------+
|    3 | ${idOf('1')} |
+------+--------------------------------------+
`;
  expect(await cache().manage('list-cached', '-c', 'Hits', '--column', 'image_id')).toEqual(success(table));
  expect(await cache().manage('-chits', 'list-cached', '-c', 'id', '-c', 'HITS')).toEqual(success(table));
  const value = await cache().manage('list-cached', '--format', 'value', '-c', 'size', '-c', 'hits');
  expect(value).toEqual(success('12 3\n'));
});

test('list-cached sorts by number, stably and in both directions, when --sort-column is given', async () => {
  for (const [digit, size] of Object.entries({ 1: 9, 2: 100, 3: 9 })) cache().addImage(idOf(digit), { size });
  const order = async (column: string): Promise<string> => {
    const run = await cache().manage('list-cached', '--sort-column', column, '--format', 'value', '-c', 'id');
    return run.stdout.replaceAll(/^(.).*\n/gm, '$1');
  };
  expect(await order('size')).toBe('132');
  expect(await order('Size:DESC')).toBe('213');
  expect(await order('id:desc')).toBe('321');
});

const BAD_COLUMNS = 'Use one of image_id, last_accessed, last_modified, size, hits, as in --column image_id';
const UNUSABLE: readonly (readonly [args: readonly string[], message: string, hint: string])[] = [
  [['-c', 'foo'], "Cannot find column 'foo': there is no such column", BAD_COLUMNS],
  [['--sort-column', 'foo'], "Cannot find column 'foo': there is no such column", BAD_COLUMNS],
  [
    ['--sort-column', 'size:up'],
    "Cannot sort by 'size:up': the direction is neither asc nor desc",
    'Write the column with ":asc" or ":desc" behind it, or with neither: --sort-column size:desc',
  ],
  [
    ['--format', 'xml'],
    'Cannot use --format: "xml" is not a format of output',
    'Give one of table, json, yaml, csv, value, as in --format=table',
  ],
];

for (const [args, message, hint] of UNUSABLE) {
  test(`list-cached refuses ${args.join(' ')} when there is no such thing`, async () => {
    expect(await cache().manage('list-cached', ...args)).toEqual(failure(2, message, hint));
  });
}
