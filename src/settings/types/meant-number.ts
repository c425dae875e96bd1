import { ValueError } from '../option.ts';
import { parseByteSize } from './byte-size.ts';
import { parseDuration } from './duration.ts';

/** What a plain number may count. */
export type Unit = 'bytes' | 'seconds';

/** The hint for somebody who wrote `10G` or `24h`, which oslo.config does not read; undefined when it does not apply. */
export function meantNumberHint(text: string, unit: Unit | undefined): string | undefined {
  const meant = unit === undefined ? undefined : meantNumber(text, unit);
  return meant === undefined ? undefined : `Write the number of ${unit}, without a suffix: ${meant}`;
}

function meantNumber(text: string, unit: Unit): number | undefined {
  try {
    return unit === 'bytes' ? parseByteSize(text) : parseDuration(text);
  } catch (error) {
    if (error instanceof ValueError) return undefined;
    throw error;
  }
}
