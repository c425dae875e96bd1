/**
 * Bars: shares of a whole, drawn in the columns that there are.
 */
import type { BarGlyphs } from './bar-glyphs.ts';
import type { Paint } from './paint.ts';

/** How bars look. */
export interface BarLook {
  readonly glyphs: BarGlyphs;
  readonly paint: Paint;
}

/** One share of a bar. */
export interface BarPart {
  /** Of the whole, from 0 to 1; together no more than 1. What is beyond is not drawn. */
  readonly share: number;
  /** Whose it is: what the bar is about, or what others have taken beside it. */
  readonly of: 'own' | 'others';
  readonly paint: (text: string) => string;
  /** Whether however small a share is to be seen; otherwise it is as with progress, which begins at nothing. */
  readonly isAlwaysSeen: boolean;
}

/**
 * A bar. It is never full before the whole is.
 *
 * @param parts from the left
 * @param columns that the bar takes, with what is around it
 * @returns text of exactly so many columns; blanks where not even one place is left
 */
export function drawBar(parts: readonly BarPart[], columns: number, { glyphs, paint }: BarLook): string {
  const { open, close, full, half, others, empty } = glyphs;
  const places = columns - open.length - close.length;
  if (places < 1) return ' '.repeat(Math.max(0, columns));
  // A place that is half full cannot be half somebody else's.
  const stepsPerPlace = parts.length === 1 && half !== undefined ? 2 : 1;
  const steps = places * stepsPerPlace;
  let bar = '';
  let sum = 0;
  let drawn = 0;
  for (const part of parts) {
    sum += part.share;
    const least = part.isAlwaysSeen && part.share > 0 ? drawn + 1 : drawn;
    const end = Math.min(steps, Math.max(least, Math.floor(sum * steps)));
    const wide = Math.floor((end - drawn) / stepsPerPlace);
    const rest = (end - drawn) % stepsPerPlace === 1 ? (half ?? '') : '';
    bar += part.paint((part.of === 'own' ? full : others).repeat(wide) + rest);
    drawn = end;
  }
  return open + bar + paint.quiet(empty.repeat(places - Math.ceil(drawn / stepsPerPlace))) + close;
}
