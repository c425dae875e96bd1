/**
 * The word that a misspelt one stands for.
 */

/** More changes than this make another word. */
const MOST_CHANGES = 3;

/** The word with the fewest letters to change, add or leave out; undefined where none is near. */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = Math.min(MOST_CHANGES, Math.floor(word.length / 3)) + 1;
  for (const candidate of words) {
    if (Math.abs(candidate.length - word.length) >= fewest) continue;
    const changes = changesBetween(word, candidate);
    if (changes >= fewest) continue;
    nearest = candidate;
    fewest = changes;
  }
  return nearest;
}

function changesBetween(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, place) => place);
  for (const [row, letter] of Array.from(from).entries()) {
    const current = [row + 1];
    for (let place = 1; place <= to.length; place += 1) {
      const replaced = (previous[place - 1] ?? 0) + (to[place - 1] === letter ? 0 : 1);
      current.push(Math.min(replaced, (previous[place] ?? 0) + 1, (current[place - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
