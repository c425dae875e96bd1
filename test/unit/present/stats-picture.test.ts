import { describe, expect, test } from 'vitest';
import type { CachedImage } from '../../../src/cache/snapshot.ts';
import { barGlyphs } from '../../../src/present/bar-glyphs.ts';
import { loadPaint } from '../../../src/present/paint.ts';
import type { Canvas } from '../../../src/present/reports/stats-canvas.ts';
import { EXACT_STYLE, humanStyle } from '../../../src/present/reports/stats-columns.ts';
import { renderStatsPicture } from '../../../src/present/reports/stats-picture.ts';
import { fileOf, madeUp, NOW_SEC, nodeStats } from '../../support/node-stats.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';

const GIB = 1024 ** 3;
const HOUR_SEC = 3600;
const DAY_SEC = 86_400;

const BLOCKS = barGlyphs({ LANG: 'C.UTF-8' });
const paint = await loadPaint(false);

const ON_A_TERMINAL: Canvas = {
  columns: 79,
  look: { glyphs: BLOCKS, paint },
  style: humanStyle(NOW_SEC),
  isScreen: true,
};
const ON_A_PIPE: Canvas = { columns: 79, look: { glyphs: barGlyphs({}), paint }, style: EXACT_STYLE, isScreen: false };

/** Three that are read, and one that nobody wants. */
const IMAGES: readonly CachedImage[] = [
  madeUp(1, { sizeBytes: 12 * GIB, usedAgoSec: 59, cameAgoSec: 3 * DAY_SEC, hits: 1234 }),
  madeUp(2, { sizeBytes: 30 * GIB, usedAgoSec: 7 * HOUR_SEC, cameAgoSec: 20 * DAY_SEC, hits: 17 }),
  madeUp(3, { sizeBytes: GIB / 2, usedAgoSec: 40 * DAY_SEC, cameAgoSec: 50 * DAY_SEC }),
  madeUp(4, { sizeBytes: 8 * GIB, usedAgoSec: 2 * DAY_SEC, cameAgoSec: 2 * DAY_SEC, hits: 0 }),
];

const LEFTOVERS = {
  incomplete: [fileOf(5, 3 * GIB, 20), fileOf(6, GIB, 3 * DAY_SEC)],
  invalid: [fileOf(7, 200 * 1024 ** 2, 9 * DAY_SEC)],
};

const FULL = nodeStats(IMAGES, {
  leftovers: LEFTOVERS,
  beside: { queue: { images: 2, firstSec: NOW_SEC - 600 }, pins: new Set([imageIdOf(1), imageIdOf(9)]) },
});

describe('renderStatsPicture()', () => {
  test('draws on a terminal of 80 columns', () => {
    expect(renderStatsPicture(FULL, ON_A_TERMINAL)).toMatchInlineSnapshot(`
      "4 cached images, 1252 hits in /var/lib/glance/image-cache

      Maximum      ███████████████████████▌░░░░░░░░░░░░░░░░░░░░░░░  50 % of 100.0 GiB
                   █ used 50.5 GiB  ░ left 49.5 GiB
      File system  █████████▒▒▒▒▒▒▒▒▒░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  40 % of 250.0 GiB
                   █ images 50.5 GiB  ▒ other use 49.5 GiB  ░ free 150.0 GiB

      Last use
        < 1 hour   ██████████████████                             1 image    12.0 GiB
        < 1 day    █████████████████████████████████████████████  1 image    30.0 GiB
        < 1 week                                                  0 images        0 B
        < 30 days                                                 0 images        0 B
        older      ▌                                              1 image   512.0 MiB
        never      ████████████                                   1 image     8.0 GiB

      Largest      00000002-d94f-49cd-a114-e12490b328d9  30.0 GiB
      Most used    00000001-d94f-49cd-a114-e12490b328d9  1234 hits
      Least used   00000004-d94f-49cd-a114-e12490b328d9  0 hits
      Latest use   00000001-d94f-49cd-a114-e12490b328d9  59 s ago
      Oldest use   00000003-d94f-49cd-a114-e12490b328d9  40 d ago

      Incomplete   2 files, 4.0 GiB, the oldest 3 d ago, 1 may still be written
        < 1 hour   ████▌                                          1 file      3.0 GiB
        < 1 week   █▌                                             1 file      1.0 GiB
      Invalid      1 file, 200.0 MiB, the oldest 9 d ago
        < 30 days  ▌                                              1 file    200.0 MiB

      Reclaimable  1.2 GiB at once by the cleaner,
                   38.5 GiB of images that are not pinned
      Pinned       1 image, 12.0 GiB, 1 image not cached
      Queued       2 images, the first 10 min ago

      Next prune   would remove nothing

      Full         in 17 d 7 h (2023-12-02) at this rate
                   2 images, 20.0 GiB, came within 7 d: 2.9 GiB a day; what was
                   removed since is not counted
      "
    `);
  });

  test('draws on a terminal of 40 columns', () => {
    expect(renderStatsPicture(FULL, { ...ON_A_TERMINAL, columns: 39 })).toMatchInlineSnapshot(`
      "4 cached images, 1252 hits
      in /var/lib/glance/image-cache

      Maximum      █████████████░░░░░░░░░░░░░
                   50 % of 100.0 GiB
                   █ used 50.5 GiB
                   ░ left 49.5 GiB
      File system  █████▒▒▒▒▒░░░░░░░░░░░░░░░░
                   40 % of 250.0 GiB
                   █ images 50.5 GiB
                   ▒ other use 49.5 GiB
                   ░ free 150.0 GiB

      Last use
        < 1 hour   ████▌         1   12.0 GiB
        < 1 day    ████████████  1   30.0 GiB
        < 1 week                 0        0 B
        < 30 days                0        0 B
        older      ▌             1  512.0 MiB
        never      ███           1    8.0 GiB

      Largest      30.0 GiB
        00000002-d94f-49cd-a114-e12490b328d9
      Most used    1234 hits
        00000001-d94f-49cd-a114-e12490b328d9
      Least used   0 hits
        00000004-d94f-49cd-a114-e12490b328d9
      Latest use   59 s ago
        00000001-d94f-49cd-a114-e12490b328d9
      Oldest use   40 d ago
        00000003-d94f-49cd-a114-e12490b328d9

      Incomplete   2 files, 4.0 GiB,
                   the oldest 3 d ago,
                   1 may still be written
        < 1 hour   █             1    3.0 GiB
        < 1 week   ▌             1    1.0 GiB
      Invalid      1 file, 200.0 MiB,
                   the oldest 9 d ago
        < 30 days  ▌             1  200.0 MiB

      Reclaimable  1.2 GiB at once by the
                   cleaner, 38.5 GiB of
                   images that are not pinned
      Pinned       1 image, 12.0 GiB,
                   1 image not cached
      Queued       2 images,
                   the first 10 min ago

      Next prune   would remove nothing

      Full         in 17 d 7 h (2023-12-02)
                   at this rate
                   2 images, 20.0 GiB, came
                   within 7 d: 2.9 GiB a day;
                   what was removed since is
                   not counted
      "
    `);
  });

  test('draws for a pipe', () => {
    expect(renderStatsPicture(FULL, ON_A_PIPE)).toMatchInlineSnapshot(`
      "4 cached images, 1252 hits in /var/lib/glance/image-cache

      Maximum      [####################--------------------]  50 % of 107374182400 B
                   # used 54223962112 B  - left 53150220288 B
      File system  [########========------------------------]  40 % of 268435456000 B
                   # images 54223962112 B  = other use 53150220288 B
                   - free 161061273600 B

      Last use
        < 1 hour   ################                           1 image   12884901888 B
        < 1 day    #########################################  1 image   32212254720 B
        < 1 week                                              0 images            0 B
        < 30 days                                             0 images            0 B
        older      #                                          1 image     536870912 B
        never      ##########                                 1 image    8589934592 B

      Largest      00000002-d94f-49cd-a114-e12490b328d9  32212254720 B
      Most used    00000001-d94f-49cd-a114-e12490b328d9  1234 hits
      Least used   00000004-d94f-49cd-a114-e12490b328d9  0 hits
      Latest use   00000001-d94f-49cd-a114-e12490b328d9  2023-11-14T22:12:21Z
      Oldest use   00000003-d94f-49cd-a114-e12490b328d9  2023-10-05T22:13:20Z

      Incomplete   2 files, 4294967296 B, the oldest 2023-11-11T22:13:20Z,
                   1 may still be written
        < 1 hour   ####                                       1 file     3221225472 B
        < 1 week   #                                          1 file     1073741824 B
      Invalid      1 file, 209715200 B, the oldest 2023-11-05T22:13:20Z
        < 30 days  #                                          1 file      209715200 B

      Reclaimable  1283457024 B at once by the cleaner,
                   41339060224 B of images that are not pinned
      Pinned       1 image, 12884901888 B, 1 image not cached
      Queued       2 images, the first 2023-11-14T22:03:20Z

      Next prune   would remove nothing

      Full         2023-12-02T06:01:20Z at this rate
                   2 images, 21474836480 B, came within 7 d: 3067833783 B a day; what
                   was removed since is not counted
      "
    `);
  });

  test('draws in ASCII on a narrow terminal', () => {
    const { look } = ON_A_PIPE;
    const picture = renderStatsPicture(FULL, { ...ON_A_TERMINAL, columns: 59, look });
    expect(picture).toMatchInlineSnapshot(`
      "4 cached images, 1252 hits in /var/lib/glance/image-cache

      Maximum      [############-------------]  50 % of 100.0 GiB
                   # used 50.5 GiB  - left 49.5 GiB
      File system  [#####=====---------------]  40 % of 250.0 GiB
                   # images 50.5 GiB  = other use 49.5 GiB
                   - free 150.0 GiB

      Last use
        < 1 hour   ############                      1   12.0 GiB
        < 1 day    ################################  1   30.0 GiB
        < 1 week                                     0        0 B
        < 30 days                                    0        0 B
        older      #                                 1  512.0 MiB
        never      ########                          1    8.0 GiB

      Largest      30.0 GiB
        00000002-d94f-49cd-a114-e12490b328d9
      Most used    1234 hits
        00000001-d94f-49cd-a114-e12490b328d9
      Least used   0 hits
        00000004-d94f-49cd-a114-e12490b328d9
      Latest use   59 s ago
        00000001-d94f-49cd-a114-e12490b328d9
      Oldest use   40 d ago
        00000003-d94f-49cd-a114-e12490b328d9

      Incomplete   2 files, 4.0 GiB, the oldest 3 d ago,
                   1 may still be written
        < 1 hour   ###                               1    3.0 GiB
        < 1 week   #                                 1    1.0 GiB
      Invalid      1 file, 200.0 MiB, the oldest 9 d ago
        < 30 days  #                                 1  200.0 MiB

      Reclaimable  1.2 GiB at once by the cleaner,
                   38.5 GiB of images that are not pinned
      Pinned       1 image, 12.0 GiB, 1 image not cached
      Queued       2 images, the first 10 min ago

      Next prune   would remove nothing

      Full         in 17 d 7 h (2023-12-02) at this rate
                   2 images, 20.0 GiB, came within 7 d: 2.9 GiB a
                   day; what was removed since is not counted
      "
    `);
    expect(picture).toMatch(/^[\n -~]*$/);
  });

  test('shows by how much a cache is too large, what goes first, and what pins keep', () => {
    const stats = nodeStats(IMAGES, {
      prune: { maxSizeBytes: 10 * GIB, maxAgeSec: 30 * DAY_SEC },
      beside: { pins: new Set([imageIdOf(2)]) },
    });
    const [bars = '', ...rest] = renderStatsPicture(stats, ON_A_TERMINAL).split('\n\n').slice(1);
    expect(bars.split('\n').slice(0, 2).join('\n')).toMatchInlineSnapshot(`
      "Maximum      █████████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒  505 % of 10.0 GiB
                   █ used 50.5 GiB  ▒ of it over the maximum 40.5 GiB"
    `);
    expect(rest.slice(-2).join('\n\n')).toMatchInlineSnapshot(`
      "Next prune   would remove 3 images, 20.5 GiB: 1 not used for too long, 2 over
                   the maximum size
                   would leave it 20.0 GiB over its limits: 1 image, 30.0 GiB, pinned
        00000003-d94f-49cd-a114-e12490b328d9  512.0 MiB  40 d ago
        00000004-d94f-49cd-a114-e12490b328d9    8.0 GiB  2 d ago
        00000001-d94f-49cd-a114-e12490b328d9   12.0 GiB  59 s ago

      Full         now: the maximum is reached
                   2 images, 20.0 GiB, came within 7 d: 2.9 GiB a day; what was
                   removed since is not counted
      "
    `);
  });

  test('says in few lines that a cache is empty', () => {
    expect(renderStatsPicture(nodeStats([]), ON_A_TERMINAL)).toMatchInlineSnapshot(`
      "No cached images in /var/lib/glance/image-cache

      Maximum      ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  0 % of 100.0 GiB
                   █ used 0 B  ░ left 100.0 GiB
      File system  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  40 % of 250.0 GiB
                   █ images 0 B  ▒ other use 100.0 GiB  ░ free 150.0 GiB

      Leftovers    none

      Reclaimable  nothing
      Pinned       none
      Queued       none

      Next prune   would remove nothing

      Full         never at this rate
                   nothing came within 1 d; what was removed since is not counted
      "
    `);
  });

  test('tells what is wrong with the index', () => {
    const rowless: CachedImage = { ...madeUp(1, { sizeBytes: GIB }), row: undefined };
    const { row } = madeUp(2, { sizeBytes: GIB });
    const lost: CachedImage = { imageId: imageIdOf(2), file: undefined, row };
    const some = renderStatsPicture(
      nodeStats([rowless, lost], { snapshot: { foreignRows: ['one', 'two'] } }),
      ON_A_TERMINAL,
    );
    expect(some).toContain(
      '\nIndex        1 image, 1.0 GiB, not listed, 1 row without a file,\n             2 rows of no image\n',
    );
    expect(renderStatsPicture(nodeStats([rowless]), ON_A_TERMINAL)).toContain(
      '\nNext prune   is refused, as the index lists nothing: see glance-cache-pruner\n             --dry-run\n',
    );
  });

  test('tells when the file system ends before the maximum is reached', () => {
    const snapshot = { space: { totalBytes: 60 * GIB, availableBytes: 2 * GIB } };
    const picture = renderStatsPicture(nodeStats(IMAGES, { snapshot }), ON_A_TERMINAL);
    expect(picture).toContain('\nFull         in 16 h 48 min (2023-11-15) at this rate, by the file system\n');
    const full = { space: { totalBytes: 60 * GIB, availableBytes: 0 } };
    expect(renderStatsPicture(nodeStats(IMAGES, { snapshot: full }), ON_A_TERMINAL)).toContain(
      '\nFull         now: the file system is full\n',
    );
  });

  test('foresees nothing that is ten years away', () => {
    const images = [madeUp(1, { sizeBytes: 1 })];
    expect(renderStatsPicture(nodeStats(images), ON_A_TERMINAL)).toContain(
      '\nFull         not within ten years at this rate\n',
    );
  });

  test('lets a maximum of 0 be no division', () => {
    const stats = nodeStats(IMAGES, { prune: { maxSizeBytes: 0 } });
    expect(renderStatsPicture(stats, ON_A_TERMINAL)).toMatch(/\nMaximum {6}[▒█]+ {2}is 0\n/);
  });

  test('paints what is nearly full as a warning, and what is over as an error', async () => {
    const look = { glyphs: BLOCKS, paint: await loadPaint(true) };
    const captionOf = (maxSizeBytes: number): string | undefined =>
      renderStatsPicture(nodeStats(IMAGES, { prune: { maxSizeBytes } }), { ...ON_A_TERMINAL, look })
        .split('\n')
        .find((line) => line.startsWith('Maximum'));
    expect(captionOf(80 * GIB)).toContain('\u001b[32m63 % of');
    expect(captionOf(60 * GIB)).toContain('\u001b[33m84 % of');
    expect(captionOf(50 * GIB)).toContain('\u001b[31m101 % of');
  });

  test('shows a folder of any name without harm', () => {
    const stats = nodeStats([], { beside: { cacheDir: '/srv/\u001b[31mgröße' } });
    expect(renderStatsPicture(stats, ON_A_TERMINAL).split('\n')[0]).toBe('No cached images in /srv/\\x1b[31mgröße');
    expect(renderStatsPicture(stats, ON_A_PIPE).split('\n')[0]).toBe('No cached images in /srv/\\x1b[31mgr??e');
  });
});
