import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isImageId, parseImageId } from '../../../src/cache/image-id.ts';
import { cacheLayout } from '../../../src/cache/layout.ts';

const mixedCase = (text: string, flips: readonly boolean[]): string =>
  [...text].map((char, i) => (flips[i % flips.length] === true ? char.toUpperCase() : char)).join('');

const anySpelling = fc
  .record({
    id: fc.uuid(),
    dashes: fc.boolean(),
    braces: fc.boolean(),
    urn: fc.boolean(),
    flips: fc.array(fc.boolean(), { minLength: 1 }),
  })
  .map(({ id, dashes, braces, urn, flips }) => {
    const digits = dashes ? id : id.replaceAll('-', '');
    const enclosed = braces ? `{${digits}}` : digits;
    return { id, text: mixedCase(urn ? `urn:uuid:${enclosed}` : enclosed, flips) };
  });

describe('parseImageId()', () => {
  test('gives the canonical form of any spelling of a UUID, and that of itself', () => {
    fc.assert(
      fc.property(anySpelling, ({ id, text }) => {
        expect(parseImageId(text)).toBe(id);
        expect(parseImageId(id)).toBe(id);
      }),
    );
  });

  test('refuses a spelling when one more character stands anywhere in it', () => {
    fc.assert(
      fc.property(
        anySpelling,
        fc.nat(50),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
        ({ text }, at, more) => {
          fc.pre(text.slice(0, at) + more + text.slice(at) !== text);
          expect(parseImageId(text.slice(0, at) + more + text.slice(at))).toBeUndefined();
        },
      ),
    );
  });

  test('gives nothing but a name that stays in its folder, whatever the text', () => {
    const pieces = fc.constantFrom(
      '71c675ab',
      'd94f',
      '49cd',
      'a114',
      'e12490b328d9',
      '-',
      '{',
      '}',
      'urn:uuid:',
      '../',
      '\n',
      '\0',
      'A',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(pieces).map((parts) => parts.join('')),
        ),
        (text) => {
          const imageId = parseImageId(text);
          if (imageId === undefined) return;
          expect(isImageId(imageId)).toBe(true);
          const { areas } = cacheLayout('/cache', 'cache.db');
          expect(join(areas.cached, imageId)).toBe(`/cache/${imageId}`);
        },
      ),
    );
  });
});
