import { chmodSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CacheLayout } from '../../../../src/cache/layout.ts';
import { RemoteError } from '../../../../src/errors/cache-error.ts';
import { FileHashers } from '../../../../src/execute/verify/file-hashers.ts';
import type { Image } from '../../../../src/glance/image.ts';
import type { Patience } from '../../../../src/sqlite/retry-busy.ts';
import { verify } from '../../../../src/use-cases/verify/verify.ts';
import type { VerifyReport } from '../../../../src/use-cases/verify/verify-report.ts';
import type { VerifyRequest } from '../../../../src/use-cases/verify/verify-run.ts';
import { clockAhead } from '../../../support/clocks.ts';
import { describedImage, describingGlance } from '../../../support/described-images.ts';
import { entriesOf } from '../../../support/directory-state.ts';
import { useHashThread } from '../../../support/hash-thread.ts';
import {
  accessTo,
  createCache,
  fileIdsOf,
  imageIdOf,
  putFile,
  putImage,
  putRow,
  rowsOf,
} from '../../../support/seeded-cache.ts';
import { useTempDir } from '../../../support/temp-dir.ts';

const folder = useTempDir();
const code = useHashThread();
const [one, two, three, four] = [imageIdOf(1), imageIdOf(2), imageIdOf(3), imageIdOf(4)];
let layout: CacheLayout;
let hashers: FileHashers;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  hashers = new FileHashers({ threads: 2, threadEntry: code().entry });
});

afterEach(() => hashers.close());

interface Reading {
  readonly images: readonly (readonly [imageId: string, image: Image | Error])[];
  readonly isAdmin?: boolean;
}

function run(
  request: Partial<VerifyRequest> = {},
  reading?: Reading,
  more: Partial<Patience> = {},
): Promise<VerifyReport> {
  return verify({
    access: accessTo(layout, more),
    request: { repair: false, dryRun: false, imageIds: undefined, ...request },
    reading:
      reading === undefined
        ? undefined
        : {
            glance: describingGlance(new Map(reading.images), reading.isAdmin),
            hashers,
            subset: undefined,
            random: Math.random,
            watch: { planned: () => undefined, advanced: () => undefined, spared: () => undefined },
          },
  });
}

function summary({ items }: VerifyReport): readonly string[] {
  return items.map(({ imageId, reason, action, result }) => `${imageId.slice(0, 8)} ${reason} ${action} ${result}`);
}

/** Everything that can be out of step, and an image that is whole. */
function putResidue(): void {
  putImage(layout, one);
  putFile(layout, 'cached', two);
  putRow(layout, three);
  putImage(layout, four, { size: 50 });
  truncateSync(join(layout.root, four), 49);
  writeFileSync(join(layout.areas.queue, one), '');
}

describe('verify()', () => {
  test('finds nothing in a missing cache, and makes none', async () => {
    rmSync(layout.root, { recursive: true });
    const report = await run({ repair: true });
    expect(report).toMatchObject({ items: [], errors: [], checkedImages: 0 });
    expect(existsSync(layout.root)).toBe(false);
  });

  test('tells what is out of step and changes nothing unless it is to repair', async () => {
    putResidue();
    const before = entriesOf(layout.root);
    const report = await run();
    expect(summary(report)).toEqual([
      '00000002 no-row adopt found',
      '00000003 no-file drop-row found',
      '00000004 wrong-size correct-size found',
      '00000001 queued unqueue found',
    ]);
    expect(report.errors).toMatchObject([{ code: 'INTEGRITY_CACHE', exitCode: 9 }]);
    expect(report.checkedImages).toBe(4);
    const dry = await run({ dryRun: true });
    expect(summary(dry)).toEqual(summary(report).map((line) => line.replace('found', 'planned')));
    expect(entriesOf(layout.root)).toEqual(before);
  });

  test('mends what it finds, so that the next look finds nothing', async () => {
    putResidue();
    const planned = await run({ repair: true, dryRun: true });
    const report = await run({ repair: true });
    expect(summary(report)).toEqual(summary(planned).map((line) => line.replace('planned', 'done')));
    expect(report.errors).toEqual([]);
    expect(rowsOf(layout).map(({ image_id, size }) => [image_id, size])).toEqual([
      [one, 100],
      [two, 100],
      [four, 49],
    ]);
    expect(summary(await run())).toEqual([]);
  });

  test.each([
    ['is no database', (path: string) => writeFileSync(path, 'nothing that SQLite has written'.repeat(100))],
    ['is cut off', (path: string) => truncateSync(path, 4096)],
  ])('sets an index aside that %s, and builds it anew from the directory', async (_how, damage) => {
    for (const id of [one, two]) putImage(layout, id);
    damage(layout.index);
    const bytes = readFileSync(layout.index);
    const looked = await run();
    expect(looked.items[0]).toMatchObject({ imageId: '', reason: 'index-corrupt', severity: 'error', result: 'found' });
    expect(looked.errors).toMatchObject([{ code: 'INTEGRITY_CACHE' }]);
    expect(readFileSync(layout.index)).toEqual(bytes);

    const report = await run({ repair: true });
    expect(new Set(report.items.map(({ result }) => result))).toEqual(new Set(['done']));
    expect(readFileSync(report.setAside ?? '')).toEqual(bytes);
    expect(rowsOf(layout).map(({ image_id }) => image_id)).toEqual([one, two]);
    expect(summary(await run())).toEqual([]);
  });

  test('fills an index again that is lost', async () => {
    for (const id of [one, two]) putFile(layout, 'cached', id);
    rmSync(layout.index);
    expect(summary(await run())[0]).toBe(' index-lost rebuild-index found');
    const report = await run({ repair: true });
    expect([report.errors, report.setAside]).toEqual([[], undefined]);
    expect(rowsOf(layout)).toHaveLength(2);
    expect(summary(await run())).toEqual([]);
  });

  test('looks at no other images than those asked for', async () => {
    putResidue();
    expect(summary(await run({ repair: true, imageIds: new Set([two]) }))).toEqual(['00000002 no-row adopt done']);
    expect(summary(await run())).toHaveLength(3);
  });
});

describe('verify() with the bytes', () => {
  test('takes images out whose bytes are wrong, and leaves those that are right', async () => {
    for (const id of [one, two, three]) putImage(layout, id);
    writeFileSync(join(layout.root, two), 'x'.repeat(100));
    writeFileSync(join(layout.root, three), 'too short');
    const images = [one, two, three].map((id) => [id, describedImage(id)] as const);
    const looked = await run({}, { images });
    expect(summary(looked)).toEqual(['00000002 wrong-hash retire found', '00000003 wrong-length retire found']);
    expect(looked).toMatchObject({ readImages: 3, readBytes: 200, unverified: [] });
    expect(looked.items[0]?.expected).toMatch(/^sha512:[0-9a-f]{128}$/);
    expect(looked.items[1]).toMatchObject({ expected: '100', found: '9' });

    expect((await run({ repair: true }, { images })).errors).toEqual([]);
    expect(fileIdsOf(layout)).toEqual([one]);
    expect(rowsOf(layout).map(({ image_id }) => image_id)).toEqual([one]);
    // For somebody to look at, until the cleaner comes.
    expect(fileIdsOf(layout, 'invalid')).toEqual([two, three]);
    expect(summary(await run({}, { images }))).toEqual([]);
  });

  test('removes what Glance has deleted, if the account can know that', async () => {
    for (const id of [one, two]) putImage(layout, id);
    const images = [[two, describedImage(two, 100, { status: 'pending_delete' })]] as const;
    const blind = await run({ repair: true }, { images, isAdmin: false });
    expect(summary(blind)).toEqual(['00000002 deleted remove done']);
    expect(blind.unverified).toEqual([{ imageId: one, reason: 'not-visible', error: undefined }]);
    putImage(layout, three);
    const seeing = await run({ repair: true }, { images: [[three, describedImage(three)]] });
    expect(summary(seeing)).toEqual(['00000001 deleted remove done']);
    expect([fileIdsOf(layout), fileIdsOf(layout, 'invalid')]).toEqual([[three], []]);
  });

  test('removes nothing when Glance knows none of the images: it may be that of another cloud', async () => {
    for (const id of [one, two]) putImage(layout, id);
    const report = await run({ repair: true }, { images: [] });
    expect(report).toMatchObject({ items: [], errors: [], readImages: 0 });
    expect(report.unverified.map(({ reason }) => reason)).toEqual(['none-known', 'none-known']);
    expect(fileIdsOf(layout)).toEqual([one, two]);
  });

  test('tells of which images nothing was learned, and goes on with the others', async () => {
    for (const id of [one, two, three]) putImage(layout, id);
    chmodSync(join(layout.root, three), 0o640);
    const report = await run(
      {},
      {
        images: [
          [one, describedImage(one, 100, { digest: undefined })],
          [two, new RemoteError('REMOTE_STATUS', 'Cannot ask: 500')],
          [three, describedImage(three)],
        ],
      },
    );
    expect(report.unverified).toMatchObject([
      { imageId: one, reason: 'no-hash', error: undefined },
      { imageId: two, reason: 'failed', error: { code: 'REMOTE_STATUS' } },
    ]);
    expect(report.errors).toMatchObject([{ code: 'REMOTE_STATUS' }]);
    expect(report).toMatchObject({ readImages: 1, items: [] });
  });

  test('lets the bytes decide which of two sizes is right', async () => {
    putImage(layout, one);
    putRow(layout, two, { size: 7 });
    putFile(layout, 'cached', two);
    const report = await run({}, { images: [one, two].map((id) => [id, describedImage(id)]) });
    expect(report.items).toMatchObject([{ imageId: two, reason: 'wrong-size', severity: 'hint' }]);
    expect(report.errors).toEqual([]);
  });

  test('reads an image that has just come once it has a row, and not before', async () => {
    putImage(layout, one);
    putFile(layout, 'cached', two);
    const images = [one, two].map((id) => [id, describedImage(id)] as const);
    const report = await run({}, { images }, { clock: clockAhead(0) });
    expect(report).toMatchObject({ checkedImages: 1, readImages: 1, items: [], unverified: [] });
  });

  test('mends nothing once it was stopped', async () => {
    putImage(layout, one);
    writeFileSync(join(layout.root, one), 'x'.repeat(100));
    const report = await run(
      { repair: true },
      { images: [[one, describedImage(one)]] },
      { signal: AbortSignal.abort() },
    );
    expect(report).toMatchObject({ items: [], unverified: [{ reason: 'stopped' }] });
    expect(fileIdsOf(layout)).toEqual([one]);
  });
});
