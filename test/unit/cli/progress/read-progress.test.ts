import { describe, expect, test } from 'vitest';
import { ReadProgress } from '../../../../src/cli/progress/read-progress.ts';
import { barGlyphs } from '../../../../src/present/bar-glyphs.ts';
import { loadPaint } from '../../../../src/present/paint.ts';
import type { Clock } from '../../../../src/time/clock.ts';
import { systemClock } from '../../../../src/time/system-clock.ts';

const GIB = 1024 ** 3;

describe('ReadProgress', () => {
  test('tells how much is read, how fast, and how long the rest takes', async () => {
    let nowSec = 100;
    const clock: Clock = { ...systemClock, monotonicSec: () => nowSec };
    const look = { glyphs: barGlyphs({ LANG: 'C.UTF-8' }), paint: await loadPaint(false) };
    const progress = new ReadProgress(clock);
    nowSec += 60;
    progress.planned(12, 10 * GIB);
    expect(progress.line(100, look)).toMatch(/^Reading 12 images +░+ +0% +0 B\/10\.0 GiB$/);
    nowSec += 2;
    progress.advanced(2 * GIB);
    nowSec += 2;
    expect(progress.line(100, look)).toMatch(/ 20% +2\.0\/10\.0 GiB +512\.0 MiB\/s +16 s$/);
    // What is not read after all was no work, and is none any more.
    progress.spared(4 * GIB);
    expect(progress.line(100, look)).toMatch(/ 33% +2\.0\/6\.0 GiB +512\.0 MiB\/s +8 s$/);
    expect(progress.line(40, look)).toMatch(/^(Reading )?12 images/);
  });
});
