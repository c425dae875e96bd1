import { isoTime, NO_TIME } from '../iso-time.ts';

/**
 * A time for the machine formats: UTC in ISO 8601.
 *
 * @param epochSec seconds; 0, as Glance's index has it for "never", undefined and what is no date at all give null
 */
export function timeField(epochSec: number | undefined): string | null {
  if (epochSec === undefined || epochSec === 0) return null;
  const text = isoTime(epochSec);
  return text === NO_TIME ? null : `${text}Z`;
}
