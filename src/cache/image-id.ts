/**
 * The only way a string becomes a path segment of the cache: a canonical lower-case UUID. Everything else in the
 * directory is foreign.
 */

declare const imageIdBrand: unique symbol;

/** An image's ID in canonical form: 32 lower-case hexadecimal digits with four dashes. */
export type ImageId = string & { readonly [imageIdBrand]: true };

const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ANY_SPELLING =
  /^(?:urn:uuid:)?(\{?)([0-9a-f]{8})(-?)([0-9a-f]{4})\3([0-9a-f]{4})\3([0-9a-f]{4})\3([0-9a-f]{12})(\}?)$/i;

/** Whether a name is an image ID in canonical form. */
export function isImageId(name: string): name is ImageId {
  return CANONICAL.test(name);
}

/**
 * The image ID a text stands for. Every spelling of a UUID is understood that Python's `uuid.UUID` takes and people
 * use (capitals, no dashes, braces, `urn:uuid:`), because the stock tool accepted them all.
 *
 * @returns the canonical form, or undefined when the text is no UUID
 */
export function parseImageId(text: string): ImageId | undefined {
  if (isImageId(text)) return text;
  const match = ANY_SPELLING.exec(text);
  if (match === null || (match[1] === '{') !== (match[8] === '}')) return undefined;
  const canonical = [match[2], match[4], match[5], match[6], match[7]].join('-').toLowerCase();
  return isImageId(canonical) ? canonical : undefined;
}
