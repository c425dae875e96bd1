/**
 * The word that is meant by one that was mistyped.
 */

/**
 * The word nearest to a text, by the letters that were added, lost, swapped or mistyped.
 *
 * @param words in the order that decides between equals
 * @returns undefined where none is near: a wrong guess is worse than none
 */
export function nearestWord(text: string, words: readonly string[]): string | undefined {
  const typed = text.trim().toLowerCase().replaceAll('-', '_');
  const near = words
    .map((word) => ({ word, distance: distance(typed, word.toLowerCase().replaceAll('-', '_')) }))
    .filter((candidate) => candidate.distance <= Math.max(typed.length > 2 ? 1 : 0, Math.floor(typed.length / 4)))
    .toSorted((a, b) => a.distance - b.distance)[0];
  return near?.word;
}

/** Damerau's distance, in which two neighbours that are swapped count as one mistake. */
function distance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? (beforeLast[j - 2] ?? 0) + 1 : Infinity;
      const replaced = (last[j - 1] ?? 0) + (isSame ? 0 : 1);
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced, swapped));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
