import { secretSpellings } from '../text/secret-spellings.ts';
import type { HttpResponse } from './transport.ts';

/**
 * An answer whose text does not repeat what was sent in confidence: what servers say about an error goes into messages.
 * It is masked before it is cut to length, so that no half of a secret is left, and within JSON as what it means.
 *
 * @param secrets none of them empty
 */
export function maskAnswer(response: HttpResponse, secrets: readonly string[]): HttpResponse {
  return {
    status: response.status,
    url: response.url,
    header: (name) => response.header(name),
    text: async () => maskText(await response.text(), secrets),
    bytes: () => response.bytes(),
    discard: () => response.discard(),
  };
}

/**
 * A text of an answer that does not repeat what was sent in confidence.
 *
 * @param secrets none of them empty
 */
export function maskText(text: string, secrets: readonly string[]): string {
  // Twice: what is repeated in JSON may be repeated in a page, and JSON that was cut cannot be read.
  const needles = [...new Set(secrets.flatMap(secretSpellings).flatMap(secretSpellings))];
  needles.sort((a, b) => b.length - a.length);
  const mask = (piece: string): string => needles.reduce((rest, needle) => rest.replaceAll(needle, '***'), piece);
  try {
    const value: unknown = JSON.parse(text, (_key, piece: unknown) =>
      typeof piece === 'string' ? mask(piece) : piece,
    );
    return JSON.stringify(value);
  } catch {
    return mask(text);
  }
}
