// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references as oslo.config writes them
import { describe, expect, test } from 'vitest';
import { interpolate } from '../../../src/settings/interpolate.ts';

describe('interpolate', () => {
  test.each([
    ['$a', '<a>'],
    ['${a}b', '<a>b'],
    ['$a_1/$b', '<a_1>/<b>'],
    ['$grp.opt', '<grp.opt>'],
    ['${grp.opt}', '<grp.opt>'],
    ['$t.log', '<t.log>'],
    ['see $t.', 'see <t.>'],
    ['$a-b', '<a>-b'],
    ['$é', '$é'],
    ['$ſ', '<ſ>'],
  ])('looks up the name in %j', (text, expected) => {
    expect(interpolate(text, (name) => `<${name}>`)).toBe(expected);
  });

  test.each([
    ['$$', '$'],
    ['$$a', '$a'],
    ['\\$a', '$a'],
    ['\\\\$a', '\\$a'],
    ['$5', '$5'],
    ['100$', '100$'],
    ['${ ', '${ '],
    ['${a-b}', '${a-b}'],
    ['${t', '${t'],
    ['%(a)s %a', '%(a)s %a'],
  ])('looks up nothing in %j', (text, expected) => {
    expect(interpolate(text, (name) => expect.unreachable(name))).toBe(expected);
  });

  test('does not expand again when what it inserts has references', () => {
    expect(interpolate('$a', () => '$b $$ \\$ $&')).toBe('$b $$ \\$ $&');
  });
});
