/**
 * One of ours at work beside two processes that do to the cache what glance-api does, with all of its races: no client
 * ever reads a wrong byte, none is shut out of the index, none that writes loses its file, and in the end files and rows
 * tell the same.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { type Child, useChildren } from '../support/child.ts';
import { LockTimes } from '../support/lock-times.ts';
import { partNames } from '../support/parts.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import { createCache, fileIdsOf, imageIdOf, inIndex, putFile, rowsOf } from '../support/seeded-cache.ts';
import { bytesOfImage, type GlanceDuties, type GlanceReport, sizeOfImage } from '../support/stand-in/busy-glance.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { doJob, giveWay, JOBS, type Job, type Place, settleAll } from './our-jobs.ts';

const IMAGES = 16;
const GLANCES = 2;
/** So many that removing them at once would hold the index for longer than anybody may. */
const OLD_IMAGES = rounds(5000, 50_000);
const OLD_IMAGE_BYTES = 100;

// In memory where that can be had: what else this machine writes to its disk must shut nobody out of the index.
const folder = useTempDir(existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
const startGlance = useChildren('neighbours/programs/glance-stand-in.ts');

/** What became of a cache on which one of ours and its neighbours were at work. */
interface Meeting {
  readonly place: Place;
  readonly reports: readonly GlanceReport[];
  /** How often each image was removed. */
  readonly removals: ReadonlyMap<string, number>;
}

/** Lets one of ours work beside two stand-ins, round by round. */
async function meet(
  jobs: readonly Job[],
  work: GlanceDuties['work'],
  { roundsOfOurs, oldImages = 0 }: { readonly roundsOfOurs: number; readonly oldImages?: number },
): Promise<Meeting> {
  const seed = seedOfRun();
  console.log(`TEST_SEED=${seed}`);
  const layout = createCache(join(folder(), 'cache'));
  putOldImages(layout, oldImages);
  const place: Place = { layout, images: IMAGES, times: new LockTimes(), aheadSec: 0 };
  const stopFile = join(folder(), 'stop');
  const glances: Child[] = [];
  for (let remainder = 0; remainder < GLANCES; remainder++) {
    const duties: GlanceDuties = { images: IMAGES, own: { modulus: GLANCES, remainder }, work, seed: seed + remainder };
    glances.push(startGlance(layout.root, JSON.stringify(duties), stopFile));
  }
  for (const glance of glances) await glance.expectLine('ready');
  const removals = new Map<string, number>();
  for (let round = 0; round < roundsOfOurs; round++) {
    const job = jobs[round % jobs.length] ?? 'clean';
    for (const id of await doJob(job, place, round)) removals.set(id, (removals.get(id) ?? 0) + 1);
    // What killed workers have left keeps an image from being cached until it is cleaned up.
    if (round % 10 === 9) await doJob('clean', place, round);
    await giveWay();
  }
  writeFileSync(stopFile, '');
  const reports = await Promise.all(glances.map(reportOf));
  console.log(`${jobs.join()} × ${roundsOfOurs}, ${reports.map(wordsOf).join('; ')}; ${place.times.text}`);
  return { place, reports, removals };
}

/** Images that nobody asks for any more, whose numbers follow on those of the others. */
function putOldImages(layout: CacheLayout, count: number): void {
  const ids = Array.from({ length: count }, (_, i) => imageIdOf(IMAGES + i));
  for (const id of ids) putFile(layout, 'cached', id, { size: OLD_IMAGE_BYTES });
  inIndex(layout, (db) => {
    const insert = db.prepare('INSERT INTO cached_images VALUES (?, 1000, 1000, ?, 0, NULL)');
    db.transaction(() => {
      for (const id of ids) insert.run(id, OLD_IMAGE_BYTES);
    })();
  });
}

async function reportOf(glance: Child): Promise<GlanceReport> {
  const line = await glance.line();
  expect({ end: await glance.finish(), complaint: glance.complaint }).toEqual({ end: 0, complaint: '' });
  return JSON.parse(line ?? '{}') as GlanceReport;
}

function wordsOf({ turns, results, refused, longestWaitMs, deleted }: GlanceReport): string {
  const counts = JSON.stringify({ turns, ...results, deleted, ...refused });
  return `${counts.replaceAll('"', '')} waited ${longestWaitMs.toFixed()} ms at most`;
}

/** What holds at any moment, whatever else is going on. */
function expectNoHarm({ place, reports }: Meeting): void {
  for (const { results, lockedOut } of reports) {
    expect({ torn: results.torn, lockedOut }).toEqual({ torn: 0, lockedOut: 0 });
    expect(results.hit + results.cached + results.uncached).toBeGreaterThan(0);
  }
  expectWhole(place);
}

/** Every cached file is its image, whole. */
function expectWhole({ layout }: Place): void {
  for (const number of Array.from({ length: IMAGES }, (_, i) => i)) {
    const path = join(layout.root, imageIdOf(number));
    if (existsSync(path)) expect(readFileSync(path).equals(bytesOfImage(number)), `image ${number}`).toBe(true);
  }
  expect(inIndex(layout, (db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
}

/** Files and rows tell the same, and nothing else is left of anything. */
function expectInStep({ layout }: Place): void {
  const sizes = new Map(Array.from({ length: IMAGES }, (_, i) => [imageIdOf(i), sizeOfImage(i)]));
  const files = fileIdsOf(layout);
  expect(rowsOf(layout).map(({ image_id, size }) => [image_id, size])).toEqual(
    files.map((id) => [id, sizes.get(imageIdOf(Number.parseInt(id, 16))) ?? OLD_IMAGE_BYTES]),
  );
  expect(readdirSync(layout.areas.invalid)).toEqual([]);
  expect(readdirSync(layout.areas.incomplete)).toEqual([]);
  expect(partNames(layout)).toEqual([]);
}

test('prune() beside a glance-api that serves removes what it says, and neither loses nor tears anything else', {
  timeout: patienceMs(60_000),
}, async () => {
  const meeting = await meet(['prune'], 'serve', { roundsOfOurs: rounds(300, 20_000) });
  expectNoHarm(meeting);
  const { place, reports, removals } = meeting;
  expect([...removals.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(20);
  // Each image is there as often as it came and was not removed: once or not at all.
  const present = new Set(fileIdsOf(place.layout));
  for (const id of Array.from({ length: IMAGES }, (_, i) => imageIdOf(i))) {
    const inserts = reports.reduce((sum, report) => sum + (report.inserts[id] ?? 0), 0);
    expect({ id, count: inserts - (removals.get(id) ?? 0) }).toEqual({ id, count: present.has(id) ? 1 : 0 });
  }
  expect(reports.map(({ refused }) => refused)).toEqual([{}, {}]);
  expectInStep(place);
});

test.each(JOBS)(
  '%s beside a glance-api at work harms no client, and what it leaves is put in step',
  { timeout: patienceMs(60_000) },
  async (job) => {
    const meeting = await meet([job], 'everything', { roundsOfOurs: rounds(120, 20_000) });
    expectNoHarm(meeting);
    const { place, reports } = meeting;
    for (const { refused } of reports) {
      // glance-api writes these to its log: a row that was there before its own, or an image deleted as it came.
      const { SQLITE_CONSTRAINT_PRIMARYKEY, ENOENT, ...others } = refused;
      expect(others).toEqual({});
      if (job !== 'delete' && job !== 'publish') expect(refused).toEqual({});
    }
    await settleAll(place);
    expectWhole(place);
    expectInStep(place);
    for (const name of readdirSync(place.layout.areas.queue)) expect(imageIdOf(Number.parseInt(name, 16))).toBe(name);
  },
);

test('prune() gives the index back time and again when it removes thousands of images beside a glance-api that serves', {
  timeout: patienceMs(60_000),
}, async () => {
  const meeting = await meet(['prune'], 'serve', { roundsOfOurs: rounds(1, 20), oldImages: OLD_IMAGES });
  expectNoHarm(meeting);
  // Where the others have not brought enough yet, the 6000 bytes that stay are some of these.
  expect(meeting.removals.size).toBeGreaterThanOrEqual(OLD_IMAGES - 60);
  expect(meeting.place.times.heldMs.length).toBeGreaterThan(1);
  expectInStep(meeting.place);
});

test('all of them in turn beside a glance-api whose cache is cleared, pruned and cleaned by its own tools harm no client', {
  timeout: patienceMs(60_000),
}, async () => {
  const meeting = await meet(JOBS, 'sweeping', { roundsOfOurs: rounds(400, 40_000) });
  expectNoHarm(meeting);
  await settleAll(meeting.place);
  expectWhole(meeting.place);
  expectInStep(meeting.place);
});
