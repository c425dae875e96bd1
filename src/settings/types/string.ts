import { type OptionType, ValueError } from '../option.ts';

/** oslo.config's string: any text as it is, the empty one included. */
export const string: OptionType<string> = { expects: 'a text', parse: (text) => text };

/**
 * A text that must not be empty, because empty would quietly mean something else: an empty path names the current
 * directory.
 *
 * @param expects what the text names, such as "the path of a directory"
 * @param hint what to do about an empty one, where leaving the option unset is no way out
 */
export function nonEmpty(
  expects: string,
  hint = 'Write a value, or remove the line to leave the option unset',
): OptionType<string> {
  return {
    expects,
    parse(text) {
      if (text === '') throw new ValueError('is empty', hint);
      return text;
    },
  };
}

/**
 * Any text, of which some are usual.
 *
 * @param words what shells complete; nothing is refused for not being among them
 */
export function usually(words: readonly string[]): OptionType<string> {
  return { ...string, words };
}
