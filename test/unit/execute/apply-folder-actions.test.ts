import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { DiskDirectory } from '../../../src/cache/disk-directory.ts';
import type { CacheLayout } from '../../../src/cache/layout.ts';
import { applyFolderActions } from '../../../src/execute/apply-folder-actions.ts';
import type { ApplyResult } from '../../../src/execute/outcome.ts';
import type { FolderAction, RemoveFile } from '../../../src/plan/action.ts';
import { type Hook, HookedDirectory } from '../../support/hooked-ports.ts';
import { errorWith, failingAt, resultsOf } from '../../support/index-work.ts';
import { createCache, fileIdsOf, imageIdOf, putFile } from '../../support/seeded-cache.ts';
import { useTempDir } from '../../support/temp-dir.ts';

const folder = useTempDir();
const [one, two] = [imageIdOf(1), imageIdOf(2)];
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
});

function apply(
  actions: readonly FolderAction[],
  hook: Hook = () => undefined,
  signal = new AbortController().signal,
): Promise<ApplyResult> {
  return applyFolderActions(new HookedDirectory(new DiskDirectory(layout), hook), actions, signal);
}

function removals(): readonly RemoveFile[] {
  const { files } = new DiskDirectory(layout).list('invalid');
  return files.map(({ imageId, facts }) => ({
    kind: 'remove-file',
    imageId,
    area: 'invalid',
    reason: 'invalid',
    file: facts,
  }));
}

describe('applyFolderActions()', () => {
  test.each([
    ['gone', 'is gone', () => rmSync(join(layout.areas.invalid, one))],
    ['changed', 'was replaced', () => writeFileSync(join(layout.areas.invalid, one), 'new')],
  ])('skips a file as %s when it %s, and removes the others', async (reason, _when, change) => {
    for (const id of [one, two]) putFile(layout, 'invalid', id);
    const actions = [...removals()].sort((a, b) => (a.imageId < b.imageId ? -1 : 1));
    change();
    expect(resultsOf(await apply(actions))).toEqual([reason, 'done']);
    expect(fileIdsOf(layout, 'invalid')).toEqual(reason === 'gone' ? [] : [one]);
  });

  test('adds and drops markers, and skips what is there or gone already', async () => {
    const add: FolderAction = { kind: 'add-marker', imageId: one, queuedSec: 1000 };
    const drop: FolderAction = { kind: 'drop-marker', imageId: one, name: one };
    expect(resultsOf(await apply([add, add]))).toEqual(['done', 'present']);
    expect(statSync(join(layout.areas.queue, one)).mtimeMs).toBe(1_000_000);
    expect(resultsOf(await apply([drop, drop]))).toEqual(['done', 'gone']);
    expect(readdirSync(layout.areas.queue)).toEqual([]);
  });

  test('keeps the error of one action, and goes on', async () => {
    for (const id of [one, two]) putFile(layout, 'invalid', id);
    const error = errorWith('CACHE_IO');
    const { outcomes, failure } = await apply(removals(), failingAt('unlink invalid', one, error));
    expect(outcomes.find(({ action }) => action.imageId === one)).toMatchObject({ result: 'failed', error });
    expect([failure, fileIdsOf(layout, 'invalid')]).toEqual([undefined, [one]]);
  });

  test('stops between two actions when it is aborted', async () => {
    for (const id of [one, two]) putFile(layout, 'invalid', id);
    const controller = new AbortController();
    const { outcomes } = await apply(
      removals(),
      (step) => step === 'unlink invalid' && controller.abort(),
      controller.signal,
    );
    expect([outcomes.length, fileIdsOf(layout, 'invalid').length]).toEqual([1, 1]);
  });

  test('hears a signal before each file that takes long to free', async () => {
    for (const id of [one, two]) putFile(layout, 'invalid', id);
    for (const id of [one, two]) truncateSync(join(layout.areas.invalid, id), 1e9);
    const controller = new AbortController();
    // As a signal comes: when the event loop has its turn.
    const hook: Hook = (step) => void (step === 'unlink invalid' && setImmediate(() => controller.abort()));
    const { outcomes } = await apply(removals(), hook, controller.signal);
    expect(outcomes.length).toBe(1);
  });

  test('hears a signal among thousands of actions', async () => {
    const controller = new AbortController();
    const actions = Array.from(
      { length: 1000 },
      (_, i): FolderAction => ({ kind: 'drop-marker', imageId: imageIdOf(i), name: imageIdOf(i) }),
    );
    setImmediate(() => controller.abort());
    const { outcomes } = await apply(actions, () => undefined, controller.signal);
    expect(outcomes.length).toBeLessThan(1000);
  });
});
