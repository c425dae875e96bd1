// SQLite stores whatever it is given, whatever the type of the column: https://www.sqlite.org/flextypegood.html
import { expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { success } from '../support/run-program.ts';

const cache = useCache();

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];

const NAMELESS = [null, Buffer.from('414200ff', 'hex'), null];
const ODD = ['../../etc/passwd', 'x\u001b[31m\ny', idOf('a').toUpperCase()];

function fill(): void {
  cache().addImage(ONE);
  for (const id of NAMELESS) cache().addRow(id, { accessed: 1, modified: 1, size: 1, hits: 1 });
  for (const id of ODD) cache().addRow(id, { accessed: -5, modified: 'text', size: 9.7, hits: -1 });
  cache().addFile('cached', TWO);
  cache().addRow(TWO, { accessed: 1e300, modified: Number.NaN, size: '12', hits: 2 ** 40 });
  cache().addFile('cached', THREE);
  cache().addRow(THREE, {
    accessed: Number.NEGATIVE_INFINITY,
    modified: Buffer.from('00', 'hex'),
    size: 9_223_372_036_854_775_807n,
    hits: null,
  });
}

test('list-cached shows them without control characters and with 0 for what is no number', async () => {
  fill();
  const { code, stdout, stderr } = await cache().manage('list-cached', '--format', 'csv');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual(
    expect.arrayContaining([
      ',1970-01-01T00:00:01Z,1970-01-01T00:00:01Z,1,1',
      '../../etc/passwd,,,9,0',
      'x\\x1b[31m\\x0ay,,,9,0',
      `${TWO},,,12,1099511627776`,
      `${THREE},,,9223372036854776000,0`,
    ]),
  );
  const table = await cache().manage('list-cached');
  expect(table.stdout).toMatch(/^Found 9 cached images\.\.\.\n/);
  expect(table.stdout).not.toMatch(/[^\n\x20-\x7e]/);
});

test('the pruner drops none of them, corrects what belongs to files and reports the others', async () => {
  fill();
  const { code, stdout, stderr } = await cache().run('pruner', ['-v']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(
    `Left alone, as none of the cache's: "", "", ../../etc/passwd, ${idOf('a').toUpperCase()}, x\\x1b[31m\\x0ay, "".\n`,
  );
  expect(stdout).toMatch(new RegExp(`\\| ${THREE} \\| correct-size \\| done +\\|`));
  expect(cache().names('cached')).toEqual([ONE, TWO, THREE]);
  expect(cache().rowIds()).toHaveLength(9);
});

test('the pruner takes an image out when its row makes no sense', async () => {
  cache().configure('image_cache_max_size = 0');
  fill();
  expect(await cache().run('pruner', [])).toEqual(success());
  expect(cache().names('cached')).toEqual([]);
  expect(cache().rowIds()).toHaveLength(6);
});

test('delete-all-cached-images deletes every row, as the stock tool does', async () => {
  fill();
  expect(await cache().manage('-f', 'delete-all-cached-images')).toEqual(success());
  expect([cache().names('cached'), cache().rows()]).toEqual([[], []]);
});
