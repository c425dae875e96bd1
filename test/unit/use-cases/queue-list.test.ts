import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type CacheLayout, cacheLayout } from '../../../src/cache/layout.ts';
import { listCached, listLeftovers, listQueued } from '../../../src/use-cases/list.ts';
import { dequeueImages, queueImages } from '../../../src/use-cases/queue.ts';
import { FakeClock } from '../../support/clocks.ts';
import { accessTo, createCache, imageIdOf, putFile, putImage, putRow } from '../../support/seeded-cache.ts';
import { useTempDir } from '../../support/temp-dir.ts';

const folder = useTempDir();
const [one, two, three, four] = [imageIdOf(1), imageIdOf(2), imageIdOf(3), imageIdOf(4)];
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
});

describe('queueImages()', () => {
  test('queues in the order given, whatever the order of the IDs', async () => {
    const wanted = [three, one, two];
    const { items } = await queueImages(accessTo(layout), wanted, false);
    expect(items.map(({ imageId, result }) => [imageId, result])).toEqual(wanted.map((id) => [id, 'done']));
    expect(listQueued(accessTo(layout)).map(({ imageId }) => imageId)).toEqual(wanted);
  });

  test('says where an image is when it need not be queued', async () => {
    putFile(layout, 'cached', one);
    putFile(layout, 'incomplete', two);
    writeFileSync(join(layout.areas.queue, three.toUpperCase()), '');
    const { items } = await queueImages(accessTo(layout), [one, two, three, four], false);
    expect(items.map(({ imageId, result, reason }) => [imageId, result, reason])).toEqual([
      [four, 'done', undefined],
      [one, 'skipped', 'cached'],
      [two, 'skipped', 'being-cached'],
      [three, 'skipped', 'queued'],
    ]);
    expect(readdirSync(layout.areas.queue).sort()).toEqual([three.toUpperCase(), four].sort());
  });

  test('queues an image that has a row without a file', async () => {
    putRow(layout, one);
    expect((await queueImages(accessTo(layout), [one], false)).items[0]?.result).toBe('done');
  });

  test('creates a missing cache, unless it is dry', async () => {
    layout = cacheLayout(join(folder(), 'new', 'cache'), 'cache.db');
    expect((await queueImages(accessTo(layout), [one], true)).items[0]?.result).toBe('planned');
    expect(existsSync(layout.root)).toBe(false);
    await queueImages(accessTo(layout), [one], false);
    expect(readdirSync(layout.areas.queue)).toEqual([one]);
  });
});

describe('dequeueImages()', () => {
  test('takes out every spelling of the images asked for, and names what was not queued', async () => {
    for (const name of [one, one.toUpperCase(), two, 'note']) writeFileSync(join(layout.areas.queue, name), '');
    const { items } = await dequeueImages(accessTo(layout), [one, three], false);
    expect(items.map(({ imageId, action, result }) => [imageId, action, result])).toEqual(
      expect.arrayContaining([
        [one, 'unqueue', 'done'],
        [three, 'keep', 'skipped'],
      ]),
    );
    expect(readdirSync(layout.areas.queue).sort()).toEqual([two, 'note']);
  });

  test('empties the queue but for foreign files when no image is named', async () => {
    for (const name of [one, two, 'note']) writeFileSync(join(layout.areas.queue, name), '');
    mkdirSync(join(layout.areas.queue, three));
    await dequeueImages(accessTo(layout), undefined, false);
    expect(readdirSync(layout.areas.queue).sort()).toEqual([three, 'note'].sort());
  });

  test('does nothing to a missing cache', async () => {
    layout = cacheLayout(join(folder(), 'missing'), 'cache.db');
    expect((await dequeueImages(accessTo(layout), [one], false)).items).toMatchObject([
      { result: 'skipped', reason: 'absent' },
    ]);
    expect(existsSync(layout.root)).toBe(false);
  });
});

describe('listCached()', () => {
  test('reads the index alone, and counts files only when that is empty', async () => {
    putFile(layout, 'cached', one);
    const looks: string[] = [];
    const access = accessTo(layout, { hook: (step) => looks.push(step) });
    expect(await listCached(access)).toEqual({ rows: [], unlistedFiles: 1 });
    putRow(layout, two);
    looks.length = 0;
    expect(await listCached(access)).toMatchObject({ rows: [{ imageId: two }], unlistedFiles: undefined });
    expect(looks).toEqual(['look index', 'list rows']);
  });

  test('is empty when there is no cache', async () => {
    layout = cacheLayout(join(folder(), 'missing'), 'cache.db');
    expect(await listCached(accessTo(layout))).toEqual({ rows: [], unlistedFiles: 0 });
    expect(existsSync(layout.root)).toBe(false);
  });

  test('lists in the order of the index, by ID', async () => {
    for (const id of [three, one, two]) putImage(layout, id);
    expect((await listCached(accessTo(layout))).rows.map(({ imageId }) => imageId)).toEqual([one, two, three]);
  });
});

describe('listQueued()', () => {
  test('lists first come first, ties by name', () => {
    for (const [id, timeSec] of [
      [one, 300],
      [two, 100],
      [four, 200],
      [three, 200],
    ] as const) {
      const path = join(layout.areas.queue, id);
      writeFileSync(path, '');
      utimesSync(path, timeSec, timeSec);
    }
    expect(listQueued(accessTo(layout)).map(({ imageId }) => imageId)).toEqual([two, three, four, one]);
  });
});

describe('listLeftovers()', () => {
  const writer = { pid: 7, command: 'glance-api', writes: true };

  test.each([
    ['true', 'a process was found', undefined, [writer], true],
    ['true', 'a process was found, though others are unseen', 'not-root', [writer], true],
    ['false', 'every process was seen', undefined, [], false],
    ['unknown', 'not every process was seen', 'not-root', [], undefined],
    ['unknown', 'the file came after the look, though nobody was found', 'denied', undefined, undefined],
  ] as const)('tells held open as %s when %s', (_told, _when, blindness, holders, heldOpen) => {
    putFile(layout, 'incomplete', one, { agedSec: 50 });
    const access = accessTo(layout, { openFiles: { blindness, holders: () => holders } });
    expect(listLeftovers(access, 'incomplete').leftovers).toMatchObject([
      { imageId: one, heldOpen, holders: holders ?? [] },
    ]);
  });

  test('says unknown of a file that was not looked for, even when every process was seen', () => {
    putFile(layout, 'incomplete', one);
    const access = accessTo(layout, { openFiles: { blindness: undefined, holders: () => undefined } });
    expect(listLeftovers(access, 'incomplete').leftovers[0]?.heldOpen).toBeUndefined();
  });

  test('lists the oldest first, with age, size and foreign files', () => {
    putFile(layout, 'invalid', one, { size: 5 });
    putFile(layout, 'invalid', two, { size: 6 });
    for (const [id, timeSec] of [
      [one, 900],
      [two, 800],
    ] as const)
      utimesSync(join(layout.areas.invalid, id), timeSec, timeSec);
    writeFileSync(join(layout.areas.invalid, 'note'), '');
    const { leftovers, foreign } = listLeftovers(accessTo(layout, { clock: new FakeClock(1000) }), 'invalid');
    expect(leftovers.map(({ imageId, ageSec, sizeBytes }) => [imageId, ageSec, sizeBytes])).toEqual([
      [two, 200, 6],
      [one, 100, 5],
    ]);
    expect(foreign.map(({ name }) => name)).toEqual(['note']);
    const past = listLeftovers(accessTo(layout, { clock: new FakeClock(850) }), 'invalid');
    expect(past.leftovers.map(({ ageSec }) => ageSec)).toEqual([50, 0]);
  });
});
