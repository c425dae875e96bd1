/**
 * Shows that in a cache to which others may write nobody can turn a run against files elsewhere: while a process swaps
 * a folder for a link without an end, thousands of removals, moves and new files never reach where the link leads.
 */
import { chmodSync, closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { DiskDirectory } from '../../src/cache/disk-directory.ts';
import type { Area, CacheLayout } from '../../src/cache/layout.ts';
import { DiskPins } from '../../src/cache/pins/disk-pins.ts';
import { DiskParts } from '../../src/cache/prefetch/disk-parts.ts';
import { CacheError } from '../../src/errors/cache-error.ts';
import { applyFolderActions } from '../../src/execute/apply-folder-actions.ts';
import { Child } from '../support/child.ts';
import { entriesOf } from '../support/directory-state.ts';
import { journalOf } from '../support/parts.ts';
import { patienceMs, rounds } from '../support/rounds.ts';
import { createCache, imageIdOf } from '../support/seeded-cache.ts';
import { useTempDir } from '../support/temp-dir.ts';

const IDS = [1, 2, 3, 4].map(imageIdOf);
const ROUNDS = rounds(400, 4_000);

const folder = useTempDir();
const SWAPPER = join(import.meta.dirname, 'programs', 'swapper.js');
let layout: CacheLayout;
let victim: string;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  mkdirSync(layout.parts, { recursive: true });
  // As an administrator may have it, so that a group can look after the cache.
  for (const path of [layout.root, layout.tools]) chmodSync(path, 0o770);
  victim = join(folder(), 'victim');
  for (const place of [victim, join(victim, 'prefetch'), join(victim, 'pinned')]) {
    mkdirSync(place, { recursive: true });
    fill(place);
  }
});

/** Puts files of all the names there are into a folder. */
function fill(path: string): void {
  for (const id of IDS)
    for (const name of [id, `${id}.part`, `${id}.json`]) writeFileSync(join(path, name), 'precious');
}

/** What a run that meets a link says, or one that finds nothing where something was. */
function unlessRefused<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof CacheError)) throw error;
    return undefined;
  }
}

/** Does something again and again while a folder is swapped; what the link leads to stays as it was. */
async function whileSwapping(path: string, round: (real: string) => Promise<unknown>): Promise<void> {
  // Reached however it is called at the moment.
  const handle = openSync(path, 'r');
  const before = entriesOf(victim);
  try {
    const swapper = new Child(process.execPath, [SWAPPER, path, victim]);
    try {
      await swapper.expectLine('swapping');
      for (let count = 0; count < ROUNDS; count++) await round(`/proc/self/fd/${handle}`);
    } finally {
      await swapper.finish();
    }
  } finally {
    closeSync(handle);
  }
  expect(entriesOf(victim)).toEqual(before);
}

describe('DiskDirectory in a cache to which others may write', () => {
  for (const area of ['invalid', 'incomplete', 'queue'] as const satisfies readonly Area[]) {
    test(
      `removes nothing but what is in ${area} when it is swapped for a link`,
      async () => {
        const removeAll = async (): Promise<number> => {
          const directory = new DiskDirectory(layout);
          const { files = [] } = unlessRefused(() => directory.list(area)) ?? {};
          const removals = files.map(({ imageId, name, facts }) =>
            area === 'queue'
              ? ({ kind: 'drop-marker', reason: 'requested', imageId, name } as const)
              : ({ kind: 'remove-file', reason: 'invalid', area, imageId, file: facts } as const),
          );
          const { outcomes } = await applyFolderActions(directory, removals, new AbortController().signal);
          return outcomes.filter(({ result }) => result === 'done').length;
        };
        await whileSwapping(layout.areas[area], async (real) => {
          for (const id of IDS) writeFileSync(join(real, id), '');
          await removeAll();
        });
        for (const id of IDS) writeFileSync(join(layout.areas[area], id), '');
        expect(await removeAll()).toBe(IDS.length);
      },
      patienceMs(60_000),
    );
  }

  test(
    'moves no image to where a link leads, and none from there',
    async () => {
      await whileSwapping(layout.areas.invalid, async () => {
        const directory = new DiskDirectory(layout);
        for (const id of IDS) {
          writeFileSync(join(layout.root, id), 'image');
          unlessRefused(() => directory.retire(id));
          unlessRefused(() => directory.restore(id));
        }
      });
    },
    patienceMs(60_000),
  );

  test(
    'makes no marker where a link leads',
    async () => {
      const fresh = [11, 12, 13].map(imageIdOf);
      await whileSwapping(layout.areas.queue, async () => {
        const directory = new DiskDirectory(layout);
        unlessRefused(() => directory.ensureFolders());
        for (const id of fresh) unlessRefused(() => directory.createMarker(id, 1000));
        for (const id of fresh) unlessRefused(() => directory.unlink('queue', id));
      });
    },
    patienceMs(60_000),
  );
});

describe('DiskParts in a cache to which others may write', () => {
  for (const [what, pathOf] of [
    ['prefetch', () => layout.parts],
    ['.glance-cache-tools', () => layout.tools],
  ] as const) {
    test(
      `writes and removes nothing elsewhere when ${what} is swapped for a link`,
      async () => {
        await whileSwapping(pathOf(), async () => {
          const parts = new DiskParts(layout);
          for (const id of IDS) {
            unlessRefused(() => parts.list());
            unlessRefused(() => parts.writeJournal(journalOf(id)));
            await parts.open(id).then(
              (file) => file.truncate(0).then(() => file.close()),
              (error: unknown) => expect(error).toBeInstanceOf(CacheError),
            );
            unlessRefused(() => parts.remove(id));
          }
        });
      },
      patienceMs(60_000),
    );
  }
});

describe('DiskPins in a cache to which others may write', () => {
  for (const [what, pathOf] of [
    ['pinned', () => layout.pinned],
    ['.glance-cache-tools', () => layout.tools],
  ] as const) {
    test(
      `pins and unpins nothing elsewhere when ${what} is swapped for a link`,
      async () => {
        mkdirSync(layout.pinned);
        const fresh = [11, 12, 13].map(imageIdOf);
        await whileSwapping(pathOf(), async () => {
          const pins = new DiskPins(layout);
          for (const id of [...IDS, ...fresh]) {
            unlessRefused(() => pins.list());
            unlessRefused(() => pins.add(id));
            unlessRefused(() => pins.has(id));
            unlessRefused(() => pins.remove(id));
          }
        });
      },
      patienceMs(60_000),
    );
  }
});
