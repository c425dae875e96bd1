/**
 * How many columns a text takes on a terminal. Terminals differ: where they do, a text is taken for the wider, so that
 * a line never runs over the edge.
 */

// Characters of East Asia and emoji, in whole blocks.
const WIDE =
  /[\u1100-\u115f\u231a\u231b\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

// Marks on the character before them, and what joins characters.
const NO_COLUMN = /[\p{Mn}\p{Me}\u200d]/u;

/** Asks for the picture of a character that is a narrow sign otherwise. */
const EMOJI_SELECTOR = '\ufe0f';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The columns that a text takes, at most. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (character <= '\u02ff' || character === EMOJI_SELECTOR) return 1;
  if (NO_COLUMN.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/**
 * A text in no more columns than there are. What is read as one character is never cut in two.
 *
 * @param columns how many there are
 * @param ellipsis stands, one column wide, where something was cut off
 */
export function cutToWidth(text: string, columns: number, ellipsis: string): string {
  if (textWidth(text) <= columns) return text;
  if (columns < 1) return '';
  let kept = '';
  let width = 0;
  for (const { segment } of segmenter.segment(text)) {
    width += textWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}${ellipsis}`;
}

/** A text filled up with blanks to a width. */
export function padToWidth(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)));
}
