/**
 * Shows that what somebody has planted among the parts decides nothing: bytes are verified against what Glance says,
 * never against a journal, and a part with another name is never written to.
 */
import { createHash } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseImageId } from '../../src/cache/image-id.ts';
import { journalText } from '../../src/cache/prefetch/journal.ts';
import { idOf } from '../support/cache-fixture.ts';
import { contentOf } from '../support/cloud/contents.js';
import { journalOf, partPath } from '../support/parts.ts';
import { FETCHED, type PrefetchFixture, usePrefetch } from '../support/prefetch-fixture.ts';
import { success } from '../support/run-program.ts';

const prefetch = usePrefetch();

const ID = idOf('1');
const SIZE = 100_000;
const EVIL = Buffer.alloc(SIZE, 'evil');

function sha512(bytes: Uint8Array): string {
  return createHash('sha512').update(bytes).digest('hex');
}

async function queued(): Promise<PrefetchFixture> {
  const it = await prefetch({ images: [{ id: ID, sizeBytes: SIZE }] });
  it.queue(ID);
  mkdirSync(it.cache.layout.parts, { recursive: true });
  return it;
}

/** A journal with what its writer chose. */
function plantJournal(it: PrefetchFixture, hex: string, more: object = {}): void {
  const imageId = parseImageId(ID);
  if (imageId === undefined) throw new Error('No image ID');
  const digest = { algorithm: 'sha512', hex };
  const journal = journalOf(imageId, { content: { sizeBytes: SIZE, digest }, ...more });
  writeFileSync(partPath(it.cache.layout, ID, 'json'), journalText(journal));
}

test.concurrent('a part whose journal has the digest of its own bytes is begun anew', async () => {
  const it = await queued();
  writeFileSync(partPath(it.cache.layout, ID), EVIL);
  plantJournal(it, sha512(EVIL));
  expect(await it.run()).toEqual(success());
  expect(it.stateOf(ID)).toEqual(FETCHED);
  expect(it.rangesOf(ID)).toEqual(['bytes=0-']);
});

test.concurrent.each([SIZE, SIZE / 2])(
  'a part of %i other bytes whose journal has the digest that Glance says is never published',
  async (sizeBytes) => {
    const it = await queued();
    writeFileSync(partPath(it.cache.layout, ID), EVIL.subarray(0, sizeBytes));
    plantJournal(it, sha512(contentOf(ID, SIZE)));
    const { code, stderr } = await it.run();
    expect([code, stderr]).toEqual([0, expect.stringContaining('Cannot use the bytes of image')]);
    expect(it.stateOf(ID)).toEqual(FETCHED);
  },
);

test.concurrent.each([
  ['as often as never was', { mismatches: 1e15, lastMismatchSec: Date.now() / 1000 + 1e9 }],
  ['at the end of time', { mismatches: 3, lastMismatchSec: 1e300 }],
])('a journal that remembers mismatches %s puts nothing off for longer than a day', async (_when, mismatches) => {
  const it = await queued();
  plantJournal(it, sha512(EVIL), mismatches);
  expect(await it.run([], it.later(25 * 3600))).toEqual(success());
  expect(it.stateOf(ID)).toEqual(FETCHED);
});

test.concurrent('a part that is a second name of a file is dropped, and the file is not written to', async () => {
  const it = await queued();
  const victim = join(it.cache.base, 'victim');
  const precious = contentOf(ID, SIZE).subarray(0, 1000);
  writeFileSync(victim, precious);
  linkSync(victim, partPath(it.cache.layout, ID));
  // It even is the beginning of the image.
  plantJournal(it, sha512(contentOf(ID, SIZE)));
  const { ino, mode, mtimeMs } = lstatSync(victim);
  expect(await it.run()).toEqual(success());
  expect(it.stateOf(ID)).toEqual(FETCHED);
  expect(readFileSync(victim).equals(precious)).toBe(true);
  expect(lstatSync(victim)).toMatchObject({ ino, mode, mtimeMs, nlink: 1 });
  expect(lstatSync(join(it.cache.root, ID)).ino).not.toBe(ino);
});

test.concurrent('the cleaner drops a second name without a journal, and leaves the file', async () => {
  const it = await queued();
  const victim = join(it.cache.base, 'victim');
  writeFileSync(victim, 'precious');
  linkSync(victim, partPath(it.cache.layout, ID));
  expect((await it.cache.run('cleaner', [])).code).toBe(0);
  expect(it.stateOf(ID).partBytes).toBeUndefined();
  expect(readFileSync(victim, 'utf8')).toBe('precious');
});

test.concurrent('a journal of a gibibyte is no journal, and is not read', async () => {
  const it = await queued();
  const path = partPath(it.cache.layout, ID, 'json');
  writeFileSync(path, '{"version":1,');
  truncateSync(path, 1024 ** 3);
  const { code, peakBytes } = await it.measured([]);
  expect(code).toBe(0);
  expect(peakBytes).toBeLessThan(150 * 1024 ** 2);
  expect(it.stateOf(ID)).toEqual(FETCHED);
});
