/**
 * What the cleaner says of the cached images that it has asked Glance about.
 */

import { countOf, type SizeText } from '../../text/amounts.ts';
import type { CleanReport } from '../../use-cases/clean.ts';
import { removalOf } from './clean-report.ts';
import { removalSentence } from './removal-text.ts';

/** What came of asking, in sentences; none where Glance was not asked, or did not answer. */
export function staleSentences(report: CleanReport, size: SizeText): readonly string[] {
  const { stale, dryRun } = report;
  if (stale === undefined) return [];
  const items = report.items.filter(({ area }) => area === undefined);
  const { checkedImages, pinnedImages, readImages, readBytes } = stale;
  const read = readImages === 0 ? '' : `, and read ${countOf(readImages, 'image')} of ${size(readBytes)} to compare`;
  const asked = `Asked Glance about ${countOf(checkedImages, 'cached image')}${read}.`;
  if (items.length === 0) return [checkedImages === 0 ? 'No image is cached.' : `${asked} None is stale.`];
  const sentences = [asked, removalSentence(removalOf(report, items), 'stale image', size)];
  if (pinnedImages === 0) return sentences;
  const pins = pinnedImages === 1 ? 'is pinned; the pin' : 'are pinned; the pins';
  return [
    ...sentences,
    `${pinnedImages} of them ${pins} ${dryRun ? 'would stay' : pinnedImages === 1 ? 'stays' : 'stay'}.`,
  ];
}
