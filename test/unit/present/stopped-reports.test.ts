/** What reports say of runs that were stopped: not that there was nothing to do, nor that something was in the way. */
import { expect, test } from 'vitest';
import { InterruptedError } from '../../../src/errors/cache-error.ts';
import { prefetchSentences } from '../../../src/present/reports/prefetch-report.ts';
import { pruneSentences } from '../../../src/present/reports/prune-report.ts';
import { exactSize } from '../../../src/text/amounts.ts';
import { itemOf } from '../../../src/use-cases/prefetch/items.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';

const RUN = { dryRun: false, cacheDir: '/cache', errors: [] } as const;

test('pruneSentences() says that nothing was removed and why the cache stays too large when the run was stopped', () => {
  const size = { images: 3, bytes: 300 };
  const limits = { maxSizeBytes: 100, targetBytes: 100, minFreeBytes: 0, maxAgeSec: undefined };
  const failure = new InterruptedError('SIGTERM', 'Stopped by SIGTERM');
  const found = {
    before: size,
    after: size,
    pinned: { images: 0, bytes: 0 },
    freedBytes: 0,
    shortfallBytes: 200,
    pinnedShortfallBytes: 0,
    shortfallReasons: ['stopped'] as const,
    foreign: [],
    foreignRows: [],
    items: [],
  };
  expect(pruneSentences({ ...RUN, ...found, limits, failure }, exactSize)).toEqual([
    'Removed nothing from /cache.',
    'The cache holds 3 images, 300 B; its maximum is 100 B.',
    'The cache stays 200 B over its limits: the run ended early.',
  ]);
});

test('prefetchSentences() tells images that are still to be fetched from those that were left alone when it was stopped', () => {
  const item = itemOf({ imageId: imageIdOf(1), markers: [], queuedSec: 0, isUrgent: false }, undefined);
  const items = [
    { ...item, reason: 'stopped' as const },
    { ...item, reason: 'stopped' as const },
    { ...item, reason: 'deactivated' as const },
  ];
  const found = { items, failure: undefined, fetchedImages: 0, fetchedBytes: 0, elapsedSec: 0 };
  expect(prefetchSentences({ ...RUN, ...found }, exactSize)).toEqual([
    'Fetched 0 images into /cache, 0 B.',
    'Left 1 image alone.',
    'Stopped with 2 images still to be fetched.',
  ]);
});
