/**
 * A cache whose index is opened, and plans made from it and applied to it through ports that call a hook.
 */

import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { DiskDirectory } from '../../src/cache/disk-directory.ts';
import type { ImageId } from '../../src/cache/image-id.ts';
import type { IndexDb } from '../../src/cache/index/index-db.ts';
import { openSqliteIndex } from '../../src/cache/index/sqlite/sqlite-index.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { type CacheSnapshot, readSnapshot } from '../../src/cache/snapshot.ts';
import { CacheStateError } from '../../src/errors/cache-error.ts';
import { applyIndexActions } from '../../src/execute/apply-index-actions.ts';
import type { ApplyResult } from '../../src/execute/outcome.ts';
import type { IndexAction } from '../../src/plan/action.ts';
import { planDeleteAll } from '../../src/plan/delete.ts';
import { type PrunePlan, planPrune, pruneActions } from '../../src/plan/prune.ts';
import { FakeClock } from './clocks.ts';
import { type Hook, HookedDirectory, HookedIndex } from './hooked-ports.ts';
import { createCache } from './seeded-cache.ts';
import { NO_PINS } from './snapshots.ts';

/** What a test works with. */
export class IndexWork {
  readonly layout: CacheLayout;
  readonly clock = new FakeClock();
  /** What is pinned while actions are applied. */
  readonly pinned = new Set<ImageId>();
  readonly #index: IndexDb;

  constructor(layout: CacheLayout, index: IndexDb) {
    this.layout = layout;
    this.#index = index;
  }

  /** What pruning to nothing takes, as seen from an hour ahead. */
  async toPrune(): Promise<readonly IndexAction[]> {
    return pruneActions(await this.#plan(0));
  }

  /** What mends the index, as seen from an hour ahead. */
  async toMend(): Promise<readonly IndexAction[]> {
    return (await this.#plan(1e12)).reconciliations;
  }

  /** What deleting everything on request takes. */
  async toDelete(): Promise<readonly IndexAction[]> {
    return planDeleteAll(await this.#look(0), { adopt: false, pinned: NO_PINS }).actions;
  }

  /** Applies actions. */
  apply(
    actions: readonly IndexAction[],
    hook: Hook = () => undefined,
    signal = new AbortController().signal,
  ): Promise<ApplyResult> {
    const directory = new HookedDirectory(new DiskDirectory(this.layout), hook);
    const index = new HookedIndex(this.#index, hook);
    return applyIndexActions({ directory, index, clock: this.clock, signal, pinned: () => this.pinned }, actions);
  }

  /** Closes the index. */
  close(): void {
    this.#index.close();
  }

  async #plan(maxSizeBytes: number): Promise<PrunePlan> {
    const limits = { maxSizeBytes, targetBytes: maxSizeBytes, minFreeBytes: 0, maxAgeSec: undefined };
    return planPrune(await this.#look(3600), limits, NO_PINS);
  }

  #look(aheadSec: number): Promise<CacheSnapshot> {
    return readSnapshot(new DiskDirectory(this.layout), this.#index, Date.now() / 1000 + aheadSec);
  }
}

/** A fresh cache, opened, for every test of a file. */
export function useIndexWork(folder: () => string): () => IndexWork {
  let work: IndexWork | undefined;
  beforeEach(async () => {
    const layout = createCache(join(folder(), 'cache'));
    const patience = { clock: new FakeClock(), timeoutSec: 0, signal: new AbortController().signal };
    work = new IndexWork(layout, await openSqliteIndex(layout.index, { create: false, patience }));
  });
  afterEach(() => work?.close());
  return () => {
    if (work === undefined) throw new Error('There is a cache only while a test runs');
    return work;
  };
}

/** What became of each action, in a word. */
export function resultsOf({ outcomes }: ApplyResult): readonly string[] {
  return outcomes.map((outcome) => (outcome.result === 'skipped' ? outcome.reason : outcome.result));
}

/** A hook that fails at one step, of one image or of all. */
export function failingAt(step: string, imageId: ImageId | '', error: unknown): Hook {
  return (at, id) => {
    if (at === step && (imageId === '' || id === imageId)) throw error;
  };
}

/** An error as the ports raise it. */
export function errorWith(code: 'CACHE_PERMISSION' | 'CACHE_IO' | 'INDEX_IO' | 'CACHE_NO_SPACE'): CacheStateError {
  return new CacheStateError(code, 'Cannot go on: fault');
}
