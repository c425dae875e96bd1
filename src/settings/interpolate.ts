/**
 * References in values: `$name`, `${name}`, `$group.name`. Exactly what oslo.config expands, and nothing else: a dollar
 * sign in front of anything else stays as it is.
 */

/**
 * The four letters beside ASCII are a quirk of Python's patterns without regard to case: dotted I, dotless i, the Kelvin
 * sign and the long s. No option has such a name, but where oslo.config fails on `$ſ` we may not read on.
 */
const NAME = '[A-Za-z_\u0130\u0131\u017f\u212a][A-Za-z0-9_.\u0130\u0131\u017f\u212a]*';
const REFERENCE = new RegExp(`\\$(?:(?<escaped>\\$)|(?<plain>${NAME})|\\{(?<braced>${NAME})\\})`, 'gu');

/**
 * A text with its references expanded. What is inserted is not expanded again.
 *
 * @param text the text; `$$` and `\$` stand for a dollar sign
 * @param lookup the text of the option with this name, which may have a group in front (`database.connection`)
 * @throws what `lookup` throws
 */
export function interpolate(text: string, lookup: (name: string) => string): string {
  // A backslash in front of another one does not protect it: `\\$name` is a backslash and an escaped dollar sign.
  return text
    .replaceAll('\\$', () => '$$')
    .replace(REFERENCE, (...match: readonly unknown[]) => {
      const { plain, braced } = match.at(-1) as Readonly<Record<'plain' | 'braced', string | undefined>>;
      const name = plain ?? braced;
      return name === undefined ? '$' : lookup(name);
    });
}
