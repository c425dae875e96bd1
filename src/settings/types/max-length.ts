import { type OptionType, ValueError } from '../option.ts';

/** oslo.config's `max_length` of strings and URIs: a type whose texts have so many characters at most. */
export function maxLength<T>(type: OptionType<T>, limit: number): OptionType<T> {
  return {
    ...type,
    expects: `${type.expects}, at most ${limit} characters long`,
    parse(text) {
      // Python counts code points: an emoji is one character there, and two units in JavaScript.
      if (Array.from(text).length > limit) throw new ValueError(`exceeds maximum length ${limit}`);
      return type.parse(text);
    },
  };
}
