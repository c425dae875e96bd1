import { nearestWord } from '../../text/nearest-word.ts';
import { type OptionType, ValueError } from '../option.ts';

/** How the words of a choice are compared. */
export interface ChoiceTraits {
  /**
   * Any case is accepted, and the value is the word as listed here. (oslo.config accepts any case too, but hands on the
   * text as written; glance-api then fails to find the driver `SQLite` and quietly takes another.)
   */
  readonly ignoreCase?: boolean;
}

/** oslo.config's string with choices: one of some words. */
export function choice<const Word extends string>(
  words: readonly Word[],
  { ignoreCase = false }: ChoiceTraits = {},
): OptionType<Word> {
  return {
    expects: `one of ${words.join(', ')}`,
    words,
    parse(text) {
      const folded = text.toLowerCase();
      const found = words.find((word) => word === text || (ignoreCase && word.toLowerCase() === folded));
      if (found !== undefined) return found;
      throw new ValueError('is not among the valid values', choiceHint(words, folded));
    },
  };
}

function choiceHint(words: readonly string[], folded: string): string | undefined {
  const meant = nearestWord(folded, words);
  return meant === undefined ? undefined : `Write ${meant}`;
}
