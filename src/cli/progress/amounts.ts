import { humanDuration, humanSize } from '../../text/amounts.ts';
import type { BarFields } from './bar-line.ts';

/** A time left beyond this tells nothing, seconds. */
const MOST_LEFT_SEC = 99 * 86400;

/**
 * How much of a line's bytes is there, how fast they come, and how long the rest takes.
 *
 * @param sizeBytes undefined where nobody knows of how much
 * @param bytesPerSec undefined as long as there is nothing to measure by
 */
export function amounts(
  atBytes: number,
  sizeBytes: number | undefined,
  bytesPerSec: number | undefined,
): Pick<BarFields, 'ratio' | 'bytes' | 'rate' | 'left'> {
  const rate = bytesPerSec === undefined ? '' : `${humanSize(bytesPerSec)}/s`;
  if (sizeBytes === undefined) return { ratio: undefined, bytes: humanSize(atBytes), rate, left: '' };
  const ratio = sizeBytes === 0 ? 1 : Math.min(1, atBytes / sizeBytes);
  const leftSec = Math.max(0, sizeBytes - atBytes) / (bytesPerSec ?? 0);
  return {
    ratio,
    bytes: bytesOf(atBytes, sizeBytes),
    rate,
    left: leftSec <= MOST_LEFT_SEC ? humanDuration(Math.ceil(leftSec)) : '',
  };
}

/** `1.2/1.9 GiB`, and `980.1 MiB/1.9 GiB` where the units differ. */
function bytesOf(atBytes: number, sizeBytes: number): string {
  const [at, size] = [humanSize(atBytes), humanSize(sizeBytes)];
  const unit = size.slice(size.indexOf(' '));
  return `${at.endsWith(unit) ? at.slice(0, -unit.length) : at}/${size}`;
}
