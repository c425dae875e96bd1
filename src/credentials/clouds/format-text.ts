/**
 * References in the values of a cloud, as in `https://{region_name}.example.org/v3`. Python's format strings can do more;
 * what openstacksdk's documents show is this.
 */

/** Why a text cannot be formatted, as the continuation of a sentence. It never quotes the text. */
export class FormatFault extends Error {
  override readonly name = 'FormatFault';
}

/**
 * A text with its references replaced. What is inserted is not looked at again.
 *
 * @param lookUp the value of a key, undefined where there is none
 * @throws FormatFault
 */
export function formatText(text: string, lookUp: (key: string) => string | undefined): string {
  return text.replace(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g, (match, key: string | undefined) => {
    if (match === '{{') return '{';
    if (match === '}}') return '}';
    if (key === undefined) throw new FormatFault('has a brace without its counterpart');
    const value = /^\w+$/.test(key) ? lookUp(key) : undefined;
    if (value === undefined) throw new FormatFault('refers in braces to a key that the cloud does not have');
    return value;
  });
}
