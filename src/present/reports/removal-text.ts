/**
 * What the reports of pruner and cleaner have in common: how much went, and what was left alone.
 */

import { countOf, type SizeText } from '../../text/amounts.ts';
import { printable } from '../../text/printable.ts';
import type { RunResult } from '../../use-cases/report.ts';

/** What a removing run was about. */
export interface Removal extends RunResult {
  readonly dryRun: boolean;
  readonly cacheDir: string;
  readonly freedBytes: number;
}

/** How much went, in a sentence; `noun` is what went, such as `image`. */
export function removalSentence(removal: Removal, noun: string, sizeText: SizeText): string {
  const { dryRun, items, freedBytes, failure } = removal;
  const cacheDir = printable(removal.cacheDir);
  const removals = items.filter(({ action }) => action === 'remove');
  const gone = removals.filter(({ result }) => result === 'done' || result === 'planned').length;
  if (gone > 0) {
    const size = sizeText(freedBytes);
    if (dryRun) return `Would remove ${countOf(gone, noun)} from ${cacheDir}, ${size} (dry run: nothing was changed).`;
    return `Removed ${countOf(gone, noun)} from ${cacheDir}, ${size}.`;
  }
  // What should have gone and did not is no "nothing to remove".
  if (removals.length > 0 || failure !== undefined) return `Removed nothing from ${cacheDir}.`;
  return `Nothing to remove from ${cacheDir}${dryRun ? ' (dry run)' : ''}.`;
}

const NAMES_SHOWN = 10;

/** What was left alone, in a sentence; none where that is nothing. */
export function strangersSentence(names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, NAMES_SHOWN).map((name) => (name === '' ? '""' : printable(name)));
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  return [`Left alone, as none of the cache's: ${shown.join(', ')}${more}.`];
}
