// Images of all sorts, and runs that name theirs.
import { lstatSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import type { CloudImage } from '../support/cloud/cloud.js';
import { FETCHED, itemsOf, QUEUED, usePrefetch } from '../support/prefetch-fixture.ts';
import { failure, success } from '../support/run-program.ts';

const prefetch = usePrefetch();

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];

const ODD: Readonly<Record<string, Partial<CloudImage>>> = {
  'no name': { name: null },
  'md5 as its only checksum': { digest: 'md5' },
  'no checksum': { digest: 'none' },
  'no size': { overrides: { size: null } },
  'neither size nor checksum': { overrides: { size: null }, digest: 'none' },
  'no bytes': { sizeBytes: 0 },
  'one byte': { sizeBytes: 1 },
  'no bytes and no checksum': { sizeBytes: 0, digest: 'none' },
  'a hash that nobody knows': { overrides: { os_hash_algo: 'sha1024', os_hash_value: 'ab' } },
  'been hidden': { hidden: true },
  'capitals in its ID': { overrides: { id: ONE.toUpperCase() } },
};

describe.concurrent('images', () => {
  for (const [what, traits] of Object.entries(ODD)) {
    test(`the prefetcher fetches an image when that has ${what}`, async () => {
      const it = await prefetch({ images: [{ id: ONE, sizeBytes: 100_000, ...traits }] });
      it.queue(ONE);
      expect(await it.run()).toEqual(success());
      expect(it.stateOf(ONE)).toEqual(FETCHED);
      const { mode } = lstatSync(join(it.cache.root, ONE));
      expect((mode & 0o777).toString(8)).toBe('640');
    });
  }

  test('the prefetcher works off every spelling of a marker that the stock tool may have made', async () => {
    const id = 'abcdefab-abcd-abcd-abcd-abcdefabcdef';
    const it = await prefetch({ images: [{ id, sizeBytes: 5 }] });
    it.queue(id, id.toUpperCase(), 'not-an-image');
    expect(await it.run()).toEqual(success());
    expect(it.cache.names('cached')).toEqual([id]);
    expect(it.cache.names('queue')).toEqual(['not-an-image']);
    expect(it.rangesOf(id)).toHaveLength(1);
  });
});

describe.concurrent('--image', () => {
  test('the prefetcher fetches the images that are named, queued or not, and no others', async () => {
    const it = await prefetch({ images: [ONE, TWO, THREE].map((id) => ({ id, sizeBytes: 1000 })) });
    it.queue(TWO, THREE);
    expect(await it.run(['--image', ONE, '--image', TWO.toUpperCase(), '--image', ONE])).toEqual(success());
    expect([ONE, TWO, THREE].map((id) => it.stateOf(id))).toEqual([FETCHED, FETCHED, QUEUED]);
    expect(it.rangesOf(ONE)).toHaveLength(1);
  });

  test('the prefetcher ends with 0, drops the marker and asks nobody when the image is cached already', async () => {
    const it = await prefetch();
    it.cache.addImage(ONE);
    it.queue(ONE);
    const row = it.cache.rows();
    expect(await it.run(['--image', ONE])).toEqual(success());
    expect(it.stateOf(ONE)).toEqual(FETCHED);
    expect(it.cache.rows()).toEqual(row);
    const again = await it.run(['--image', ONE, '--format', 'json']);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(itemsOf(again)).toMatchObject([{ image_id: ONE, action: 'fetch', result: 'skipped', reason: 'cached' }]);
    expect(it.cloud.requests).toEqual([]);
  });

  test('the prefetcher leaves an image alone that glance-api is writing at this moment', async () => {
    const it = await prefetch({ images: [{ id: ONE, sizeBytes: 5 }] });
    it.queue(ONE);
    it.cache.addFile('incomplete', ONE);
    const run = await it.run(['--format', 'json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(itemsOf(run)).toMatchObject([{ image_id: ONE, result: 'skipped', reason: 'being-cached' }]);
    expect(it.stateOf(ONE)).toEqual(QUEUED);
  });

  test('the prefetcher makes cache directory, folders and index when they are missing', async () => {
    const it = await prefetch({ images: [{ id: ONE, sizeBytes: 1000 }] });
    for (const folder of ['incomplete', 'invalid', 'queue'] as const) rmdirSync(it.cache.layout.areas[folder]);
    it.cache.replaceIndex(() => undefined);
    rmdirSync(it.cache.root);
    expect(await it.cache.run('prefetcher', ['--image', ONE], { env: it.env })).toEqual(success());
    expect(it.stateOf(ONE)).toEqual(FETCHED);
    expect(it.cache.rowIds()).toEqual([ONE]);
  });

  test('the prefetcher ends with 6 when an image is named that Glance does not know', async () => {
    const it = await prefetch({ images: [{ id: ONE, sizeBytes: 1000 }] });
    const message = `Cannot get image ${TWO}: Glance does not know it`;
    const hint =
      'It has been deleted, or never was in this cloud: check the ID and the region: openstack image show 22222222-2222-2222-2222-222222222222';
    expect(await it.run(['--image', TWO])).toEqual(failure(6, message, hint));
    const both = await it.run(['--image', ONE, '--image', TWO]);
    expect(both).toEqual(failure(10, `Cannot do everything: 1 of 2 items failed: ${message}`, hint));
    expect(it.stateOf(ONE)).toEqual(FETCHED);
    expect(it.cache.names('queue')).toEqual([]);
  });

  test('the prefetcher ends with 2 when the ID is none', async () => {
    const it = await prefetch();
    const hint = 'Give the ID of an image, a UUID, as in --image=71c675ab-d94f-49cd-a114-e12490b328d9';
    expect(await it.run(['--image', '../../etc/passwd'])).toEqual(
      failure(2, 'Cannot use --image: "../../etc/passwd" is not a valid UUID', hint),
    );
  });
});
