import fc from 'fast-check';
import type { OptionType } from '../../../src/settings/option.ts';
import { boolean } from '../../../src/settings/types/boolean.ts';
import { choice } from '../../../src/settings/types/choice.ts';
import { dict } from '../../../src/settings/types/dict.ts';
import { hostAddress } from '../../../src/settings/types/host-address.ts';
import { integer } from '../../../src/settings/types/integer.ts';
import { list } from '../../../src/settings/types/list.ts';
import { port } from '../../../src/settings/types/port.ts';
import { string } from '../../../src/settings/types/string.ts';
import { soup } from './oslo-config-documents.ts';

/** The types to compare, by the names the oracle knows. */
export const TYPES = {
  string,
  choice: choice(['sqlite', 'xattr', 'centralized_db'], { ignoreCase: true }),
  exactChoice: choice(['http', 'https']),
  integer: integer(),
  bounded: integer({ min: 0, max: 1e18 }),
  port,
  boolean,
  list,
  dict,
  hostAddress,
} as const satisfies Readonly<Record<string, OptionType<unknown>>>;

/** A name of one of them. */
export type TypeName = keyof typeof TYPES;

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

/** Texts near the edge of each type. */
export const TEXTS: Readonly<Record<TypeName, fc.Arbitrary<string>>> = {
  string: soup,
  choice: fc.oneof(choiceText, soup),
  exactChoice: fc.oneof(choiceText, soup),
  integer: fc.oneof(digits, bigNumber, soup),
  bounded: fc.oneof(digits, bigNumber),
  port: fc.oneof(digits, fc.integer({ min: -10, max: 65_545 }).map(String)),
  boolean: fc.oneof(booleanText, soup),
  list: fc.oneof(items, soup),
  dict: fc.oneof(items, soup),
  hostAddress: host,
};
