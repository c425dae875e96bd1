import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serverText } from '../../../src/http/server-text.ts';
import { hasUnprintable } from '../../../src/text/printable.ts';

describe('serverText', () => {
  it.each([
    [
      'Keystone',
      '{"error": {"code": 401, "message": "The request you have made requires authentication.", "title": "Unauthorized"}}',
      'The request you have made requires authentication.',
    ],
    [
      "Glance's JSON",
      '{"message": "No image found with ID 71c6<br /><br />\\n\\n\\n", "code": "404 Not Found", "title": "Not Found"}',
      'No image found with ID 71c6',
    ],
    [
      "Glance's HTML",
      '<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  No image &#x27;71c6&#39; &lt;b&gt;<br /><br />\n </body>\n</html>',
      "404 Not Found No image '71c6' <b>",
    ],
    [
      "Glance's plain text",
      '404 Not Found\n\nNo image found with ID 71c6\n\n   ',
      '404 Not Found No image found with ID 71c6',
    ],
    ['JSON with a title only', '{"error": {"title": "Gone"}}', 'Gone'],
    ['JSON without a sentence', '{"versions": []}', ''],
    ['JSON of another kind', '["a"]', '["a"]'],
    ['nothing', '', ''],
    ['blanks', ' \r\n\t', ''],
    ['a sentence that would paint a terminal', '{"message": "\\u001b[31mred\\nnext"}', '\\x1b[31mred next'],
  ])('takes the sentence out of %s', (_from, body, text) => {
    expect(serverText(body)).toBe(text);
  });

  it('shortens by whole characters', () => {
    expect(serverText('x'.repeat(200))).toBe('x'.repeat(200));
    expect(serverText('💿'.repeat(201))).toBe(`${'💿'.repeat(200)}…`);
  });

  it('is short when what is no text becomes longer by being made printable', () => {
    expect(serverText('\0'.repeat(8000))).toBe(`${'\\x00'.repeat(50)}…`);
    expect(serverText(`${'x'.repeat(198)}\u202e`)).toBe(`${'x'.repeat(198)}…`);
  });

  it('is quick with what is made to be slow', () => {
    const startMs = performance.now();
    for (const piece of ['<', '</head', '&', '\n ', '<a', '{"message":'])
      serverText(piece.repeat(65_536 / piece.length));
    expect(performance.now() - startMs).toBeLessThan(1000);
  });

  it('is always one harmless line', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (body) => {
        const text = serverText(body);
        expect(hasUnprintable(text)).toBe(false);
        expect(text.trim()).toBe(text);
      }),
    );
  });
});
