import { type OptionType, ValueError } from '../option.ts';

const TRUE = ['true', '1', 'on', 'yes'];
const FALSE = ['false', '0', 'off', 'no'];

/** oslo.config's boolean: eight words in any case, and nothing else, not even an empty text or blanks around. */
export const boolean: OptionType<boolean> = {
  expects: 'true or false (also yes or no, on or off, 1 or 0)',
  parse: parseBoolean,
  referenced: (text) => (parseBoolean(text) ? 'True' : 'False'),
};

function parseBoolean(text: string): boolean {
  const word = text.toLowerCase();
  if (TRUE.includes(word)) return true;
  if (FALSE.includes(word)) return false;
  throw new ValueError('is an unexpected boolean value', booleanHint(word));
}

function booleanHint(word: string): string {
  const first = word.trim().split(/\W/, 1)[0] ?? '';
  if (TRUE.includes(first) || first === 'enabled') return 'Write true, and nothing else';
  if (FALSE.includes(first) || first === 'disabled') return 'Write false, and nothing else';
  return 'Write true or false';
}
