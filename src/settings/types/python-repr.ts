/**
 * Texts as Python's `repr()` writes them. A list or dictionary that another option refers to by `$name` arrives there in
 * this form.
 */

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** What Python does not print as it is: separators other than the space, and everything without a shape. */
const ESCAPED = /\\|(?! )[\p{Z}\p{C}]/gu;

/** A text as Python's `repr()` writes it: in single quotes, unless it has one and no double quote. */
export function pythonRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(ESCAPED, (character) => SHORT_ESCAPES[character] ?? escapeCodePoint(character));
  return quote + (quote === "'" ? body.replaceAll("'", "\\'") : body) + quote;
}

/** Several texts as Python writes a list of them. */
export function pythonListRepr(texts: readonly string[]): string {
  return `[${texts.map(pythonRepr).join(', ')}]`;
}

function escapeCodePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
