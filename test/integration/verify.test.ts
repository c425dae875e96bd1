// glance-cache-manage verify without a look at the bytes: every kind of damage is found, shown without a change, and
// mended, after which all programs find the cache sound.
import { chmodSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type CacheFixture, idOf, useCache } from '../support/cache-fixture.ts';
import { entriesOf } from '../support/directory-state.ts';
import { clockSetAhead } from '../support/program-clock.ts';
import { failure, type RunResult, success, UNPRIVILEGED } from '../support/run-program.ts';

const cache = useCache();

const [ONE, TWO, WHOLE] = [idOf('1'), idOf('2'), idOf('9')];

/** Runs it an hour later, when everything has settled. */
function later(program: 'manage' | 'pruner' | 'cleaner', args: readonly string[]): Promise<RunResult> {
  return cache().run(program, args, { env: clockSetAhead(cache().base, 3600) });
}

function verify(...args: readonly string[]): Promise<RunResult> {
  return later('manage', ['verify', ...args]);
}

interface Item {
  readonly image_id: string | null;
  readonly severity: string;
  readonly reason: string;
  readonly action: string;
  readonly result: string;
}

function reportOf({ stdout }: RunResult): { readonly items: readonly Item[]; readonly [key: string]: unknown } {
  return JSON.parse(stdout) as ReturnType<typeof reportOf>;
}

function summaryOf(run: RunResult): readonly string[] {
  return reportOf(run).items.map(
    ({ image_id, severity, reason, action }) => `${severity} ${reason} → ${action} ${image_id ?? 'index'}`,
  );
}

function overwrite(index: string, from: number, to: number): void {
  const bytes = readFileSync(index);
  writeFileSync(index, bytes.fill(0xff, from, to));
}

const ADOPTED = `hint no-row → adopt ${WHOLE}`;
const CORRUPT = 'error index-corrupt → rebuild-index index';
const LOST = 'error index-lost → rebuild-index index';

/** What is wrong beside an image that is whole, the exit code, and the findings. */
const DAMAGES: readonly (readonly [
  what: string,
  make: (cache: CacheFixture) => void,
  code: number,
  findings: readonly string[],
])[] = [
  ['nothing is wrong', () => undefined, 0, []],
  ['a file has no row', (it) => it.addFile('cached', ONE), 0, [`hint no-row → adopt ${ONE}`]],
  ['a row has no file', (it) => it.addRow(ONE), 0, [`hint no-file → drop-row ${ONE}`]],
  [
    'the index has another size',
    (it) => {
      it.addFile('cached', ONE, { size: 400 });
      it.addRow(ONE, { size: 1000 });
    },
    9,
    [`error wrong-size → correct-size ${ONE}`],
  ],
  ['hits are a text', (it) => it.addImage(ONE, { hits: 'many' }), 9, [`error odd-row → renew-row ${ONE}`]],
  ['a time lies beyond all', (it) => it.addImage(ONE, { accessed: 1e300 }), 9, [`error odd-row → renew-row ${ONE}`]],
  [
    'a size is a text',
    (it) => {
      it.addFile('cached', ONE);
      it.addRow(ONE, { size: 'large' });
    },
    9,
    [`error odd-row → renew-row ${ONE}`],
  ],
  [
    'a row without file makes no sense',
    (it) => it.addRow(ONE, { modified: 'once', hits: -1 }),
    0,
    [`hint no-file → drop-row ${ONE}`],
  ],
  ['a cached image is queued', (it) => it.addMarker(WHOLE.toUpperCase()), 0, [`hint queued → unqueue ${WHOLE}`]],
  ['the header of the index is rubbish', ({ layout }) => overwrite(layout.index, 0, 16), 9, [CORRUPT, ADOPTED]],
  ['a page of its table is overwritten', ({ layout }) => overwrite(layout.index, 4096, 8192), 9, [CORRUPT, ADOPTED]],
  ['the index is cut off', ({ layout }) => truncateSync(layout.index, 5000), 9, [CORRUPT, ADOPTED]],
  ['the index is a text', ({ layout }) => writeFileSync(layout.index, 'rubbish'), 9, [CORRUPT, ADOPTED]],
  ['the index is missing', (it) => it.replaceIndex(() => undefined), 9, [LOST, ADOPTED]],
  ['the index is an empty file', ({ layout }) => writeFileSync(layout.index, ''), 9, [LOST, ADOPTED]],
  ['the index has no rows', (it) => it.inIndex((db) => db.exec('DELETE FROM cached_images')), 9, [LOST, ADOPTED]],
];

describe('glance-cache-manage verify', () => {
  test.each(DAMAGES)('finds it and mends it with --repair when %s', async (_what, make, code, findings) => {
    cache().addImage(WHOLE, { hits: 7 });
    make(cache());
    const before = entriesOf(cache().root);
    const look = await verify('--format', 'json');
    expect([look.code, summaryOf(look)]).toEqual([code, findings]);
    expect(reportOf(look).items.filter(({ result }) => result !== 'found')).toEqual([]);
    expect(entriesOf(cache().root)).toEqual(before);

    const repair = await verify('--repair', '--format', 'json');
    expect([repair.code, summaryOf(repair), repair.stderr]).toEqual([0, findings, '']);
    expect(reportOf(repair).items.filter(({ result }) => result !== 'done')).toEqual([]);

    expect(await verify()).toEqual(success());
    expect(await later('pruner', [])).toEqual(success());
    expect(await later('cleaner', [])).toEqual(success());
    const images = cache().names('cached');
    expect(images).toContain(WHOLE);
    expect(cache().rowIds()).toEqual(images);
    if (!findings.some((finding) => finding.endsWith(' index'))) {
      expect(cache().rows()).toContainEqual(expect.objectContaining({ image_id: WHOLE, size: 1000, hits: 7 }));
    }
  });

  test.each<[string, (cache: CacheFixture) => unknown]>([
    ['a file that has just come has no row', (it) => it.addFile('cached', ONE)],
    ['a row that has just come has no file', (it) => it.addRow(ONE, { modified: Date.now() / 1000 })],
    ['an image that has just come is queued', (it) => [it.addImage(ONE), it.addMarker(ONE)]],
    ['the cache directory holds nothing', () => undefined],
  ])('says nothing and ends with 0 when %s', async (_what, make) => {
    make(cache());
    const before = entriesOf(cache().root);
    expect(await cache().manage('verify')).toEqual(success());
    expect(entriesOf(cache().root)).toEqual(before);
  });

  test('shows what --repair would do with --dry-run, and changes nothing', async () => {
    cache().addFile('cached', ONE);
    cache().addImage(TWO, { hits: 'many' });
    const before = cache().state();
    const table = `\
+--------------------------------------+----------+---------------------------------------+------------------+---------+--------+
| ID                                   | Severity | What                                  | Repair           | Result  |   Size |
+--------------------------------------+----------+---------------------------------------+------------------+---------+--------+
| ${TWO} | error    | its row has values that make no sense | renew row        | planned | 1000 B |
| ${ONE} | hint     | not in the index                      | enter into index | planned | 1000 B |
+--------------------------------------+----------+---------------------------------------+------------------+---------+--------+
`;
    const expected = {
      code: 9,
      stdout: `Checked 2 images in ${cache().root}: 1 error, 1 hint (dry run: nothing was changed).\n${table}`,
      stderr: `ERROR: Cannot vouch for "${cache().root}": an error was found\nhint: Run "glance-cache-manage verify --repair"\n`,
    };
    expect(await verify('--dry-run')).toEqual(expected);
    expect(await verify('--dry-run', '--repair')).toEqual(expected);
    expect(cache().state()).toEqual(before);
    const repaired = await verify('--repair');
    const done = table
      .replaceAll(' planned ', ' done   ')
      .replaceAll(' Result  ', ' Result ')
      .replaceAll('+---------+', '+--------+');
    expect(repaired).toEqual(
      success(`Checked 2 images in ${cache().root}: 1 error, 1 hint; all of it is mended.\n${done}`),
    );
  });

  test('tells the next step after hints, which are no failure', async () => {
    cache().addImage(WHOLE);
    cache().addFile('cached', ONE);
    const { code, stdout, stderr } = await verify();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Checked 2 images in ${cache().root}: 1 hint.
Run "glance-cache-manage verify --repair" to mend that; with --dry-run it shows first what it would do.
`);
  });

  test('sets a damaged index aside under a name that it tells', async () => {
    cache().addImage(ONE);
    writeFileSync(cache().layout.index, 'rubbish');
    const report = reportOf(await verify('--repair', '--format', 'json'));
    const { set_aside: path } = report;
    expect(path).toMatch(`${cache().root}/.glance-cache-tools/set-aside/cache.db-`);
    expect(readFileSync(String(path), 'utf8')).toBe('rubbish');
    writeFileSync(cache().layout.index, 'rubbish');
    const again = await verify('--repair');
    expect(again.stdout).toMatch(
      new RegExp(`^The damaged index lies in ${cache().layout.setAside}/cache\\.db-\\S+ now\\.$`, 'm'),
    );
  });

  test('has all in one object with --format json', async () => {
    cache().addImage(WHOLE);
    cache().addFile('cached', ONE, { size: 400 });
    cache().addRow(ONE, { size: 1000 });
    cache().addFile('cached', 'notes.txt');
    cache().addRow('no-image');
    const run = await verify('--format', 'json', ONE.toUpperCase(), TWO);
    expect(reportOf(run)).toEqual({
      program: 'glance-cache-manage',
      command: 'verify',
      dry_run: false,
      repair: false,
      read_data: false,
      cache_dir: cache().root,
      checked_images: 1,
      read_images: 0,
      read_bytes: 0,
      errors: 1,
      hints: 0,
      set_aside: null,
      unverified: [],
      absent: [TWO],
      foreign: [{ area: 'cached', name: 'notes.txt', kind: 'file' }],
      foreign_rows: ['no-image'],
      items: [
        {
          image_id: ONE,
          severity: 'error',
          reason: 'wrong-size',
          action: 'correct-size',
          result: 'found',
          area: null,
          size: 400,
          expected: '1000',
          found: '400',
          error: null,
          message: null,
        },
      ],
    });
    const [absent, error = ''] = run.stderr.split('\n');
    expect(absent).toBe(`Not checked: image ${TWO} is not cached`);
    expect(JSON.parse(error)).toMatchObject({
      error: { code: 'INTEGRITY_CACHE', exit_code: 9, details: { errors: 1 } },
    });
  });

  test('looks at and mends the images alone that are named', async () => {
    for (const id of [ONE, TWO, WHOLE]) cache().addFile('cached', id);
    cache().addRow(WHOLE);
    const run = await verify('--repair', ONE, '--format', 'value', '-c', 'result', '-c', 'ID');
    expect(run).toEqual(success(`done ${ONE}\n`));
    expect(cache().rowIds()).toEqual([ONE, WHOLE]);
  });

  test('names what is none of the cache and leaves it alone, also with --repair', async () => {
    cache().addImage(WHOLE);
    cache().addFile('cached', 'notes.txt');
    cache().addRow('no-image');
    const { code, stdout } = await verify('--repair', '--verbose');
    expect(code).toBe(0);
    expect(stdout).toContain(`Checked 1 image in ${cache().root}: nothing is wrong.
Left alone, as none of the cache's: notes.txt, no-image.
`);
    expect(cache().rowIds()).toEqual([WHOLE, 'no-image']);
  });

  test('looks for a user who may only read, who is told what is missing for --repair', async () => {
    cache().addImage(WHOLE);
    cache().addFile('cached', ONE);
    chmodSync(cache().root, 0o555);
    const options = { env: clockSetAhead(cache().base, 3600), as: UNPRIVILEGED };
    const look = await cache().run('manage', ['verify', '--format', 'value', '-c', 'reason'], options);
    expect(look).toEqual(success('no-row\n'));
    const repair = await cache().run('manage', ['verify', '--repair'], options);
    expect(repair).toMatchObject({ code: 4, stdout: '' });
    expect(repair.stderr).toContain('permission denied (EACCES)\nhint: ');
    expect(cache().rowIds()).toEqual([WHOLE]);
  });

  test.each<[readonly string[], string, string]>([
    [
      ['--read-data', '--read-data-subset', '10%'],
      'Cannot use --read-data with --read-data-subset: one is for all images',
      'Give --read-data for all images, or --read-data-subset for some of them',
    ],
    [
      ['no-id'],
      'Cannot use "no-id": it is not a valid image ID',
      'An image ID is a UUID such as 71c675ab-d94f-49cd-a114-e12490b328d9: see "openstack image list"',
    ],
    [
      ['--repair', '-c', 'size', '-c', 'name'],
      "Cannot find column 'name': there is no such column",
      'Use one of image_id, severity, reason, action, result, area, size, expected, found, error, message, as in --column image_id',
    ],
  ])('refuses %j before it looks at anything', async (args, message, hint) => {
    cache().addFile('cached', ONE);
    const before = entriesOf(cache().root);
    expect(await verify(...args)).toEqual(failure(2, message, hint));
    expect(entriesOf(cache().root)).toEqual(before);
  });
});
