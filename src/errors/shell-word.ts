/**
 * Commands that people paste from hints: what is in them must mean to the shell what it says.
 */

/** A text as one word of the shell. */
export function shellWord(text: string): string {
  return /^[\w/.,:+@%=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
