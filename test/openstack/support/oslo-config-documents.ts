// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references as oslo.config writes them
import fc from 'fast-check';

/** What decides in the dialect, and what other parsers trip over. */
const TRICKY = [
  ...'"\'=:#;[]$\\,.{}%- \t\v\f\u001c\u001f\u0085\u00a0\u2003\u2028\u2029\u3000\ufeff\u200b\0\u001b\u007f',
  ...[
    'a',
    'b',
    'key',
    'DEFAULT',
    'default',
    'é',
    'ß',
    'İ',
    '😀',
    '٣',
    '𝟗',
    'ſ',
    '１',
    '0',
    '12',
    'true',
    'null',
    '__proto__',
  ],
  ...['constructor', 'a.b', 'k[]', '$$', '\\$', '$a', '${a}', ' # note', ' ; note', 'k = v', '""', "''", '10G'],
];

/** Anything at all. */
export const soup: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...TRICKY), { maxLength: 8 })
  .map((tokens) => tokens.join(''));
const word = fc.oneof(fc.constantFrom('a', 'key', 'log_file', '7', '__proto__', 'k[]', 'toString', 'two words'), soup);
const blanks = fc.constantFrom('', '', ' ', '\t', '  ', '\u00a0', '\u2003', '\u001c');

const assignmentLine = fc
  .tuple(
    word,
    blanks,
    fc.constantFrom('=', ':', '=', ':=', '=='),
    blanks,
    soup,
    fc.constantFrom('', '', '"', "'"),
    blanks,
  )
  .map(
    ([key, before, separator, after, value, quote, end]) =>
      key + before + separator + after + quote + value + quote + end,
  );
const sectionLine = fc.oneof(
  fc.constantFrom(
    '[DEFAULT]',
    '[grp]',
    '[GRP]',
    '[a.b]',
    '[ DEFAULT ]',
    '[DEFAULT]  ',
    '[7]',
    '[__proto__]',
    '[grp]]',
    '[]',
    '[]',
  ),
  soup.map((name) => `[${name}]`),
);
const indentedLine = fc
  .tuple(fc.constantFrom(' ', '\t', '    ', ' \u00a0'), fc.oneof(soup, assignmentLine, sectionLine))
  .map((parts) => parts.join(''));
const anyLine = fc.oneof(
  { arbitrary: assignmentLine, weight: 10 },
  { arbitrary: sectionLine, weight: 3 },
  { arbitrary: indentedLine, weight: 2 },
  { arbitrary: soup.map((text) => `#${text}`), weight: 1 },
  { arbitrary: blanks, weight: 1 },
  { arbitrary: soup, weight: 1 },
);
// An indented line right behind an assignment, so that values of many lines are common and not mostly errors.
const lines = fc
  .array(
    fc.oneof(
      anyLine.map((line) => [line]),
      fc.tuple(assignmentLine, indentedLine, indentedLine),
    ),
    { maxLength: 8 },
  )
  .map((groups) => groups.flat());
// Of lines that may hold anything, one is nearly always wrong, and the first wrong one ends the parse. So these are
// right, save that their values hold anything.
const goodLines = fc
  .array(
    fc.oneof(
      fc
        .tuple(fc.constantFrom('a', 'key', '7', '__proto__', 'k[]', 'é b'), blanks, fc.constantFrom('=', ':'), soup)
        .map((parts) => [parts.join('')]),
      fc.tuple(soup, soup, soup).map(([value, more, last]) => [`k=${value}`, ` .${more}`, `\t.${last}`]),
      fc.constantFrom('[DEFAULT]', '[a.b]', '[7]', '[Ab]', '[__proto__]', '# [', '; =').map((line) => [line]),
      soup.map((name) => [`[${name}.]`, '', `#${name}`]),
    ),
    { maxLength: 8 },
  )
  .map((groups) => groups.flat());
const wildText = fc
  .tuple(
    fc.constantFrom('', '[DEFAULT]', '[DEFAULT]', '[DEFAULT]', '[grp]', '\ufeff[DEFAULT]', '\ufeff# a = b'),
    lines,
    fc.infiniteStream(fc.constantFrom('\n', '\n', '\n', '\r\n', '\r', '\n\r', '\n\n', '\r\r\n')),
  )
  .map(([head, rest, ends]) => [head, ...rest].map((line) => line + String(ends.next().value)).join(''));
const goodText = fc
  .tuple(goodLines, fc.infiniteStream(fc.constantFrom('\n', '\r\n', '\r')))
  .map(([rest, ends]) => ['[DEFAULT]', ...rest].map((line) => line + String(ends.next().value)).join(''));

/** Documents: mostly well-formed, some with one error, some not UTF-8. */
export const documentBytes: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.oneof(wildText, goodText),
    fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, 2),
    fc.nat(),
    fc.constantFrom('ff', 'c3', 'e282', 'eda080', 'c080', 'f4908080'),
  )
  .map(([text, kind, place, hex]) => {
    const bytes = Buffer.from(text);
    const at = place % (bytes.length + 1);
    if (kind === 1) return Buffer.concat([bytes.subarray(0, at), Buffer.from(hex, 'hex'), bytes.subarray(at)]);
    return kind === 2 ? bytes.subarray(0, at) : bytes;
  });
