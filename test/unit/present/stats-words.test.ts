import { describe, expect, test } from 'vitest';
import type { CachedImage } from '../../../src/cache/snapshot.ts';
import { loadPaint } from '../../../src/present/paint.ts';
import { renderStatsPicture } from '../../../src/present/reports/stats-picture.ts';
import { madeUp, nodeStats } from '../../support/node-stats.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { BLOCKS, DAY_SEC, GIB, IMAGES, ON_A_PIPE, ON_A_TERMINAL } from '../../support/stats-pictures.ts';

describe('renderStatsPicture()', () => {
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
