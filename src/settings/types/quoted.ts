import { type OptionType, ValueError } from '../option.ts';

/**
 * oslo.config's `quotes` of strings: a pair of quotes around the text is not part of it. In a file one pair is gone
 * before any type sees the text, so this is for items of lists, where it keeps a comma from separating.
 */
export function quoted<T extends string>(type: OptionType<T>): OptionType<T> {
  return {
    ...type,
    parse: (text) => type.parse(unquote(text)),
    referenced(text) {
      const inner = unquote(text);
      return type.referenced?.(inner) ?? inner;
    },
  };
}

function unquote(text: string): string {
  const first = text.charAt(0);
  if (first !== '"' && first !== "'") return text;
  if (text.length === 1 || !text.endsWith(first))
    throw new ValueError('has a quote that is not closed', 'Write the same quote at the end, or leave both out');
  return text.slice(1, -1);
}
