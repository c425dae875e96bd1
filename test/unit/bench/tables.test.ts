import { expect, test } from 'vitest';
import type { Figure } from '../../bench/case.ts';
import { isMissed, renderFigures } from '../../bench/tables.ts';

const RATIO: Figure = { name: 'list', baseline: 'sqlite3', value: 1.5, unit: '×', target: 2 };

/** The row of the table that begins with this name, cell by cell. */
function rowOf(name: string, text: string): readonly string[] {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`│ ${name} `)) ?? '';
  return line
    .split('│')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

test('isMissed() is true above the target, without a number, and never where there is no target', () => {
  expect(isMissed(RATIO)).toBe(false);
  expect(isMissed({ ...RATIO, value: 2 })).toBe(false);
  expect(isMissed({ ...RATIO, value: 2.001 })).toBe(true);
  expect(isMissed({ ...RATIO, value: Number.NaN })).toBe(true);
  expect(isMissed({ ...RATIO, value: 100, target: undefined })).toBe(false);
});

test('renderFigures() shows both times, the ratio, its spread and its target', () => {
  const figure: Figure = { ...RATIO, value: 0.0513, spread: { min: 0.04, max: 12 }, ownSec: 0.25, baselineSec: 125.4 };
  const text = renderFigures([{ ...figure, target: 1 / 20 }], []);
  expect(rowOf('list', text)).toEqual([
    ...['list', '0.250 s', 'sqlite3', '125 s', '0.051 ×'],
    ...['0.040..12.00', '≤ 0.050 ×', 'MISSED'],
  ]);
  expect(text).toContain('1 of 1 targets missed');
});

test('renderFigures() shows what an image costs at each size', () => {
  const growth = [
    { images: 1000, seconds: 0.1 },
    { images: 10_000, seconds: 0.5 },
  ];
  const text = renderFigures([{ ...RATIO, name: 'prune', baseline: '1,000', value: 5, growth }], []);
  expect(rowOf('prune', text).slice(1, 3)).toEqual(['1,000: 0.100   10,000: 0.050', '5.00 × that of 1,000']);
});

test('renderFigures() says what was left out, and shows no table without figures', () => {
  const text = renderFigures([], [{ name: 'list', leftOut: 'sqlite3 is not installed' }]);
  expect(text).toBe('list: left out: sqlite3 is not installed\n0 of 0 targets missed');
});

test('renderFigures() shows memory and times as they are', () => {
  const text = renderFigures([{ name: 'memory', baseline: 'none', value: 99.5, unit: 'MiB', target: 150 }], []);
  expect(rowOf('memory', text)).toEqual(['memory', '99.50 MiB', '≤ 150 MiB', '']);
});
