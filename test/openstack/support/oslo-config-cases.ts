// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references as oslo.config writes them
import fc from 'fast-check';
import type { TypeName } from './oslo-config-types.ts';

/** An option as both sides can be told of it. */
export interface TestOption {
  readonly group: string;
  readonly name: string;
  readonly type: TypeName;
  readonly default: string | null;
  readonly multiple: boolean;
  readonly former: readonly { readonly group: string; readonly name: string }[];
}

function testOption(group: string, name: string, type: TypeName, more: Partial<TestOption> = {}): TestOption {
  return { group, name, type, default: null, multiple: false, former: [], ...more };
}

/** Options that refer to each other, with groups, former names and several values. */
export const OPTIONS: readonly TestOption[] = [
  testOption('DEFAULT', 's', 'string'),
  testOption('DEFAULT', 't', 'string', { default: 'd-$s-$$' }),
  testOption('DEFAULT', 'u', 'string', {
    former: [
      { group: 'DEFAULT', name: 'old-u' },
      { group: 'Og', name: 'u' },
    ],
  }),
  testOption('DEFAULT', 'n', 'integer'),
  testOption('DEFAULT', 'b', 'boolean', { default: 'yes' }),
  testOption('DEFAULT', 'l', 'list', { default: 'x, $n' }),
  testOption('DEFAULT', 'd', 'dict'),
  testOption('DEFAULT', 'f', 'float'),
  testOption('DEFAULT', 'i', 'integerList', { default: '$n, 8' }),
  testOption('DEFAULT', 'q', 'quotedList'),
  testOption('DEFAULT', 'w', 'webUri', { default: 'http://$s/' }),
  testOption('DEFAULT', 'm', 'string', { multiple: true, former: [{ group: 'grp', name: 'old_m' }] }),
  testOption('grp', 'gs', 'string'),
  testOption('grp', 'gp', 'port', { former: [{ group: 'DEFAULT', name: 'old_gp' }] }),
  testOption('grp', 'gt', 'string', { default: '${gs}/$s' }),
  testOption('Fast', 'fs', 'string'),
  testOption('Fast', 'fl', 'list'),
];

const VALUE_PARTS = [
  ...[
    '$s',
    '${s}',
    '$t',
    '$u',
    '$n',
    '$b',
    '$l',
    '$d',
    '$f',
    '$i',
    '$q',
    '$w',
    '$m',
    '$gs',
    '${gt}',
    '$grp.gs',
    '${grp.gp}',
    '$Fast.fs',
    '$fast.fs',
  ],
  ...[
    '$nope',
    '$grp.nope',
    '$no.s',
    '$grp',
    '${DEFAULT.s}',
    '$s.log',
    '$S',
    '$$',
    '\\$',
    '\\\\$',
    '$',
    '$5',
    '${',
    '${s',
    '${a-b}',
  ],
  ...[
    '$$s',
    '$$$s',
    '$ſ',
    '$İ',
    '$K',
    '${ı}',
    '$é',
    '$sé',
    'text',
    '7',
    ' 80 ',
    '1.5',
    'https://h',
    'true',
    'a:b',
    ',',
    '"',
    "'",
    '/',
    '#',
    '\\',
  ],
];
const value = fc
  .tuple(fc.array(fc.constantFrom(...VALUE_PARTS), { maxLength: 3 }), fc.boolean())
  .map(([parts, isPlain]) => (isPlain ? parts.map((part) => part.replaceAll('$', '')) : parts).join(''));
const keyLine = fc
  .tuple(
    fc.constantFrom(...OPTIONS.map(({ name }) => name), 'old-u', 'old_u', 'old_m', 'old_gp', 'S', 'unknown'),
    value,
  )
  .map(([key, text]) => `${key} = ${text}`);
const groupLine = fc.constantFrom(
  '[DEFAULT]',
  '[DEFAULT]',
  '[grp]',
  '[GRP]',
  '[Fast]',
  '[fast]',
  '[og]',
  '[OG]',
  '[default]',
);
const confText = fc
  .array(fc.oneof({ arbitrary: keyLine, weight: 4 }, { arbitrary: groupLine, weight: 1 }), { maxLength: 14 })
  .map((all) => ['[DEFAULT]', ...all, ''].join('\n'));
const variable = fc.constantFrom(
  'OS_DEFAULT__S',
  'OS_DEFAULT__U',
  'OS_DEFAULT__N',
  'OS_DEFAULT__F',
  'OS_GRP__GS',
  'OS_FAST__FL',
  'OS_DEFAULT__OLD_U',
);
/** Files and environment that set them. */
export const osloCase = fc.record({
  files: fc.array(confText, { maxLength: 3 }),
  env: fc.dictionary(variable, value, { maxKeys: 2, noNullPrototype: true }),
});
