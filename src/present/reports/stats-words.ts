/**
 * What is said of a cache beside its bars: what it would lose, what it may gain, and when it will be full.
 */

import { countOf, humanDuration, type SizeText } from '../../text/amounts.ts';
import type { CacheStats } from '../../use-cases/stats/cache-stats.ts';
import type { LeftoverFacts } from '../../use-cases/stats/leftover-facts.ts';
import type { NextPrune } from '../../use-cases/stats/next-prune.ts';
import { listed, type Piece } from '../flow.ts';
import { reasonText } from './item-columns.ts';
import { type Canvas, LABEL_COLUMNS, labelled, sublisted } from './stats-canvas.ts';
import { chartLines, LEFTOVER_AREAS, leftoverChart } from './stats-charts.ts';

const DAY_SEC = 86_400;

/** An image ID and a time in two forms have room beside a label. */
const SPACIOUS_COLUMNS = 96;

/** A time farther away than this is no forecast. */
const FARTHEST_SEC = 3650 * DAY_SEC;

/** The images that stand out. */
export function imageLines({ total }: CacheStats, canvas: Canvas): readonly string[] {
  const { size } = canvas.style;
  const { largest, mostUsed, leastUsed, mostRecent, leastRecent } = total;
  const lines: (readonly [label: string, imageId: string, figure: string])[] = [];
  if (largest !== undefined) lines.push(['Largest', largest.imageId, size(largest.sizeBytes)]);
  if (mostUsed !== undefined) lines.push(['Most used', mostUsed.imageId, countOf(mostUsed.hits, 'hit')]);
  if (leastUsed !== undefined) lines.push(['Least used', leastUsed.imageId, countOf(leastUsed.hits, 'hit')]);
  if (mostRecent !== undefined) lines.push(['Latest use', mostRecent.imageId, timeText(mostRecent.usedSec, canvas)]);
  if (leastRecent !== undefined) lines.push(['Oldest use', leastRecent.imageId, timeText(leastRecent.usedSec, canvas)]);
  const figureColumns = Math.max(...lines.map(([, , figure]) => figure.length));
  const isWide = lines.every(([, id]) => LABEL_COLUMNS + id.length + 2 + figureColumns <= canvas.columns);
  return lines.flatMap(([label, imageId, figure]) =>
    isWide
      ? labelled(label, [imageId, figure], canvas)
      : [...labelled(label, [figure], canvas), ...sublisted(imageId, [], canvas)],
  );
}

/** A time beside an image: in full where there is room. */
function timeText(epochSec: number, { columns, style }: Canvas): string {
  return columns >= SPACIOUS_COLUMNS ? style.longTime(epochSec) : style.time(epochSec);
}

/** What a folder of leftovers is called, and why some of what is in it is not the cleaner's yet. */
const LEFTOVER_WORDS = {
  incomplete: ['Incomplete', 'may still be written'],
  invalid: ['Invalid', 'not to be cleaned yet'],
  prefetch: ['Prefetches', 'may still be fetched'],
} as const;

/** What lies beside the images, by age. */
export function leftoverLines(stats: CacheStats, canvas: Canvas): readonly string[] {
  const lines = LEFTOVER_AREAS.flatMap((area) => {
    const facts = stats.leftovers[area];
    if (facts.files === 0) return [];
    const [label, kept] = LEFTOVER_WORDS[area];
    const texts = leftoverTexts(facts, kept, canvas);
    return [...labelled(label, listed(texts), canvas), ...chartLines(stats, leftoverChart(stats, area), canvas)];
  });
  return lines.length > 0 ? lines : labelled('Leftovers', ['none'], canvas);
}

function leftoverTexts(
  { files, sizeBytes, oldestSec, removable }: LeftoverFacts,
  kept: string,
  canvas: Canvas,
): readonly string[] {
  const { size, time } = canvas.style;
  const texts = [countOf(files, 'file'), size(sizeBytes)];
  if (oldestSec !== undefined) texts.push(`the oldest ${time(oldestSec)}`);
  if (removable.files < files) texts.push(`${files - removable.files} ${kept}`);
  return texts;
}

/** What could be taken, what waits, and what stays. */
export function stockLines(stats: CacheStats, canvas: Canvas): readonly string[] {
  const { total, reclaimable, pinned, queue } = stats;
  const { size, time } = canvas.style;
  const free: string[] = [];
  if (reclaimable.files > 0) free.push(`${size(reclaimable.sizeBytes)} at once by the cleaner`);
  if (total.images > 0) free.push(`${size(total.sizeBytes - pinned.bytes)} of images that are not pinned`);
  const pins = pinned.images > 0 ? [countOf(pinned.images, 'image'), size(pinned.bytes)] : [];
  if (pinned.absent > 0) pins.push(`${countOf(pinned.absent, 'image')} not cached`);
  const queued = queue.images > 0 ? [countOf(queue.images, 'image')] : [];
  if (queue.firstSec !== undefined) queued.push(`the first ${time(queue.firstSec)}`);
  return [
    ...labelled('Reclaimable', listedOr('nothing', free), canvas),
    ...labelled('Pinned', listedOr('none', pins), canvas),
    ...labelled('Queued', listedOr('none', queued), canvas),
    ...oddLines(stats, canvas),
  ];
}

function listedOr(nothing: string, texts: readonly string[]): readonly Piece[] {
  return listed(texts.length === 0 ? [nothing] : texts);
}

/** What is not as it should be, if anything is. */
function oddLines(
  { unlisted, lostRows, foreignRows }: Pick<CacheStats, 'unlisted' | 'lostRows' | 'foreignRows'>,
  canvas: Canvas,
): readonly string[] {
  const odd: string[] = [];
  if (unlisted.images > 0) {
    odd.push(`${countOf(unlisted.images, 'image')}, ${canvas.style.size(unlisted.bytes)}, not listed`);
  }
  if (lostRows > 0) odd.push(`${countOf(lostRows, 'row')} without a file`);
  if (foreignRows > 0) odd.push(`${countOf(foreignRows, 'row')} of no image`);
  return odd.length === 0 ? [] : labelled('Index', listed(odd), canvas);
}

/** What the next prune would do, and why. */
export function pruneLines(stats: CacheStats, canvas: Canvas): readonly string[] {
  const { removed, first, isRefused, shortfallBytes } = stats.nextPrune;
  const { size, time } = canvas.style;
  const { paint } = canvas.look;
  if (isRefused) {
    const text = 'is refused, as the index lists nothing: see glance-cache-pruner --dry-run';
    return labelled('Next prune', [{ text, paint: paint.warning }], canvas);
  }
  const sizes = first.map(({ sizeBytes }) => size(sizeBytes));
  const columns = Math.max(...sizes.map(({ length }) => length));
  const victims = first.flatMap(({ imageId, lastUsedSec }, at) =>
    sublisted(imageId, [sizes[at]?.padStart(columns) ?? '', time(lastUsedSec)], canvas),
  );
  const more = removed.images - first.length;
  return [
    ...labelled('Next prune', [removalText(stats.nextPrune, size)], canvas),
    ...(shortfallBytes > 0 ? labelled('', [{ text: shortfallText(stats, size), paint: paint.warning }], canvas) : []),
    ...victims,
    ...(more > 0 ? sublisted(`and ${more} more:`, ['glance-cache-pruner --dry-run'], canvas) : []),
  ];
}

function removalText({ removed, reasons }: NextPrune, size: SizeText): string {
  if (removed.images === 0) return 'would remove nothing';
  const why = reasons.map(({ reason, images }) => `${reasons.length > 1 ? `${images} ` : ''}${reasonText(reason)}`);
  return `would remove ${countOf(removed.images, 'image')}, ${size(removed.bytes)}: ${why.join(', ')}`;
}

function shortfallText({ nextPrune, pinned }: CacheStats, size: SizeText): string {
  const over = `would leave it ${size(nextPrune.shortfallBytes)} over its limits`;
  if (pinned.images > 0) return `${over}: ${countOf(pinned.images, 'image')}, ${size(pinned.bytes)}, pinned`;
  return nextPrune.after.images === 0
    ? `${over}: other files fill the file system`
    : `${over}: what is left is too young to judge`;
}

/** When the cache will be full, and how that was reckoned. */
export function forecastLines(stats: CacheStats, canvas: Canvas): readonly string[] {
  const { arrivedImages, arrivedBytes, spanSec, bytesPerDay } = stats.forecast;
  const { size } = canvas.style;
  const span = humanDuration(spanSec);
  const basis =
    arrivedBytes === 0
      ? `nothing came within ${span}`
      : `${countOf(arrivedImages, 'image')}, ${size(arrivedBytes)}, came within ${span}: ${size(bytesPerDay)} a day`;
  return [
    ...labelled('Full', [fullPiece(stats, canvas)], canvas),
    ...labelled(
      '',
      [{ text: `${basis}; what was removed since is not counted`, paint: canvas.look.paint.quiet }],
      canvas,
    ),
  ];
}

function fullPiece({ forecast, takenSec }: CacheStats, { look, style }: Canvas): Piece {
  const { state, limit, fullInSec = 0 } = forecast;
  const isMaximum = limit === 'max-size';
  if (state === 'full') {
    const text = isMaximum ? 'now: the maximum is reached' : 'now: the file system is full';
    return { text, paint: look.paint.warning };
  }
  if (state === 'never') return { text: 'never at this rate' };
  if (fullInSec > FARTHEST_SEC) return { text: 'not within ten years at this rate' };
  const when = style.future(takenSec + fullInSec, fullInSec);
  return { text: `${when} at this rate${isMaximum ? '' : ', by the file system'}` };
}
