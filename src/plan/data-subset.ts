/**
 * Which images are read when not all are to be. Pure.
 */
import type { ImageId } from '../cache/image-id.ts';

/** Some of the images: a share of them by chance, or one of several equal groups, the same in every run. */
export type DataSubset =
  | { readonly kind: 'percent'; readonly percent: number }
  /** Group `number`, counted from 1, of `of` groups. */
  | { readonly kind: 'group'; readonly number: number; readonly of: number };

/**
 * Chooses images. A share of more than nothing is at least one image.
 *
 * @param subset undefined for all
 * @param random a number in [0, 1)
 */
export function chooseImages<I extends { readonly imageId: ImageId }>(
  images: readonly I[],
  subset: DataSubset | undefined,
  random: () => number,
): readonly I[] {
  if (subset === undefined) return images;
  if (subset.kind === 'group') return images.filter(({ imageId }) => groupOf(imageId, subset.of) === subset.number);
  const count = Math.ceil((images.length * subset.percent) / 100);
  const drawn = images.map((image) => ({ image, lot: random() })).sort((a, b) => a.lot - b.lot);
  const chosen = new Set(drawn.slice(0, count).map(({ image }) => image));
  return images.filter((image) => chosen.has(image));
}

/** The first digits of a random UUID are as good as a hash of it. */
function groupOf(imageId: ImageId, groups: number): number {
  return (Number.parseInt(imageId.slice(0, 8), 16) % groups) + 1;
}
