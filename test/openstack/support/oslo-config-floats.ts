import fc from 'fast-check';

/** What numbers are made of, and what may or may not surround them. */
const PIECES = [...'01_..eE+-٣𝟗², \u00a0\u001c\n', '25', 'x', 'p'];

const WORDS = [
  ...'nan NaN inf INF Infinity iNFINITY infinit ınf nan(1) in_f 0x1p3 .5 5. 1e3 1_0.5 1_.5 1._5 1__0 1e1_0 1e_1'.split(
    ' ',
  ),
  // Where doubles end, and where they round.
  ...'1e308 1.8e308 1e400 5e-324 2e-324 1e-400 0e9 9007199254740993 0.1 1500.0 1500.0000000000001'.split(' '),
  // Where Python starts to write an exponent.
  ...'1e16 9999999999999998 1e-4 0.0001 0.00001 1e21 123456789012345680'.split(' '),
];

const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((pieces) => pieces.join(''));
const word = fc
  .tuple(
    fc.constantFrom('', '', '-', '+', ' ', '--'),
    fc.constantFrom(...WORDS),
    fc.constantFrom('', '', ' ', '\t', '\u2003', '_', 'f'),
  )
  .map((parts) => parts.join(''));

/** Texts that are nearly a float. */
export const floatText: fc.Arbitrary<string> = fc.oneof(
  soup,
  word,
  fc.double().map(String),
  fc.float().map((value) => value.toFixed(3)),
);
