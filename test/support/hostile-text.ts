/**
 * Texts that a terminal would obey, or that read as something else than they are.
 */
import { idOf } from './cache-fixture.ts';

const ESCAPE = '\x1b';
const BELL = '\x07';

/** What terminals obey. */
export const ESCAPES: readonly string[] = [
  `${ESCAPE}[31mred${ESCAPE}[0m`,
  `${ESCAPE}[2J${ESCAPE}[H`,
  `${ESCAPE}]8;;http://evil.example/${ESCAPE}\\link${ESCAPE}]8;;${ESCAPE}\\`,
  `${ESCAPE}]52;c;cm0gLXJmIC8=${BELL}`,
  `${ESCAPE}]0;title${BELL}`,
  `${ESCAPE}P+q544e${ESCAPE}\\`,
  '\x9b31mC1',
  '\x9d8;;x\x9c',
  '\x85next line',
  `${BELL}\b\b\x7f`,
  'one\nERROR: forged',
  'one\r\ntwo\rthree\ttab\v\f',
  '\u202egnp.exe\u202c',
  '\u2066isolated\u2069\u200e\u200f\u061c',
  'line\u2028paragraph\u2029',
];

/** Names that are no image IDs, though some look like one. */
export const HOSTILE_NAMES: readonly string[] = [
  ...ESCAPES.map((text) => text.replaceAll('/', ':')),
  idOf('a').toUpperCase(),
  idOf('a').replaceAll('-', ''),
  `{${idOf('a')}}`,
  `${idOf('a')}\n`,
  `${idOf('a')} `,
  ` ${idOf('a')}`,
  `${idOf('a')}\u200b`,
  `urn:uuid:${idOf('a')}`,
  idOf('a').replaceAll('-', '\u2010'),
  idOf('a').replace('a', '\u0430'),
  'x'.repeat(255),
  '\u{1f4a9}'.repeat(63),
  '-rf',
  '--help',
  '$(reboot)',
  '`reboot`',
  '"quoted\'',
  'a,b;c|d',
  '=1+1',
  '%s%n{}',
  '__proto__',
  'constructor',
];
