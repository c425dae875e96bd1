/**
 * Shows that `verify --repair` loses nothing when it is killed, or a system call fails, while it replaces a damaged
 * index: at any moment there is an index, the damaged one or the whole new one; the damaged one is never lost; and the
 * same command once more brings it to its end.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CacheFixture } from '../support/cache-fixture.ts';
import { callOn } from '../support/call-in-process.ts';
import { patienceMs } from '../support/rounds.ts';
import { imageIdOf, inIndex, isIntact, putFile, putImage, rowIdsOf } from '../support/seeded-cache.ts';
import { changesBelow, failing, type SignalAt, signalling, watchedInto } from '../support/strace.ts';
import { IN_MEMORY, useTempDir } from '../support/temp-dir.ts';
import { copyOf, forEach, makeCache, mend, startCall } from './disturbed-run.ts';
import { job } from './kill-jobs.ts';

const folder = useTempDir(IN_MEMORY);
const IDS = [1, 2, 3].map(imageIdOf);
const JUNK = 'this was an index once, and is none any more';
const REPAIR = job(['manage', 'verify', '--repair'], fillCorrupt, ['cleaner'], ['pruner']);

function fillCorrupt({ layout }: CacheFixture): void {
  putImage(layout, imageIdOf(1));
  for (const number of [2, 3]) putFile(layout, 'cached', imageIdOf(number), { agedSec: 1e6 });
  writeFileSync(layout.index, JUNK);
}

/** The steps of an undisturbed run. */
async function stepsOf(pristine: CacheFixture): Promise<readonly SignalAt[]> {
  const log = join(folder(), 'log');
  const cache = copyOf(pristine, 'undisturbed');
  const { code, stderr } = await startCall(cache, REPAIR.call, { within: watchedInto(log) }).ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return changesBelow(cache.root, log).map((step) => ({ ...step, path: step.path.replace(cache.base, '') }));
}

/** What is wrong after a disturbance, before and after the next runs. */
async function complaintsAbout(cache: CacheFixture): Promise<readonly string[]> {
  const { layout } = cache;
  const complaints: string[] = [];
  const damaged = [layout.index, ...asideIn(cache)].filter((path) => readIfThere(path) === JUNK);
  if (!existsSync(layout.index)) complaints.push('there is no index');
  else if (readIfThere(layout.index) !== JUNK) complaints.push(...rowsMissing(cache));
  if (damaged.length === 0) complaints.push('the damaged index is lost');
  complaints.push(...(await mend(cache, REPAIR)));
  if (!isIntact(layout)) complaints.push('an image is not whole');
  complaints.push(...rowsMissing(cache));
  if (!asideIn(cache).some((path) => readIfThere(path) === JUNK))
    complaints.push('the damaged index is lost in the end');
  const strange = asideIn(cache).filter((path) => readIfThere(path) !== JUNK);
  const { code, stdout } = await callOn(cache, 'manage', ['verify']);
  return [...complaints, ...strange, ...(code === 0 && stdout === '' ? [] : [`${code} ${stdout}`])];
}

function asideIn({ layout }: CacheFixture): readonly string[] {
  return existsSync(layout.setAside) ? readdirSync(layout.setAside).map((name) => join(layout.setAside, name)) : [];
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'latin1') : undefined;
}

function rowsMissing({ layout }: CacheFixture): readonly string[] {
  const check = inIndex(layout, (db) => db.pragma('integrity_check', { simple: true }));
  const found = rowIdsOf(layout);
  return check === 'ok' && IDS.every((id) => found.includes(id)) ? [] : [`index: ${String(check)}, ${found.join(' ')}`];
}

const DISTURBANCES: readonly (readonly [string, (step: SignalAt, log: string) => readonly string[]])[] = [
  ['is killed at', (step) => signalling(step, 'SIGKILL')],
  ['is told EIO by', (step, log) => failing({ ...step, errno: 'EIO' }, log)],
  ['is told ENOSPC by', (step, log) => failing({ ...step, errno: 'ENOSPC' }, log)],
  ['is told EPERM by', (step, log) => failing({ ...step, errno: 'EPERM' }, log)],
];

test.each(DISTURBANCES)(
  'glance-cache-manage verify --repair loses nothing when it %s any system call',
  async (_what, disturb) => {
    const pristine = makeCache(folder(), 'pristine', REPAIR);
    const steps = await stepsOf(pristine);
    expect(steps.length).toBeGreaterThan(8);
    const complaints: string[] = [];
    const codes = new Map<number | NodeJS.Signals | null, number>();
    await forEach(steps, async (step, place) => {
      const cache = copyOf(pristine, `at-${place}`);
      const within = disturb({ ...step, path: cache.base + step.path }, join(folder(), `log-${place}`));
      const { code, stderr } = await startCall(cache, REPAIR.call, { within }).ended;
      codes.set(code, (codes.get(code) ?? 0) + 1);
      const found = [...(code === 1 ? [stderr] : []), ...(await complaintsAbout(cache))];
      if (found.length > 0) complaints.push([`${JSON.stringify(step)}: ${code} ${stderr}`, ...found].join('\n  '));
      rmSync(cache.base, { recursive: true });
    });
    console.log(`${steps.length} steps ended with ${JSON.stringify(Object.fromEntries(codes))}`);
    expect(complaints).toEqual([]);
    expect([...codes.keys()].some((code) => code !== 0)).toBe(true);
  },
  patienceMs(120_000),
);
