import { printable } from '../text/printable.ts';

/** Harmless to a terminal, yet worth seeing: whoever pastes `10` with a zero-width space behind it sees a good number. */
const INVISIBLE = /[\u00ad\u200b-\u200d\u2060-\u2064\ufeff]|\p{Surrogate}/gu;

/** More than this tells a reader nothing: file and line are named beside it. */
const LONGEST = 120;

/** A value in double quotes, for a message: printable, with what cannot be seen as escapes, and cut when very long. */
export function quoteValue(text: string): string {
  const characters = Array.from(text);
  const shown = characters.length <= LONGEST ? text : `${characters.slice(0, LONGEST).join('')}…`;
  return `"${printable(shown).replace(INVISIBLE, escapeInvisible)}"`;
}

function escapeInvisible(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
