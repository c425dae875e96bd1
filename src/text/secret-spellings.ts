/**
 * The ways a secret may be written by whoever repeats it.
 *
 * @param secret not empty
 * @returns as it is, in a URL, in a form, in JSON with and without characters beyond ASCII, in HTML, in Base64
 */
export function secretSpellings(secret: string): readonly string[] {
  // A lone half of a surrogate pair cannot be written in a URL: encodeURIComponent throws.
  const whole = secret.replace(/\p{Surrogate}/gu, '\ufffd');
  const inUrl = encodeURIComponent(whole);
  const inJson = JSON.stringify(secret).slice(1, -1);
  const inBase64 = [Buffer.from(whole).toString('base64'), Buffer.from(whole, 'latin1').toString('base64')];
  return [
    secret,
    inUrl,
    inUrl.replaceAll('%20', '+'),
    inJson,
    // As Python's json writes it.
    inJson.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    inHtml(secret),
    ...inBase64.flatMap((text) => [
      text.replace(/=+$/, ''),
      text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'),
    ]),
  ];
}

/** As Glance writes it into its pages. */
function inHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
