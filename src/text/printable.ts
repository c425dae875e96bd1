/**
 * Text from outside (file names, server answers, configuration) may carry control characters: a terminal would obey
 * them and a log would show lines nobody wrote. Everything this toolkit prints passes through here.
 */

// C0, DEL, C1; the line and paragraph separators; what turns the direction of writing, so that a name reads as another;
// and halves of characters, which UTF-8 cannot hold: in names they stand for bytes.
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\p{Surrogate}]/u;
const EACH_UNPRINTABLE = new RegExp(UNPRINTABLE, 'gu');

function hexCode(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0');
}

/** Whether a text holds a character that must not reach a terminal or a log as it is. */
export function hasUnprintable(text: string): boolean {
  return UNPRINTABLE.test(text);
}

/**
 * A text on one line that no terminal obeys.
 *
 * @returns the text with control characters as `\x1b`; direction marks, separators and lone surrogates as `\u202e`
 */
export function printable(text: string): string {
  if (!hasUnprintable(text)) return text;
  return text.replace(EACH_UNPRINTABLE, (character) =>
    character <= '\u00ff' ? `\\x${hexCode(character, 2)}` : `\\u${hexCode(character, 4)}`,
  );
}

/**
 * Makes JSON, or double-quoted YAML, harmless without changing what it means: `JSON.stringify` leaves DEL, C1 and
 * direction marks as they are. Line feeds stay, they are the layout.
 *
 * @param json a text in which such characters stand inside double quotes only
 */
export function printableJson(json: string): string {
  if (!hasUnprintable(json)) return json;
  return json.replace(EACH_UNPRINTABLE, (character) =>
    character === '\n' ? character : `\\u${hexCode(character, 4)}`,
  );
}
