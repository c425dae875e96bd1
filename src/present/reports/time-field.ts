import { isoTime } from '../iso-time.ts';

/**
 * A time for the machine formats: UTC in ISO 8601.
 *
 * @param epochSec seconds; 0, as Glance's index has it for "never", and undefined give null
 */
export function timeField(epochSec: number | undefined): string | null {
  return epochSec === undefined || epochSec === 0 ? null : `${isoTime(epochSec)}Z`;
}
