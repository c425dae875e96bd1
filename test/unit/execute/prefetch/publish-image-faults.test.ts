import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CacheLayout } from '../../../../src/cache/layout.ts';
import { type Published, publishImage } from '../../../../src/execute/prefetch/publish-image.ts';
import type { Hook } from '../../../support/hooked-ports.ts';
import { errorWith } from '../../../support/index-work.ts';
import { partNames, partPath, putJournal, putPart } from '../../../support/parts.ts';
import { accessTo, createCache, fileIdsOf, imageIdOf, putRow, rowsOf } from '../../../support/seeded-cache.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf } from '../../../support/thrown.ts';

const folder = useTempDir();
const one = imageIdOf(1);
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  putPart(layout, one, { size: 300 });
  putJournal(layout, one);
});

function publish(hook: Hook): Promise<Published> {
  const access = accessTo(layout, { hook, timeoutSec: 0 });
  return publishImage({ ...access, openIndex: () => access.index.open(true) }, one);
}

/** A hook that fails at steps, each as often as it says, and remembers all of them. */
function failing(faults: Readonly<Record<string, { readonly times: number; readonly error: Error }>>) {
  const steps: string[] = [];
  const counts = new Map<string, number>();
  const hook: Hook = (step) => {
    steps.push(step);
    const fault = faults[step];
    const count = (counts.get(step) ?? 0) + 1;
    counts.set(step, count);
    if (fault !== undefined && count <= fault.times) throw fault.error;
  };
  return { hook, steps };
}

/** Everything of the image: what a failure must leave as it was. */
function state(): unknown {
  return { files: fileIdsOf(layout), rows: rowsOf(layout), parts: partNames(layout) };
}

const STEPS = ['look cached', 'look incomplete', 'look part', 'begin', 'put', 'publish', 'commit'] as const;
const CODES = ['CACHE_IO', 'CACHE_NO_SPACE', 'CACHE_PERMISSION'] as const;

describe('publishImage() when a step fails', () => {
  test.each(STEPS.flatMap((step) => CODES.map((code) => [step, code] as const)))(
    'at "%s" with %s throws that, publishes nothing, and can be done again',
    async (step, code) => {
      const before = state();
      const error = errorWith(code);
      const { hook, steps } = failing({ [step]: { times: 1, error } });
      expect(await rejectionOf(publish(hook))).toBe(error);
      expect(steps.filter((taken) => taken === step)).toHaveLength(1);
      expect(state()).toEqual(before);
      expect(await publish(() => undefined)).toBe('published');
      expect([fileIdsOf(layout), rowsOf(layout)]).toMatchObject([[one], [{ image_id: one, size: 300 }]]);
    },
  );

  test.each(STEPS)('at "%s" leaves a row that was there as it was', async (step) => {
    putRow(layout, one, { size: 7, hits: 99 });
    const before = state();
    await rejectionOf(publish(failing({ [step]: { times: 1, error: errorWith('CACHE_IO') } }).hook));
    expect(state()).toEqual(before);
  });

  test.each(['begin', 'put', 'commit'])('at "%s" with INDEX_IO tries once more on what there is then', async (step) => {
    const { hook, steps } = failing({ [step]: { times: 1, error: errorWith('INDEX_IO') } });
    expect(await publish(hook)).toBe('published');
    expect(steps.filter((taken) => taken === 'begin')).toHaveLength(2);
    expect([fileIdsOf(layout), rowsOf(layout), partNames(layout)]).toMatchObject([
      [one],
      [{ image_id: one, size: 300, hits: 0 }],
      [`${one}.json`],
    ]);
  });

  test.each(['begin', 'put', 'commit'])('at "%s" with INDEX_IO for ever throws that after two tries', async (step) => {
    const before = state();
    const error = errorWith('INDEX_IO');
    const { hook, steps } = failing({ [step]: { times: 9, error } });
    expect(await rejectionOf(publish(hook))).toBe(error);
    expect(steps.filter((taken) => taken === 'begin')).toHaveLength(2);
    expect(state()).toEqual(before);
  });

  test('at the sync of the folder throws that, and everything is published', async () => {
    const error = errorWith('CACHE_IO');
    expect(await rejectionOf(publish(failing({ 'sync folder': { times: 1, error } }).hook))).toBe(error);
    expect([fileIdsOf(layout), rowsOf(layout)]).toMatchObject([[one], [{ image_id: one, size: 300 }]]);
    expect(await publish(() => undefined)).toBe('cached');
  });

  test('tells what went wrong first when the image cannot be taken back either', async () => {
    const error = errorWith('CACHE_NO_SPACE');
    const faults = { commit: { times: 1, error }, unpublish: { times: 1, error: errorWith('CACHE_PERMISSION') } };
    expect(await rejectionOf(publish(failing(faults).hook))).toBe(error);
    // A file without a row, which the pruner adopts.
    expect([fileIdsOf(layout), rowsOf(layout)]).toEqual([[one], []]);
    expect(await publish(() => undefined)).toBe('cached');
  });

  test('throws, and enters no row, when the part is gone', async () => {
    const before = failing({});
    const hook: Hook = (step, imageId) => {
      before.hook(step, imageId);
      if (step === 'begin') renameSync(partPath(layout, one), join(folder(), 'away'));
    };
    expect(await rejectionOf(publish(hook))).toMatchObject({ code: 'CACHE_IO', details: { errno: 'ENOENT' } });
    expect([fileIdsOf(layout), rowsOf(layout), before.steps.includes('commit')]).toEqual([[], [], false]);
  });

  test('throws, and enters no row, when there is no regular file in place of the part', async () => {
    renameSync(partPath(layout, one), join(folder(), 'away'));
    mkdirSync(partPath(layout, one));
    expect(await rejectionOf(publish(() => undefined))).toMatchObject({ code: 'CACHE_DIR' });
    expect([fileIdsOf(layout), rowsOf(layout), existsSync(partPath(layout, one))]).toEqual([[], [], true]);
  });
});
