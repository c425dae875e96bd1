import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Option } from '../../../src/settings/option.ts';
import { ALL_OPTIONS, OPTIONS } from '../../../src/settings/options.ts';
import { resolveSettings } from '../../../src/settings/resolve.ts';

const settings = resolveSettings({ files: [], env: {}, flags: [] }, ALL_OPTIONS);

describe('OPTIONS', () => {
  test('has every option once', () => {
    const places = ALL_OPTIONS.map(({ group, name }) => `${group}.${name}`);
    expect(new Set(places).size).toBe(places.length);
  });

  test('has every spelling of a flag once', () => {
    const spellings = ALL_OPTIONS.flatMap(({ flags }) =>
      flags === undefined ? [] : [...flags.names, ...(flags.hidden ?? []), ...(flags.negation ?? '').split(' ')],
    ).filter((spelling) => spelling !== '');
    expect(new Set(spellings).size).toBe(spellings.length);
  });

  test.each(ALL_OPTIONS.map((option) => [option.name, option] as const))(
    '%s has a good default and a sentence of help',
    (_, option) => {
      expect(() => settings.getAll(option)).not.toThrow();
      expect(option.help).toMatch(/^[A-Z].*\.$/);
      expect(option.name).toMatch(/^[a-z][a-z0-9_]*$/);
      if (option.obsolete !== undefined) expect(option.obsolete).toMatch(/^[A-Z].*[^.]$/);
    },
  );

  test('names a switch by a negation and a value by a metavar, never both', () => {
    for (const { flags } of ALL_OPTIONS) {
      if (flags !== undefined) expect((flags.negation === undefined) === (flags.metavar !== undefined)).toBe(true);
    }
  });

  test('gives each row its type', () => {
    expectTypeOf(OPTIONS.imageCacheMaxSize).toExtend<Option<number>>();
    expectTypeOf(settings.get(OPTIONS.imageCacheMaxSize)).toEqualTypeOf<number>();
    expectTypeOf(settings.get(OPTIONS.imageCacheDir)).toEqualTypeOf<string | undefined>();
    expectTypeOf(settings.get(OPTIONS.imageCacheDriver)).toEqualTypeOf<'sqlite' | 'xattr' | 'centralized_db'>();
    expectTypeOf(settings.getAll(OPTIONS.filesystemStoreDatadirs)).toEqualTypeOf<readonly string[]>();
  });
});
