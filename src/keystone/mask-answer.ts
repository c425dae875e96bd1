import type { HttpResponse } from '../http/transport.ts';

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
    text: async () => masked(await response.text(), secrets),
    bytes: () => response.bytes(),
    discard: () => response.discard(),
  };
}

function masked(text: string, secrets: readonly string[]): string {
  const written = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  const needles = written.flatMap((secret) => [secret, inHtml(secret)]).sort((a, b) => b.length - a.length);
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

/** As Glance writes it into its pages. */
function inHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
