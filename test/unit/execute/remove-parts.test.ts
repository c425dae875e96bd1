import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CacheLayout } from '../../../src/cache/layout.ts';
import { DiskParts } from '../../../src/cache/prefetch/disk-parts.ts';
import { removeParts } from '../../../src/execute/remove-parts.ts';
import type { RemovePart } from '../../../src/plan/action.ts';
import { type Hook, HookedParts } from '../../support/hooked-ports.ts';
import { errorWith, failingAt } from '../../support/index-work.ts';
import { partNames, putJournal, putPart, putTornJournal } from '../../support/parts.ts';
import { createCache, imageIdOf } from '../../support/seeded-cache.ts';
import { useTempDir } from '../../support/temp-dir.ts';

const folder = useTempDir();
const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  for (const imageId of [one, two, three]) {
    putPart(layout, imageId);
    putJournal(layout, imageId);
    putTornJournal(layout, imageId);
  }
});

function removal(imageId: RemovePart['imageId'], torn?: string): RemovePart {
  return { kind: 'remove-part', imageId, reason: 'stalled', torn, sizeBytes: 100, modifiedSec: 0 };
}

function remove(actions: readonly RemovePart[], hook: Hook = () => undefined, signal = new AbortController().signal) {
  return removeParts(new HookedParts(new DiskParts(layout), hook), actions, signal);
}

describe('removeParts()', () => {
  test('removes part and journal of an image, the journal last, or a torn journal alone', async () => {
    const steps: string[] = [];
    const actions = [removal(one), removal(two, `${two}.json.new`)];
    const { outcomes } = await remove(actions, (step, name) => steps.push(`${step} ${name.slice(0, 8)}`));
    expect(outcomes).toEqual(actions.map((action) => ({ action, result: 'done' })));
    expect(steps).toEqual(['remove part 00000001', 'remove journal 00000001', 'remove torn 00000002']);
    expect(partNames(layout)).toEqual([
      `${one}.json.new`,
      `${two}.json`,
      `${two}.part`,
      `${three}.json`,
      `${three}.json.new`,
      `${three}.part`,
    ]);
  });

  test('goes on with the others when one cannot be removed', async () => {
    const error = errorWith('CACHE_PERMISSION');
    const { outcomes } = await remove(
      [one, two, three].map((id) => removal(id)),
      failingAt('remove part', two, error),
    );
    expect(outcomes.map(({ result }) => result)).toEqual(['done', 'failed', 'done']);
    expect(outcomes[1]).toMatchObject({ error });
    expect(partNames(layout)).toEqual([
      `${one}.json.new`,
      `${two}.json`,
      `${two}.json.new`,
      `${two}.part`,
      `${three}.json.new`,
    ]);
  });

  test('is done with what is gone already', async () => {
    await remove([removal(one)]);
    expect((await remove([removal(one)])).outcomes.map(({ result }) => result)).toEqual(['done']);
  });

  test('stops between two when the signal is aborted', async () => {
    const controller = new AbortController();
    const { outcomes } = await remove(
      [removal(one), removal(two)],
      (step) => {
        if (step === 'remove journal') controller.abort();
      },
      controller.signal,
    );
    expect(outcomes.map(({ action }) => action.imageId)).toEqual([one]);
    expect(partNames(layout)).toContain(`${two}.part`);
  });

  test('hears a signal before each part that takes long to free', async () => {
    const controller = new AbortController();
    const large = { ...removal(one), sizeBytes: 1e9 };
    const { outcomes } = await remove(
      [large, large],
      (step) => {
        // As a signal comes: when the event loop has its turn.
        if (step === 'remove journal') setImmediate(() => controller.abort());
      },
      controller.signal,
    );
    expect(outcomes.length).toBe(1);
  });

  test('leaves a name alone that is that of no torn journal', async () => {
    writeFileSync(join(layout.root, 'victim'), '');
    const before = partNames(layout);
    await remove([removal(one, '../../victim'), removal(one, `${one}.part`)]);
    expect(partNames(layout)).toEqual(before);
  });
});
