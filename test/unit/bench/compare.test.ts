import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compare, ratioFigure } from '../../bench/compare.ts';
import { growthFigure } from '../../bench/growth.ts';
import { medianOf } from '../../bench/measure.ts';
import { useTempDir } from '../../support/temp-dir.ts';

const folder = useTempDir();

test('medianOf() gives the middle value, and the mean of two', () => {
  expect(medianOf([3, 1, 100])).toBe(3);
  expect(medianOf([4, 1, 100, 2])).toBe(3);
  expect(medianOf([])).toBeNaN();
});

test('ratioFigure() divides run by run when the machine slows down half way', () => {
  const pairs = [
    { ownSec: 4, baselineSec: 2 },
    { ownSec: 9, baselineSec: 1 },
    { ownSec: 10, baselineSec: 10 },
  ];
  expect(ratioFigure({ name: 'a', baseline: 'b', target: 2 }, pairs)).toEqual({
    name: 'a',
    baseline: 'b',
    value: 2,
    unit: '×',
    target: 2,
    spread: { min: 1, max: 9 },
    ownSec: 9,
    baselineSec: 2,
  });
});

test('compare() lets both sides run in turn and once before that, each prepared and checked', () => {
  const log = join(mkdtempSync(join(folder(), 'log-')), 'log');
  const note = (text: string) => ({ argv: ['/bin/sh', '-c', `echo ${text} >> ${log}`] });
  const steps: string[] = [];
  const side = (name: string) => ({
    prepare: () => steps.push(`prepare ${name}`),
    lines: [note(`${name} 1`), note(`${name} 2`)],
    check: () => steps.push(`check ${name} after ${readFileSync(log, 'utf8').trimEnd().split('\n').at(-1)}`),
  });
  const comparison = { name: 'a', ours: side('ours'), baseline: 'b', theirs: side('theirs'), target: undefined };
  expect(compare({ ...comparison, runs: 2 }).value).toBeGreaterThan(0);
  const round = ['ours 1', 'ours 2', 'theirs 1', 'theirs 2'];
  expect(readFileSync(log, 'utf8').trimEnd().split('\n')).toEqual([...round, ...round, ...round]);
  expect(steps.slice(0, 4)).toEqual([
    'prepare ours',
    'check ours after ours 2',
    'prepare theirs',
    'check theirs after theirs 2',
  ]);
});

test('compare() throws what went wrong when a program fails', () => {
  const failing = { lines: [{ argv: ['/bin/sh', '-c', 'echo no luck >&2; exit 3'] }] };
  const comparison = { name: 'a', ours: failing, baseline: 'b', theirs: failing, target: undefined };
  expect(() => compare({ ...comparison, runs: 1 })).toThrow(/ended with 3: no luck/);
});

test('growthFigure() compares the largest size with the one before it, run by run', () => {
  const rounds = [
    [1, 2, 20],
    [1, 3, 33],
    [1, 4, 60],
  ];
  expect(growthFigure('list', [1000, 10_000, 100_000], rounds)).toMatchObject({
    name: 'list: 100,000',
    baseline: '10,000',
    value: 11,
    spread: { min: 10, max: 15 },
    growth: [
      { images: 1000, seconds: 1 },
      { images: 10_000, seconds: 3 },
      { images: 100_000, seconds: 33 },
    ],
  });
});
