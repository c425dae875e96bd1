/**
 * Random sequences of commands, of the toolkit and of those who work beside it, on a real directory: after each of them
 * the directory, the index, the queue and what the toolkit has said are those of a cache in memory. In the end the
 * toolkit brings every cache to nothing: there is no file that no command ever removes.
 */
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { Happening, type Real } from './commands/act.ts';
import { anyStock, programCommands, useCaseCommands } from './commands/any-command.ts';
import { LOCKS_ARE_GIVEN_BACK, passes } from './commands/mishaps.ts';
import { abortsDownload, downloads } from './commands/neighbour.ts';
import { Command } from './commands/ours.ts';
import { Model, SIZES } from './model.ts';
import { Programs } from './programs.ts';
import type { Request, Toolkit } from './request.ts';
import { UseCases } from './use-cases.ts';
import { World } from './world.ts';

const seed = seedOfRun();
const PATIENCE_MS = patienceMs(240_000);

// In memory where that can be had: nothing here is about what a disk keeps.
const folder = useTempDir(existsSync('/dev/shm') ? '/dev/shm' : tmpdir());

/** Lock files of Glance, which stay. */
const LOCK_FILES = /^(glance-cache.*|sqlite_centralized_migrate)$/;

/** What empties any cache. */
const LAST: readonly Request[] = [
  { kind: 'unpin', imageIds: [...SIZES.keys()] },
  { kind: 'prune', adopt: true, maxSizeBytes: 0, lowWatermarkPercent: 100, maxAgeSec: undefined },
  {
    kind: 'clean',
    configuredStallTimeSec: 86_400,
    stallTimeSec: 86_400,
    invalidGraceSec: 0,
    imageIds: undefined,
    isRoot: true,
  },
  { kind: 'dequeue', imageIds: undefined },
];

async function bringToNothing(model: Model, real: Real): Promise<void> {
  const acts = [LOCKS_ARE_GIVEN_BACK, ...[...model.writers].map(abortsDownload), passes(300_000)];
  for (const act of acts) await new Happening(act).run(model, real);
  for (const request of LAST) {
    await new Command({ request, isTriedFirst: false, rival: undefined }).run(model, real);
  }
  const names = readdirSync(real.world.layout.root).filter((name) => !LOCK_FILES.test(name));
  expect(names.sort()).toEqual(['.glance-cache-tools', 'cache.db', 'incomplete', 'invalid', 'queue']);
  expect(real.world.contents()).toEqual(new Model().contents());
}

async function checkSequences(
  commands: fc.Arbitrary<fc.AsyncCommand<Model, Real>>[],
  toolkitOf: (world: World) => Toolkit,
  { sequences, longest }: { readonly sequences: number; readonly longest: number },
): Promise<void> {
  let run = 0;
  const anySequence = fc.commands(commands, { maxCommands: longest, size: 'max' });
  const property = fc.asyncProperty(anyStock, anySequence, async (stock, sequence) => {
    const world = new World(join(folder(), String(run++)));
    try {
      const model = new Model();
      const real = { world, toolkit: toolkitOf(world) };
      for (const act of [...stock.map(downloads), passes(61)]) await new Happening(act).run(model, real);
      await fc.asyncModelRun(() => ({ model, real }), sequence);
      await bringToNothing(model, real);
    } finally {
      world.close();
    }
  });
  // Time is left to tell what has failed, however long it takes to find the shortest way there.
  const interruptAfterTimeLimit = PATIENCE_MS * 0.75;
  await fc.assert(property, { seed, numRuns: sequences, interruptAfterTimeLimit, markInterruptAsFailure: true });
}

describe('a cache on the disk', () => {
  test(
    `is what the model says after every command when use cases and glance-api work on it at once (seed ${seed})`,
    () =>
      checkSequences(useCaseCommands, (world) => new UseCases(world), { sequences: rounds(100, 6000), longest: 80 }),
    PATIENCE_MS,
  );

  test(
    `is what the model says after every command when built programs and glance-api work on it (seed ${seed})`,
    () => checkSequences(programCommands, (world) => new Programs(world), { sequences: rounds(4, 200), longest: 30 }),
    PATIENCE_MS,
  );
});
