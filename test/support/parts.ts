/**
 * What a prefetch leaves on a real disk: parts, their journals, and journals that were being written.
 */
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageId } from '../../src/cache/image-id.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { journalText, type PartJournal } from '../../src/cache/prefetch/journal.ts';
import { contentOf } from './seeded-cache.ts';

/** The files there may be of an image that is being fetched. */
export type PartKind = 'part' | 'json' | 'json.new';

/** Where one of them lies. */
export function partPath(layout: CacheLayout, imageId: string, kind: PartKind = 'part'): string {
  return join(layout.parts, `${imageId}.${kind}`);
}

/** A part with the content of its image, as far as it goes. */
export function putPart(
  layout: CacheLayout,
  imageId: ImageId,
  { size = 100, agedSec }: { readonly size?: number; readonly agedSec?: number } = {},
): void {
  put(layout, partPath(layout, imageId), { text: contentOf(imageId, size), agedSec });
}

/** A journal; of an image of 100 bytes, which was never fetched wrong, unless said otherwise. */
export function putJournal(
  layout: CacheLayout,
  imageId: ImageId,
  { agedSec, ...journal }: Partial<PartJournal> & { readonly agedSec?: number } = {},
): void {
  put(layout, partPath(layout, imageId, 'json'), { text: journalText(journalOf(imageId, journal)), agedSec });
}

/** A journal whose writer was killed. */
export function putTornJournal(layout: CacheLayout, imageId: ImageId): void {
  put(layout, partPath(layout, imageId, 'json.new'), { text: '{"version":1,"ima' });
}

/** Anything in the folder of the parts. */
export function putAmongParts(layout: CacheLayout, name: string, text = ''): void {
  put(layout, join(layout.parts, name), { text });
}

/** What is known about a part. */
export function journalOf(imageId: ImageId, more: Partial<PartJournal> = {}): PartJournal {
  return {
    imageId,
    content: { sizeBytes: 100, digest: { algorithm: 'sha512', hex: 'ab'.repeat(64) } },
    mismatches: 0,
    lastMismatchSec: 0,
    ...more,
  };
}

/** The names in the folder of the parts, in order; none where it is missing. */
export function partNames(layout: CacheLayout): readonly string[] {
  return existsSync(layout.parts) ? readdirSync(layout.parts).sort() : [];
}

function put(
  layout: CacheLayout,
  path: string,
  { text, agedSec }: { readonly text: string; readonly agedSec?: number | undefined },
): void {
  mkdirSync(layout.parts, { recursive: true });
  writeFileSync(path, text, { mode: 0o640 });
  if (agedSec === undefined) return;
  const timeSec = Date.now() / 1000 - agedSec;
  utimesSync(path, timeSec, timeSec);
}
