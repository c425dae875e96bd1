import fc from 'fast-check';
import { soup } from './oslo-config-documents.ts';
import { floatText } from './oslo-config-floats.ts';
import type { TypeName } from './oslo-config-types.ts';
import { uriText } from './oslo-config-uris.ts';

const digits = fc
  .array(
    fc.constantFrom(
      '0',
      '1',
      '9',
      '65535',
      '65536',
      '_',
      '٣',
      '𝟗',
      '१',
      '²',
      '+',
      '-',
      ' ',
      '\u00a0',
      '\u001c',
      '\u2028',
      'x',
      '.',
      'e',
    ),
    { maxLength: 5 },
  )
  .map((tokens) => tokens.join(''));
const bigNumber = fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }).map(String);
const booleanText = fc
  .tuple(
    fc.constantFrom('true', 'TRUE', 'False', 'yes', 'nO', 'on', 'oFF', '1', '0', 'y', 't', '10', ''),
    fc.constantFrom('', '', '', ' ', '\n'),
  )
  .map((parts) => parts.join(''));
const choiceText = fc.constantFrom(
  'sqlite',
  'SQLite',
  'xattr',
  'XATTR',
  'Centralized_DB',
  'http',
  'HTTP',
  'https',
  'sqlite ',
  'ſqlite',
  '',
);
const items = fc
  .array(
    fc.constantFrom(
      ',',
      ',',
      ':',
      ':',
      'a',
      'b',
      'file',
      ' ',
      '\u00a0',
      "'",
      '"',
      '\\',
      '\n',
      '\u0085',
      'é',
      '😀',
      '[',
      '\u001f',
    ),
    { maxLength: 9 },
  )
  .map((tokens) => tokens.join(''));
const hostText = fc
  .array(
    fc.constantFrom(
      'a',
      'Z',
      '0',
      '1',
      '255',
      '256',
      '01',
      '-',
      '.',
      '.',
      ':',
      '::',
      'ffff',
      '_',
      '[',
      ']',
      '%',
      'x'.repeat(63),
      ' ',
    ),
    { maxLength: 8 },
  )
  .map((tokens) => tokens.join(''));
const host = fc.oneof(
  hostText,
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV4Extended(),
  fc.domain(),
  fc.domain().map((name) => `${name}.`),
);

/** Characters of one, two and more units, and quotes. */
const shortText = fc
  .array(fc.constantFrom('a', 'b', 'é', '😀', 'e\u0301', ' ', '"', "'"), { maxLength: 7 })
  .map((tokens) => tokens.join(''));
const quotedText = fc.oneof(
  shortText,
  fc
    .tuple(
      fc.constantFrom('"', "'", ''),
      fc.oneof(shortText, fc.constantFrom('http', 'https')),
      fc.constantFrom('"', "'"),
    )
    .map(([start, inner, end]) => start + inner + (start === '' ? '' : end)),
  fc.constantFrom('http', 'https', '"http"', "'https'", '"HTTP"', '"http', '"', "''"),
);

/** Items with commas between them, behind them and in them, some in brackets. */
function listText(item: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const separator = fc.constantFrom(',', ',', ', ', ' ,', ',,', ',\n', ';');
  return fc
    .tuple(
      fc.constantFrom('', '', '[', '[', ' [', '[['),
      fc.array(fc.tuple(item, separator), { maxLength: 5 }),
      fc.boolean(),
      fc.constantFrom('', ']', ']', ']', '],', '] ,,', ' ] '),
    )
    .map(([start, pairs, keepsLast, end]) => {
      const body = pairs.map(([text, between], index) =>
        index < pairs.length - 1 || keepsLast ? text + between : text,
      );
      return [start, ...body, start === '' ? '' : end].join('');
    });
}

/** Texts near the edge of each type. */
export const TEXTS: Readonly<Record<TypeName, fc.Arbitrary<string>>> = {
  string: soup,
  shortString: fc.oneof(shortText, soup),
  quotedString: fc.oneof(quotedText, soup),
  shortQuotedString: quotedText,
  quotedChoice: quotedText,
  choice: fc.oneof(choiceText, soup),
  exactChoice: fc.oneof(choiceText, soup),
  integer: fc.oneof(digits, bigNumber, soup),
  bounded: fc.oneof(digits, bigNumber),
  port: fc.oneof(digits, fc.integer({ min: -10, max: 65_545 }).map(String)),
  float: fc.oneof(floatText, soup),
  boundedFloat: floatText,
  boolean: fc.oneof(booleanText, soup),
  list: fc.oneof(items, soup),
  boundedList: listText(fc.oneof(items, soup)),
  quotedList: listText(fc.oneof(quotedText, items)),
  integerList: listText(fc.oneof(fc.constantFrom('7', ' 8 ', '', '65536', '65537', '-1', 'x'), digits)),
  floatList: listText(fc.oneof(fc.constantFrom('0.5', '1e3', ''), floatText)),
  booleanList: listText(booleanText),
  choiceList: listText(fc.constantFrom('a', 'a,b', 'a, b', 'b', "it's", '')),
  uriList: listText(fc.oneof(fc.webUrl(), fc.constantFrom('http://a/x', 'http://b/y,z', 'ftp://c'), uriText)),
  dictList: listText(fc.oneof(fc.constantFrom('a:1', 'b:2', "c:it's", 'd', '', ':', 'a:'), items)),
  dict: fc.oneof(items, soup),
  hostAddress: host,
  uri: uriText,
  webUri: uriText,
  shortUri: uriText,
};
