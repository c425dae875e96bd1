import { describe, expect, test } from 'vitest';
import { renderStatsPicture } from '../../../src/present/reports/stats-picture.ts';
import { fileOf, NOW_SEC, nodeStats } from '../../support/node-stats.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { DAY_SEC, GIB, IMAGES, ON_A_PIPE, ON_A_TERMINAL } from '../../support/stats-pictures.ts';

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
});
