/**
 * The bars of the figures of a cache: how full it is, and how full its file system.
 */
import type { CacheStats } from '../../use-cases/stats/cache-stats.ts';
import { type BarLook, type BarPart, drawBar } from '../bar.ts';
import { textWidth } from '../text-width.ts';
import { barLines, type Canvas, labelled } from './stats-canvas.ts';

/** From here on a bar warns. */
const HIGH_SHARE = 0.8;

/** How much of the maximum and of the file system is taken. */
export function useLines(stats: CacheStats, canvas: Canvas): readonly string[] {
  const { total, space, nextPrune } = stats;
  const { size } = canvas.style;
  const { full, others, empty } = canvas.look.glyphs;
  const { maxSizeBytes, minFreeBytes } = nextPrune.limits;
  const usedBytes = total.sizeBytes;
  const takenBytes = Math.max(0, space.totalBytes - space.availableBytes);
  const othersBytes = Math.max(0, takenBytes - usedBytes);
  const captions = [
    maxSizeBytes === 0 ? 'is 0' : `${percentText(usedBytes, maxSizeBytes)} of ${size(maxSizeBytes)}`,
    `${percentText(takenBytes, space.totalBytes)} of ${size(space.totalBytes)}`,
  ] as const;
  const columns = Math.max(...captions.map(textWidth));
  const overBytes = usedBytes - maxSizeBytes;
  const ofMaximum = shareOf(usedBytes, maxSizeBytes);
  const maximumPaint = levelPaint(ofMaximum, overBytes > 0, canvas.look);
  const isDiskFull = space.availableBytes <= minFreeBytes;
  return [
    ...barLines(
      'Maximum',
      (width) => drawBar(maximumParts(usedBytes, maxSizeBytes, maximumPaint), width, canvas.look),
      { text: captions[0], columns, paint: maximumPaint },
      canvas,
    ),
    ...labelled(
      '',
      overBytes > 0
        ? [`${full} used ${size(usedBytes)}`, `${others} of it over the maximum ${size(overBytes)}`]
        : [`${full} used ${size(usedBytes)}`, `${empty} left ${size(-overBytes)}`],
      canvas,
    ),
    ...barLines(
      'File system',
      (width) => drawBar(diskParts(stats, { usedBytes, takenBytes, isDiskFull }, canvas.look), width, canvas.look),
      {
        text: captions[1],
        columns,
        paint: levelPaint(shareOf(takenBytes, space.totalBytes), isDiskFull, canvas.look),
      },
      canvas,
    ),
    ...labelled(
      '',
      [
        `${full} images ${size(usedBytes)}`,
        `${others} other use ${size(othersBytes)}`,
        `${empty} free ${size(space.availableBytes)}`,
      ],
      canvas,
    ),
  ];
}

/** Over the maximum the bar is as long as what is used, and what is too much stands out. */
function maximumParts(usedBytes: number, maxSizeBytes: number, paint: BarPart['paint']): readonly BarPart[] {
  const part = { of: 'own', paint, isAlwaysSeen: true } as const;
  if (usedBytes <= maxSizeBytes) return [{ ...part, share: shareOf(usedBytes, maxSizeBytes) }];
  const share = maxSizeBytes / usedBytes;
  return [
    { ...part, share },
    { ...part, share: 1 - share, of: 'others' },
  ];
}

function diskParts(
  { space }: CacheStats,
  {
    usedBytes,
    takenBytes,
    isDiskFull,
  }: { readonly usedBytes: number; readonly takenBytes: number; readonly isDiskFull: boolean },
  look: BarLook,
): readonly BarPart[] {
  const taken = shareOf(takenBytes, space.totalBytes);
  // Sparse images may be larger than all that is taken.
  const own = Math.min(shareOf(usedBytes, space.totalBytes), taken);
  return [
    { share: own, of: 'own', paint: levelPaint(taken, isDiskFull, look), isAlwaysSeen: true },
    { share: taken - own, of: 'others', paint: look.paint.quiet, isAlwaysSeen: false },
  ];
}

function levelPaint(share: number, isOver: boolean, { paint }: BarLook): (text: string) => string {
  if (isOver) return paint.error;
  return share > HIGH_SHARE ? paint.warning : paint.good;
}

/** A part of a whole; of nothing anything is all. */
export function shareOf(partBytes: number, wholeBytes: number): number {
  return wholeBytes === 0 ? Math.sign(partBytes) : partBytes / wholeBytes;
}

/** `82 %`; never 0 % of something, nor 100 % of what is not all of it. */
function percentText(partBytes: number, wholeBytes: number): string {
  const percent = Math.floor(shareOf(partBytes, wholeBytes) * 100);
  return percent === 0 && partBytes > 0 ? '<1 %' : `${percent} %`;
}
