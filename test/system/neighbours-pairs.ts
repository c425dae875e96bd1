/**
 * Two of the built programs at once on one cache, in all pairs and at random distances: what is left is what one after
 * the other would have left, or one alone where the other was told not to wait.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { DriverName } from '../../src/cache/index/index-driver.ts';
import { CacheFixture, idOf } from '../support/cache-fixture.ts';
import { contentOf } from '../support/cloud/contents.js';
import { useClouds } from '../support/cloud/use-clouds.ts';
import { partNames } from '../support/parts.ts';
import { loginOf } from '../support/prefetch-fixture.ts';
import { patienceMs, seedOfRun } from '../support/rounds.ts';
import type { ProgramName, RunResult } from '../support/run-program.ts';
import { useTempDir } from '../support/temp-dir.ts';

const [A, B, C, D] = [idOf('a'), idOf('b'), idOf('c'), idOf('d')];
/** One is queued, two is to be queued; both are in the cloud. */
const [ONE, TWO] = [idOf('1'), idOf('2')];
const FETCHED_BYTES = 300_000;

/** Apart by as much as a program runs at most, milliseconds. */
const MOST_APART_MS = 200;

const BUSY = 5;

/** What each of them does. */
const ACTORS: Readonly<Record<string, readonly [program: ProgramName, ...args: string[]]>> = {
  prune: ['pruner', '--max-size', '2500'],
  clean: ['cleaner'],
  prefetch: ['prefetcher'],
  queue: ['manage', '--force', 'queue-image', TWO],
  delete: ['manage', '--force', 'delete-cached-image', D],
  'delete all': ['manage', '--force', 'delete-all-cached-images'],
  repair: ['manage', 'verify', '--repair'],
};

/** How the locks of the other are met. */
const MANNERS: Readonly<Record<string, readonly string[]>> = {
  'both wait': [],
  'neither waits': ['--lock-timeout', '0'],
  // All but glance-cache-manage, which people wait for.
  'both skip': ['--skip-if-busy', '--lock-timeout', '0'],
};

/** What meets in pairs. */
export interface Meetings {
  readonly driver: DriverName;
  /** Where the caches lie. */
  readonly parent?: string;
  readonly actors: readonly string[];
  /** How often each pair meets in each manner. */
  readonly rounds: number;
}

/** Caches of one test, and who can be run on them. */
class Ground {
  readonly #folder: string;
  readonly #driver: DriverName;
  readonly #env: Readonly<Record<string, string>>;
  #made = 0;

  constructor(folder: string, driver: DriverName, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#driver = driver;
    this.#env = env;
  }

  /** Images of which some are used longer ago, one that is queued, and leftovers. */
  makeCache(): CacheFixture {
    const base = join(this.#folder, String(++this.#made));
    mkdirSync(base);
    const cache = new CacheFixture(base, this.#driver);
    for (const [place, id] of [A, B, C, D].entries()) cache.addImage(id, { accessed: 1e9 + place });
    cache.addMarker(ONE);
    cache.addFile('invalid', A);
    cache.addFile('incomplete', B, { ageSec: 30 * 86_400 });
    return cache;
  }

  /** Runs one of them. */
  run(cache: CacheFixture, actor: string, manner: readonly string[] = []): Promise<RunResult> {
    const [program, ...args] = ACTORS[actor] ?? ['cleaner'];
    const isPatient = program === 'manage' && manner.includes('--skip-if-busy');
    return cache.run(program, isPatient ? args : [...manner, ...args], { env: this.#env });
  }
}

/** What is where. What was fetched must be whole. */
function stateOf(cache: CacheFixture): string {
  const cached = cache.names('cached');
  for (const id of [ONE, TWO]) {
    if (!cached.includes(id)) continue;
    const isWhole = readFileSync(join(cache.root, id)).equals(contentOf(id, FETCHED_BYTES));
    expect({ id, isWhole }).toEqual({ id, isWhole: true });
  }
  expect(cache.rowIds()).toEqual(cached);
  const areas = (['incomplete', 'invalid', 'queue'] as const).map((area) => cache.names(area));
  // With what it has of an image that is still queued, the next run goes on.
  const parts = partNames(cache.layout).filter((name) => !cache.names('queue').includes(name.split('.', 1)[0] ?? ''));
  return JSON.stringify([cached, ...areas, parts]);
}

/** What may be left: as one after the other, either way, leaves it, and what the first one alone leaves. */
async function statesOf(ground: Ground, first: string, second: string): Promise<Record<'both' | 'one', Set<string>>> {
  const states = { both: new Set<string>(), one: new Set<string>() };
  for (const order of [
    [first, second],
    [second, first],
  ]) {
    const cache = ground.makeCache();
    for (const [place, actor] of order.entries()) {
      expect(await ground.run(cache, actor)).toMatchObject({ code: 0 });
      states[place === 0 ? 'one' : 'both'].add(stateOf(cache));
    }
  }
  return states;
}

/** Two runs at once. */
interface Meeting {
  readonly ended: readonly RunResult[];
  readonly state: string;
  /** For whoever has to find out what went wrong. */
  readonly told: string;
}

/** Lets two of them meet on a fresh cache, the second one so much later. */
async function meet(
  ground: Ground,
  [first, second]: readonly [string, string],
  { manner, apartMs }: { readonly manner: string; readonly apartMs: number },
): Promise<Meeting> {
  const cache = ground.makeCache();
  const one = ground.run(cache, first, MANNERS[manner]);
  await delay(apartMs);
  const ended = await Promise.all([one, ground.run(cache, second, MANNERS[manner])]);
  const state = stateOf(cache);
  return { ended, state, told: `${manner}, ${apartMs} ms apart: ${JSON.stringify(ended)} ${state}` };
}

/** Each has done its work or said that it could not begin; where that may be silent, it was. At least one has. */
function expectEnds({ ended, told }: Meeting, mayBeBusy: boolean): void {
  for (const { code, stderr } of ended) {
    if (mayBeBusy && code === BUSY) expect(stderr, told).toMatch(/^ERROR: Cannot (start|write to|read|open)/);
    else expect(code, told).toBe(0);
  }
  expect(
    ended.some(({ code }) => code === 0),
    told,
  ).toBe(true);
}

/** Lets them meet in all pairs. */
export function testPairs({ driver, parent = tmpdir(), actors, ...meetings }: Meetings): void {
  const folder = useTempDir(parent);
  const startCloud = useClouds();
  const pairs = actors.flatMap((first, i) => actors.slice(i).map((second) => [first, second] as const));

  describe.each(pairs)(`%s beside %s (${driver})`, (first, second) => {
    test('leaves what one after the other leaves', { timeout: patienceMs(120_000) }, async () => {
      const cloud = await startCloud({ images: [ONE, TWO].map((id) => ({ id, sizeBytes: FETCHED_BYTES })) });
      const ground = new Ground(folder(), driver, loginOf(cloud));
      const { both, one } = await statesOf(ground, first, second);
      const seed = seedOfRun();
      console.log(`TEST_SEED=${seed}`);
      let random = seed;
      for (let round = 0; round < meetings.rounds; round++) {
        for (const manner of Object.keys(MANNERS)) {
          random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
          const apartMs = round === 0 ? 0 : (random >>> 8) % MOST_APART_MS;
          const meeting = await meet(ground, [first, second], { manner, apartMs });
          expectEnds(meeting, manner === 'neither waits');
          const allowed = manner === 'both wait' ? [...both] : [...both, ...one];
          expect(allowed, meeting.told).toContain(meeting.state);
        }
      }
    });
  });
}

/** Lets each meet itself. */
export function testTwins({ driver, parent = tmpdir(), rounds }: Omit<Meetings, 'actors'>): void {
  const folder = useTempDir(parent);

  test.each(['prune', 'clean', 'delete all'])(
    `one of two runs that %s at the same moment does it, even where neither waits (${driver})`,
    {
      timeout: patienceMs(120_000),
    },
    async (actor) => {
      const ground = new Ground(folder(), driver, {});
      const alone = ground.makeCache();
      expect(await ground.run(alone, actor)).toMatchObject({ code: 0 });
      for (let round = 0; round < rounds; round++) {
        for (const manner of ['neither waits', 'both skip']) {
          const meeting = await meet(ground, [actor, actor], { manner, apartMs: 0 });
          expectEnds(meeting, manner === 'neither waits');
          expect(meeting.state, meeting.told).toBe(stateOf(alone));
        }
      }
    },
  );
}
