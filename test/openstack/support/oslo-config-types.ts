import type { OptionType } from '../../../src/settings/option.ts';
import { boolean } from '../../../src/settings/types/boolean.ts';
import { choice } from '../../../src/settings/types/choice.ts';
import { dict } from '../../../src/settings/types/dict.ts';
import { float } from '../../../src/settings/types/float.ts';
import { hostAddress } from '../../../src/settings/types/host-address.ts';
import { integer } from '../../../src/settings/types/integer.ts';
import { list } from '../../../src/settings/types/list.ts';
import { listOf } from '../../../src/settings/types/list-of.ts';
import { maxLength } from '../../../src/settings/types/max-length.ts';
import { port } from '../../../src/settings/types/port.ts';
import { quoted } from '../../../src/settings/types/quoted.ts';
import { string } from '../../../src/settings/types/string.ts';
import { uri } from '../../../src/settings/types/uri.ts';

/** The types to compare, by the names the oracle knows. */
export const TYPES = {
  string,
  shortString: maxLength(string, 4),
  quotedString: quoted(string),
  shortQuotedString: quoted(maxLength(string, 4)),
  quotedChoice: quoted(choice(['http', 'https'])),
  choice: choice(['sqlite', 'xattr', 'centralized_db'], { ignoreCase: true }),
  exactChoice: choice(['http', 'https']),
  integer: integer(),
  bounded: integer({ min: 0, max: 1e18 }),
  port,
  float: float(),
  boundedFloat: float({ min: -0.5, max: 1500 }),
  boolean,
  list,
  boundedList: listOf(string, { bounded: true }),
  quotedList: listOf(quoted(string)),
  integerList: listOf(integer({ min: 0, max: 65_536 })),
  floatList: listOf(float(), { bounded: true }),
  booleanList: listOf(boolean),
  choiceList: listOf(choice(['a', 'a,b', "it's"])),
  uriList: listOf(uri({ schemes: ['http', 'https'] })),
  dictList: listOf(dict),
  dict,
  hostAddress,
  uri: uri(),
  webUri: uri({ schemes: ['http', 'https'] }),
  shortUri: maxLength(uri(), 16),
} as const satisfies Readonly<Record<string, OptionType<unknown>>>;

/** A name of one of them. */
export type TypeName = keyof typeof TYPES;

/** Those whose numbers are doubles, and not integers of any size. */
export const FLOATS: ReadonlySet<TypeName> = new Set(['float', 'boundedFloat', 'floatList']);

/** Those that every text is good for. */
export const NEVER_REFUSING: ReadonlySet<TypeName> = new Set(['string', 'list']);
