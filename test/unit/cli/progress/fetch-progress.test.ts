import { describe, expect, test } from 'vitest';
import { FetchProgress } from '../../../../src/cli/progress/fetch-progress.ts';
import type { BarLook } from '../../../../src/present/bar.ts';
import { barGlyphs } from '../../../../src/present/bar-glyphs.ts';
import { loadPaint } from '../../../../src/present/paint.ts';
import type { ExpectedFetch } from '../../../../src/use-cases/prefetch/prefetch-watch.ts';
import { FakeClock } from '../../../support/clocks.ts';
import { endOf, fetchOf } from './fetches.ts';

const LOOK: BarLook = { glyphs: barGlyphs({ LANG: 'C.UTF-8' }), paint: await loadPaint(false) };
const SCREEN = { columns: 80, rows: 24 };
const MIB = 1024 ** 2;

/** A run of these images, none of them started. */
function runOf(...fetches: readonly ExpectedFetch[]) {
  const clock = new FakeClock();
  const progress = new FetchProgress(clock);
  progress.planned(fetches);
  return { clock, progress, lines: (size = SCREEN) => progress.lines(size, LOOK) };
}

const DEBIAN = fetchOf(1, 'debian-12', 100 * MIB);
const FEDORA = fetchOf(2, 'fedora-42', 300 * MIB);
const ENDLESS = fetchOf(3, 'stream', undefined);

describe('FetchProgress', () => {
  test('has only a total when nothing has started', () => {
    expect(runOf(DEBIAN, FEDORA).lines()).toEqual(['0/2 images        ░░░░░░░░░░░   0%      0 B/400.0 MiB']);
  });

  test('has a line for each image that is running, with bytes, rate and time left, and their sums', () => {
    const { clock, progress, lines } = runOf(DEBIAN, FEDORA);
    progress.started(DEBIAN);
    progress.started(FEDORA);
    for (let second = 1; second <= 4; second += 1) {
      clock.seconds += 1;
      progress.advanced(DEBIAN.imageId, second * 10 * MIB);
      progress.advanced(FEDORA.imageId, second * 20 * MIB);
    }
    clock.seconds += 1;
    expect(lines()).toMatchInlineSnapshot(`
      [
        "debian-12         ████░░░░░░░  40%     40.0/100.0 MiB    8.0 MiB/s          8 s",
        "fedora-42         ██▌░░░░░░░░  26%     80.0/300.0 MiB   16.0 MiB/s         14 s",
        "0/2 images        ███░░░░░░░░  30%    120.0/400.0 MiB   24.0 MiB/s         12 s",
      ]
    `);
  });

  test('does not count the time before the plan when it tells the rate', () => {
    const clock = new FakeClock();
    const progress = new FetchProgress(clock);
    clock.seconds += 3;
    progress.planned([DEBIAN]);
    progress.started(DEBIAN);
    progress.advanced(DEBIAN.imageId, 10 * MIB);
    clock.seconds += 1;
    expect(progress.lines(SCREEN, LOOK)).toEqual([
      expect.stringMatching(/ 10\.0 MiB\/s +9 s$/),
      expect.stringMatching(/ 10\.0 MiB\/s +9 s$/),
    ]);
  });

  test('leaves out an image that has ended, and keeps its bytes in the total', () => {
    const { clock, progress, lines } = runOf(DEBIAN, FEDORA);
    progress.started(DEBIAN);
    clock.seconds += 1;
    progress.advanced(DEBIAN.imageId, 100 * MIB);
    progress.ended(endOf(DEBIAN, 'done'));
    expect(lines()).toEqual([expect.stringMatching(/^1\/2 images +\S+ +25% +100\.0\/400\.0 MiB/)]);
  });

  test('takes what an image that failed has not got out of the total, and tells of it', () => {
    const { progress, lines } = runOf(DEBIAN, FEDORA);
    progress.started(FEDORA);
    progress.advanced(FEDORA.imageId, 100 * MIB);
    progress.ended(endOf(FEDORA, 'failed'));
    expect(lines()).toEqual([expect.stringMatching(/^1\/2, 1 failed +\S+ +50% +100\.0\/200\.0 MiB/)]);
  });

  test('counts an image that ends without having been started, and none that was not to be fetched', () => {
    const { progress, lines } = runOf(DEBIAN, FEDORA);
    progress.ended(endOf(DEBIAN, 'skipped'));
    progress.ended(endOf(fetchOf(9, 'deactivated'), 'failed'));
    expect(lines()).toEqual([expect.stringMatching(/^1\/2 images +\S+ +0% +0 B\/300\.0 MiB/)]);
  });

  test('shows bytes and rate without a bar when a size is not known, until that image has ended', () => {
    const { clock, progress, lines } = runOf(DEBIAN, ENDLESS);
    progress.started(ENDLESS);
    for (let second = 0; second < 3; second += 1) {
      clock.seconds += 1;
      progress.advanced(ENDLESS.imageId, (second + 1) * MIB);
    }
    clock.seconds += 1;
    expect(lines()).toEqual([
      expect.stringMatching(/^stream +3\.0 MiB +768\.0 KiB\/s$/),
      expect.stringMatching(/^0\/2 images +3\.0 MiB +768\.0 KiB\/s$/),
    ]);
    progress.ended(endOf(ENDLESS, 'done'));
    expect(lines()).toEqual([expect.stringMatching(/^1\/2 images +\S+ +2% +3\.0\/103\.0 MiB/)]);
  });

  test('counts the seconds down when an image waits, and says so until bytes come again', () => {
    const { clock, progress, lines } = runOf(DEBIAN);
    progress.started(DEBIAN);
    progress.advanced(DEBIAN.imageId, 10 * MIB);
    progress.retrying(DEBIAN.imageId, new Error('reset'), 3.5);
    // Written late, but come before.
    progress.advanced(DEBIAN.imageId, 11 * MIB);
    expect(lines()[0]).toMatch(/11\.0\/100\.0 MiB +retry in 4 s$/);
    clock.seconds += 3;
    expect(lines()[0]).toMatch(/ retry in 1 s$/);
    clock.seconds += 0.5;
    expect(lines()[0]).toMatch(/ retrying$/);
    progress.advanced(DEBIAN.imageId, 12 * MIB);
    expect(lines()[0]).toMatch(/12\.0\/100\.0 MiB +\S+ MiB\/s/);
  });

  test('begins anew, without a negative rate, when an image starts over', () => {
    const { clock, progress, lines } = runOf(DEBIAN);
    progress.started(DEBIAN);
    clock.seconds += 1;
    progress.advanced(DEBIAN.imageId, 50 * MIB);
    clock.seconds += 1;
    progress.advanced(DEBIAN.imageId, 0);
    const [image, total] = lines();
    expect(image).toMatch(/ 0% +0 B\/100\.0 MiB +25\.0 MiB\/s +4 s$/);
    expect(total).toMatch(/ 0% +0 B\/100\.0 MiB +25\.0 MiB\/s +4 s$/);
  });

  test('says that an image is being finished when all its bytes are there', () => {
    const empty = fetchOf(4, 'empty', 0);
    const { progress, lines } = runOf(DEBIAN, empty);
    progress.started(DEBIAN);
    progress.started(empty);
    progress.advanced(DEBIAN.imageId, 100 * MIB);
    expect(lines().slice(0, 2)).toEqual([
      expect.stringMatching(/100% +100\.0\/100\.0 MiB +finishing$/),
      expect.stringMatching(/100% +0\/0 B +finishing$/),
    ]);
  });

  test('tells no time left when nothing comes any more', () => {
    const { clock, progress, lines } = runOf(DEBIAN);
    progress.started(DEBIAN);
    progress.advanced(DEBIAN.imageId, MIB);
    for (let half = 0; half < 20; half += 1) {
      clock.seconds += 0.5;
      lines();
    }
    expect(lines()[0]).toMatch(/1\.0\/100\.0 MiB +0 B\/s$/);
  });

  test.each([
    ['the ID', undefined, fetchOf(1).imageId.slice(0, 16)],
    ['the ID', '  ', fetchOf(1).imageId.slice(0, 16)],
    ['escaped characters', 'a\u001b[2J\nb', 'a\\x1b[2J\\x0ab '],
    ['a part', 'x'.repeat(100_000), 'xxxxxxxxxxxxxxxx…'],
  ])('shows %s when the name is %j', (_what, name, label) => {
    const fetch = fetchOf(1, name, MIB);
    const { progress, lines } = runOf(fetch);
    progress.started(fetch);
    expect(lines()[0]?.startsWith(label)).toBe(true);
  });

  test('writes no more of a name than a line may have when none of it takes a column', () => {
    const fetch = fetchOf(1, `a${'\u0301'.repeat(100_000)}`, MIB);
    const { progress, lines } = runOf(fetch);
    progress.started(fetch);
    expect(lines()[0]?.length).toBeLessThan(300);
  });

  test.each([
    [5, ['image-0', 'image-1', 'image-2', '0/3 images']],
    [4, ['image-0', 'and 2 more', '0/3 images']],
    [3, ['and 3 more', '0/3 images']],
    [2, ['0/3 images']],
    [1, ['0/3 images']],
  ])('leaves out images when the terminal has %d rows', (rows, labels) => {
    const fetches = [0, 1, 2].map((n) => fetchOf(n, `image-${n}`, MIB));
    const { progress, lines } = runOf(...fetches);
    for (const fetch of fetches) progress.started(fetch);
    expect(lines({ columns: 80, rows }).map((line) => line.split('  ')[0])).toEqual(labels);
  });

  test('ignores what is told of an image that is not running', () => {
    const { progress, lines } = runOf(DEBIAN);
    progress.advanced(DEBIAN.imageId, MIB);
    progress.retrying(DEBIAN.imageId, new Error('reset'), 1);
    progress.noted();
    expect(lines()).toEqual([expect.stringMatching(/^0\/1 images +\S+ +0% +0 B\/100\.0 MiB$/)]);
  });
});
