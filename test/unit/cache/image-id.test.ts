import { describe, expect, test } from 'vitest';
import { isImageId, parseImageId } from '../../../src/cache/image-id.ts';

const ID = '71c675ab-d94f-49cd-a114-e12490b328d9';

describe('parseImageId()', () => {
  test.each([
    ['canonical', ID],
    ['capitals', ID.toUpperCase()],
    ['no dashes', ID.replaceAll('-', '')],
    ['braces', `{${ID}}`],
    ['a URN', `urn:uuid:${ID}`],
    ['a URN in capitals with braces', `URN:UUID:{${ID.toUpperCase()}}`],
  ])('gives the canonical form when the text is in %s', (_spelling, text) => {
    expect(parseImageId(text)).toBe(ID);
  });

  test.each([
    ['is empty', ''],
    ['leads elsewhere', `../${ID}`],
    ['ends in a slash', `${ID}/`],
    ['ends in a newline', `${ID}\n`],
    ['has a NUL in it', `${ID}\0`],
    ['starts with a blank', ` ${ID}`],
    ['has only some of the dashes', '71c675abd94f-49cd-a114-e12490b328d9'],
    ['has an open brace', `{${ID}`],
    ['has braces the wrong way round', `}${ID}{`],
    ['has a letter beyond f', ID.replace('7', 'g')],
    ['has a digit too few', ID.slice(1)],
    ['has a digit too many', `0${ID}`],
    ['has digits of another script', ID.replace('7', '７')],
    ['has a letter that only lower-cases into range', ID.replace('a', 'Ａ')],
    ['is one of Glance’s lock files', 'image_cache_db_init'],
  ])('refuses a text when it %s', (_when, text) => {
    expect(parseImageId(text)).toBeUndefined();
  });
});

describe('isImageId()', () => {
  test.each([ID.toUpperCase(), ID.replaceAll('-', ''), `${ID}\n`, `{${ID}}`, ''])('is false for %j', (name) => {
    expect(isImageId(name)).toBe(false);
  });

  test('is true for the canonical form', () => {
    expect(isImageId(ID)).toBe(true);
  });
});
