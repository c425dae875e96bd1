/**
 * What a report tells that has gone and come, to be compared with what really has.
 */
import { existsSync } from 'node:fs';
import type { Area, CacheLayout } from '../../src/cache/layout.ts';
import { partNames } from './parts.ts';
import { fileIdsOf, rowsOf } from './seeded-cache.ts';

/** A line of a report, from a use case or from JSON. */
export interface ToldItem {
  readonly imageId: string;
  readonly action: string;
  readonly result: string;
  readonly area?: string | null | undefined;
  readonly sizeBytes?: number | null | undefined;
}

const AREAS: readonly Area[] = ['cached', 'incomplete', 'invalid', 'queue'];

/** What there is, by place. */
export function inventoryOf(layout: CacheLayout): ReadonlySet<string> {
  return new Set([
    ...AREAS.filter((area) => existsSync(layout.areas[area])).flatMap((area) =>
      fileIdsOf(layout, area).map((name) => `${area} ${name}`),
    ),
    ...partNames(layout).map((name) => `prefetch ${name.slice(0, name.indexOf('.'))}`),
    ...rowsOf(layout).map(({ image_id, size }) => ['row', image_id, size].join(' ')),
  ]);
}

/** What items say that has gone, in order. */
export function saidGone(items: readonly ToldItem[]): readonly string[] {
  return items
    .filter(({ action, result }) => result === 'done' && ['remove', 'retire', 'unqueue'].includes(action))
    .map(({ area, imageId }) => `${area ?? 'cached'} ${imageId}`)
    .sort();
}

/** What items say that has come. */
export function saidCome(items: readonly ToldItem[]): readonly string[] {
  return items
    .filter(({ result }) => result === 'done')
    .flatMap(({ action, imageId, sizeBytes }) => {
      if (action === 'queue') return [`queue ${imageId}`];
      if (action === 'fetch') return [`cached ${imageId}`, `row ${imageId} ${sizeBytes}`];
      return action === 'adopt' || action === 'correct-size' ? [`row ${imageId} ${sizeBytes}`] : [];
    });
}

/**
 * What has gone that a report is to tell of. A removed image replaces one in `invalid/`, and a fetch ends its marker and
 * its part, without another word.
 */
export function goneToTell(
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
  work: 'clean' | 'fetch' | 'change',
): readonly string[] {
  const gone = [...before].filter((entry) => !after.has(entry) && !entry.startsWith('row '));
  if (work === 'clean') return gone.sort();
  return gone
    .filter((entry) => entry.startsWith('cached ') || (work === 'change' && entry.startsWith('queue ')))
    .sort();
}
