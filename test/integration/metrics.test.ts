import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderExposition } from '../../src/present/metrics/exposition.ts';
import { METRICS } from '../../src/use-cases/metrics/metric-table.ts';
import { takeMetrics } from '../../src/use-cases/metrics/metrics.ts';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { callInProcess, callOn } from '../support/call-in-process.ts';
import { type Family, readExposition } from '../support/exposition.ts';
import { partPath } from '../support/parts.ts';
import { AS_ROOT, failure, type RunResult, success, UNPRIVILEGED } from '../support/run-program.ts';
import { accessTo } from '../support/seeded-cache.ts';

const cache = useCache();

const [ONE, TWO, THREE, FOUR, FIVE] = [idOf('1'), idOf('2'), idOf('3'), idOf('4'), idOf('5')];

function metrics(...args: readonly string[]): Promise<RunResult> {
  return callOn(cache(), 'manage', ['metrics', ...args]);
}

async function read(): Promise<ReadonlyMap<string, Family>> {
  const { code, stdout, stderr } = await metrics();
  expect([code, stderr]).toEqual([0, '']);
  return readExposition(stdout);
}

/** The value of a metric with at most one sample. */
function sampleOf(families: ReadonlyMap<string, Family>, name: string): number | undefined {
  const samples = families.get(`glance_cache_${name}`)?.samples ?? [];
  expect(samples.length, name).toBeLessThan(2);
  return samples[0]?.value;
}

/** Of each of the metrics the value. */
function valuesOf(families: ReadonlyMap<string, Family>, ...names: readonly string[]): unknown {
  return Object.fromEntries(names.map((name) => [name, sampleOf(families, name)]));
}

const NO_LIMITS = { maxSizeBytes: 1, lowWatermarkPercent: 100, minFree: undefined, maxAgeSec: undefined };

/** Something of everything. */
function fill(): void {
  cache().configure('image_cache_max_size = 10000', '[cache_tools]', 'low_watermark = 80%', 'min_free = 1GiB');
  cache().addImage(ONE, { size: 1000, accessed: 5000, hits: 3 });
  cache().addImage(TWO, { size: 2000, accessed: 0, modified: 4000, hits: 0 });
  cache().addImage(THREE, { size: 4000, accessed: 6000, hits: 4 });
  cache().addFile('incomplete', FOUR, { size: 30, ageSec: 1000 });
  cache().addFile('invalid', FOUR, { size: 500, ageSec: 2000 });
  cache().addFile('invalid', FIVE, { size: 50, ageSec: 1000 });
  cache().addMarker(FOUR, 700);
  cache().addRow(FOUR, { modified: 1000 });
  for (const folder of [cache().layout.pinned, cache().layout.parts]) mkdirSync(folder, { recursive: true });
  for (const imageId of [THREE, FOUR]) writeFileSync(join(cache().layout.pinned, imageId), '');
  writeFileSync(partPath(cache().layout, FOUR), 'a part');
}

describe('metrics', () => {
  test('tells what the cache holds, and what lies beside it', async () => {
    fill();
    const found = await read();
    expect(valuesOf(found, 'up', 'directory_exists', 'images', 'size_bytes', 'largest_image_bytes', 'hits')).toEqual({
      up: 1,
      directory_exists: 1,
      images: 3,
      size_bytes: 7000,
      largest_image_bytes: 4000,
      hits: 7,
    });
    const uses = ['unread_images', 'unread_bytes', 'pins', 'pinned_images', 'pinned_bytes', 'prefetch_parts'];
    const moments = ['oldest', 'median', 'newest'].map((which) => `${which}_use_timestamp_seconds`);
    expect(valuesOf(found, ...uses, 'prefetch_parts_bytes', ...moments)).toEqual({
      ...{ unread_images: 1, unread_bytes: 2000, pins: 2, pinned_images: 1, pinned_bytes: 4000 },
      ...{ prefetch_parts: 1, prefetch_parts_bytes: 6 },
      ...{ oldest_use_timestamp_seconds: 4000, median_use_timestamp_seconds: 5000, newest_use_timestamp_seconds: 6000 },
    });
    const beside = ['incomplete_images', 'incomplete_bytes', 'invalid_images', 'invalid_bytes', 'queued_images'];
    expect(valuesOf(found, ...beside, 'fileless_rows', 'rowless_files', 'index_flipped')).toEqual({
      ...{ incomplete_images: 1, incomplete_bytes: 30, invalid_images: 2, invalid_bytes: 550, queued_images: 1 },
      ...{ fileless_rows: 1, rowless_files: 0, index_flipped: 0 },
    });
    const nowSec = Date.now() / 1000;
    for (const [name, ageSec] of Object.entries({ incomplete: 1000, invalid: 2000, queued: 700 })) {
      expect(nowSec - Number(sampleOf(found, `${name}_oldest_timestamp_seconds`))).toBeCloseTo(ageSec, -2);
    }
    expect(Math.abs(nowSec - Number(sampleOf(found, 'collected_timestamp_seconds')))).toBeLessThan(60);
  });

  test('tells the limits, and what the runs of the programs have done', async () => {
    fill();
    for (const args of [[], ['--max-size', '3000']]) expect((await callOn(cache(), 'pruner', args)).code).toBe(0);
    await callOn(cache(), 'cleaner', []);
    const found = await read();
    expect(valuesOf(found, 'max_size_bytes', 'target_size_bytes', 'min_free_bytes')).toEqual({
      ...{ max_size_bytes: 10_000, target_size_bytes: 8000, min_free_bytes: 2 ** 30 },
    });
    expect(valuesOf(found, 'pruned_images_total', 'pruned_bytes_total', 'cleaned_files_total')).toEqual({
      ...{ pruned_images_total: 2, pruned_bytes_total: 3000, cleaned_files_total: 3 },
    });
    expect(valuesOf(found, 'cleaned_bytes_total', 'fetched_images_total', 'fetched_bytes_total')).toEqual({
      ...{ cleaned_bytes_total: 556, fetched_images_total: 0, fetched_bytes_total: 0 },
    });
    const ofPruner = { program: 'glance-cache-pruner' };
    for (const [name, value] of Object.entries({ exit_code: 0, images: 2, bytes: 3000 })) {
      expect(found.get(`glance_cache_last_run_${name}`)?.samples).toContainEqual({ labels: ofPruner, value });
    }
    expect(found.get('glance_cache_runs_total')?.samples).toEqual(
      expect.arrayContaining([
        { labels: { ...ofPruner, result: 'success' }, value: 2 },
        { labels: { ...ofPruner, result: 'failure' }, value: 0 },
        { labels: { program: 'glance-cache-prefetcher', result: 'success' }, value: 0 },
      ]),
    );
    expect(found.get('glance_cache_last_success_timestamp_seconds')?.samples.map(({ labels }) => labels)).toEqual([
      ofPruner,
      { program: 'glance-cache-cleaner' },
    ]);
  });

  test('has every metric there is, as the table says, and no image ID', async () => {
    fill();
    for (const program of ['pruner', 'cleaner'] as const) await callOn(cache(), program, []);
    cache().addFile('invalid', ONE);
    const { stdout } = await metrics();
    const found = readExposition(stdout);
    expect([...found].map(([name, { type, help }]) => [name, type, help])).toEqual(
      Object.values(METRICS).map(({ name, type, help }) => [name, type, help]),
    );
    for (const { name, labels } of Object.values(METRICS)) {
      for (const sample of found.get(name)?.samples ?? []) expect(Object.keys(sample.labels)).toEqual(labels);
    }
    expect(stdout).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
    expect(found.get('glance_cache_info')?.samples[0]?.labels).toEqual({ directory: cache().root, driver: 'sqlite' });
  });

  test('changes nothing', async () => {
    fill();
    const before = cache().state();
    await read();
    expect(cache().state()).toEqual(before);
  });

  test('tells of an index that has no rows although there are images', async () => {
    cache().addFile('cached', ONE);
    // The access of tests is an hour ahead.
    const { samples } = await takeMetrics(accessTo(cache().layout), { version: '1', limits: () => NO_LIMITS });
    const found = readExposition(renderExposition(Object.values(METRICS), samples));
    expect(valuesOf(found, 'index_flipped', 'rowless_files')).toEqual({ index_flipped: 1, rowless_files: 1 });
  });

  test('tells of a missing directory that it is an empty cache', async () => {
    rmSync(cache().root, { recursive: true });
    const found = await read();
    const empty = { up: 1, directory_exists: 0, images: 0, oldest_use_timestamp_seconds: undefined };
    expect(valuesOf(found, ...Object.keys(empty))).toEqual(empty);
    expect(existsSync(cache().root)).toBe(false);
  });

  test('leaves out what cannot be read, says so, and ends with 4', async () => {
    fill();
    await callOn(cache(), 'pruner', []);
    cache().replaceIndex((path) => writeFileSync(path, 'this is no index at all'));
    const { code, stdout, stderr } = await metrics();
    expect([code, stderr]).toEqual([4, expect.stringContaining('ERROR: Cannot ')]);
    const found = readExposition(stdout);
    expect(valuesOf(found, 'up', 'images', 'max_size_bytes', 'pruned_images_total')).toEqual({
      ...{ up: 0, images: undefined, max_size_bytes: 10_000, pruned_images_total: 0 },
    });
  });

  test.each([
    ['a value is wrong', ['[DEFAULT]', 'image_cache_max_size = 10 GB'], 'images'],
    ['no cache is named', ['[DEFAULT]'], undefined],
  ])('says so, and ends with 3, when %s', async (_when, lines, known) => {
    if (known === undefined) cache().configureExactly(...lines);
    else cache().configure(...lines.slice(1));
    const { code, stdout, stderr } = await metrics();
    expect([code, stderr]).toEqual([3, expect.stringContaining('ERROR: Cannot ')]);
    const found = readExposition(stdout);
    expect(sampleOf(found, 'up')).toBe(0);
    expect(found.has('glance_cache_images')).toBe(known !== undefined);
  });

  test('needs no right to the log that the files of Glance ask for', async () => {
    mkdirSync(join(cache().home, '.glance'));
    const lines = ['[DEFAULT]', `image_cache_dir = ${cache().root}`, 'log_dir = /nonexistent'];
    writeFileSync(join(cache().home, '.glance', 'glance-cache.conf'), lines.join('\n'));
    const { code, stdout, stderr } = await callInProcess('manage', ['metrics'], { home: cache().home });
    expect([code, stderr, sampleOf(readExposition(stdout), 'up')]).toEqual([0, '', 1]);
  });

  test('refuses another format', async () => {
    const message = 'Cannot print metrics as yaml: they have a format of their own';
    const hint = 'Leave out --format, or run "glance-cache-manage --format yaml stats"';
    expect(await callOn(cache(), 'manage', ['--format', 'yaml', 'metrics'])).toEqual(failure(2, message, hint));
  });
});

describe('metrics --textfile', () => {
  const folder = (): string => join(cache().base, 'textfiles');
  const path = (): string => join(folder(), 'cache.prom');

  test('writes the file, silently, for everybody to read, and nothing beside it', async () => {
    mkdirSync(folder());
    for (let round = 0; round < 2; round++) expect(await metrics('--textfile', path())).toEqual(success());
    expect(sampleOf(readExposition(readFileSync(path(), 'utf8')), 'up')).toBe(1);
    expect(readdirSync(folder())).toEqual(['cache.prom']);
    expect(lstatSync(path()).mode & 0o777).toBe(0o644);
  });

  test('takes the place of a link, and does not follow it', async () => {
    mkdirSync(folder());
    const victim = join(cache().base, 'victim');
    writeFileSync(victim, 'mine');
    for (const name of ['cache.prom', `.cache.prom.${process.pid}.tmp`]) symlinkSync(victim, join(folder(), name));
    expect(await metrics('--textfile', path())).toEqual(success());
    expect([readFileSync(victim, 'utf8'), lstatSync(path()).isFile()]).toEqual(['mine', true]);
    expect(readdirSync(folder())).toEqual(['cache.prom']);
  });

  test('says in the file that the cache cannot be read', async () => {
    mkdirSync(folder());
    cache().configureExactly('[DEFAULT]');
    expect((await metrics('--textfile', path())).code).toBe(3);
    expect(sampleOf(readExposition(readFileSync(path(), 'utf8')), 'up')).toBe(0);
  });

  test.each([
    ['the folder is missing', () => undefined, 'no such file or directory (ENOENT)'],
    ['a folder lies there', () => mkdirSync(path(), { recursive: true }), 'illegal operation on a directory (EISDIR)'],
  ])('ends with 4 and leaves nothing when %s', async (_when, prepare, cause) => {
    prepare();
    const { code, stdout, stderr } = await metrics('--textfile', path());
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toContain(`ERROR: Cannot write "${path()}": ${cause}\nhint: `);
    if (existsSync(folder())) expect(readdirSync(folder())).toEqual(['cache.prom']);
  });

  test('refuses a name that no collector reads', async () => {
    const { code, stderr } = await metrics('--textfile', '/etc/passwd');
    expect([code, stderr]).toEqual([2, expect.stringContaining('does not end in .prom')]);
  });

  test.skipIf(!AS_ROOT)('writes with the rights of root where the owner of the cache may not', async () => {
    fill();
    cache().handTo(UNPRIVILEGED);
    mkdirSync(folder());
    expect(await cache().manage('metrics', '--textfile', path())).toEqual(success());
    const { uid, mode } = lstatSync(path());
    expect([uid, mode & 0o777]).toEqual([0, 0o644]);
  });

  test.skipIf(!AS_ROOT)('follows no link of somebody else on the way when it is root', async () => {
    const mine = join(cache().base, 'mine');
    mkdirSync(mine);
    chmodSync(mine, 0o700);
    cache().handTo(UNPRIVILEGED);
    mkdirSync(folder());
    symlinkSync(folder(), join(mine, 'link'));
    cache().handTo(UNPRIVILEGED);
    const planted = join(mine, 'link', 'cache.prom');
    const { code, stderr } = await cache().manage('metrics', '--textfile', planted);
    expect([code, stderr]).toEqual([4, expect.stringContaining(`Cannot write "${planted}": `)]);
    expect(readdirSync(folder())).toEqual([]);
    expect(await cache().manage('metrics', '--textfile', path())).toEqual(success());
  });
});
