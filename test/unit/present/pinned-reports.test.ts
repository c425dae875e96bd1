/** What the pruner says of a cache that stays beyond its limits because images are pinned. */
import { expect, test } from 'vitest';
import { lastingShortfall, pruneSentences } from '../../../src/present/reports/prune-report.ts';
import { exactSize } from '../../../src/text/amounts.ts';
import type { PruneReport } from '../../../src/use-cases/prune.ts';

function reportOf(more: Partial<PruneReport>): PruneReport {
  return {
    dryRun: false,
    cacheDir: '/cache',
    limits: { maxSizeBytes: 100, targetBytes: 100, minFreeBytes: 0, maxAgeSec: undefined },
    before: { images: 3, bytes: 300 },
    after: { images: 3, bytes: 300 },
    pinned: { images: 2, bytes: 200 },
    freedBytes: 0,
    shortfallBytes: 200,
    pinnedShortfallBytes: 200,
    shortfallReasons: ['pinned'],
    foreign: [],
    foreignRows: [],
    items: [],
    errors: [],
    failure: undefined,
    ...more,
  };
}

test.each<[string, string | undefined, Partial<PruneReport>]>([
  [
    'pinned images are kept',
    'The cache stays 200 B over its limits: 2 pinned images of 200 B are kept; see glance-cache-manage list-pinned',
    {},
  ],
  [
    'pinned images are kept, which makes 150 B of it; what is left is too young to judge, was in use, or could not be removed',
    'The cache stays 200 B over its limits: 1 pinned image of 150 B is kept; see glance-cache-manage list-pinned',
    {
      pinned: { images: 1, bytes: 150 },
      pinnedShortfallBytes: 150,
      shortfallReasons: ['pinned', 'not-removable'],
    },
  ],
  [
    'pinned images are kept, which makes 150 B of it; other files fill the file system',
    'Nothing is left but pinned images, and the file system still lacks 200 B of min_free',
    { pinnedShortfallBytes: 150, shortfallReasons: ['pinned', 'other-files'] },
  ],
  [
    'what is left is too young to judge, was in use, or could not be removed',
    undefined,
    { pinnedShortfallBytes: 0, shortfallReasons: ['not-removable'] },
  ],
])('pruneSentences() says that %s', (why, warning, more) => {
  const report = reportOf(more);
  expect(pruneSentences(report, exactSize).at(-1)).toBe(`The cache stays 200 B over its limits: ${why}.`);
  expect(lastingShortfall(report)).toBe(warning);
});

test('pruneSentences() says how much of the cache is pinned, and nothing where that is nothing', () => {
  const told = (images: number): string | undefined => {
    const pinned = { images, bytes: images * 100 };
    return pruneSentences(reportOf({ pinned }), exactSize).find((sentence) => sentence.endsWith('pinned.'));
  };
  expect([0, 1, 2].map(told)).toEqual([
    undefined,
    'Of these, 1 image, 100 B, is pinned.',
    'Of these, 2 images, 200 B, are pinned.',
  ]);
});
