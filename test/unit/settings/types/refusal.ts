import { type OptionType, ValueError } from '../../../../src/settings/option.ts';

/** The error with which a type refuses a text. @throws Error when it accepts it */
export function refusal(type: OptionType<unknown>, text: string): ValueError {
  try {
    type.parse(text);
  } catch (error) {
    if (error instanceof ValueError) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}
