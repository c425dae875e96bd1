import { describe, expect, test } from 'vitest';
import { ALL_OPTIONS } from '../../../src/settings/options.ts';
import { credentialsOf } from '../credentials/resolved.ts';
import { entriesOf, flagsNamedIn, literalsIn, readPage, sectionOf } from './manual.ts';
import { PROGRAMS, spellingsOf } from './programs.ts';
import { shownSettings } from './shown-settings.ts';

const page = readPage('glance-cache.conf.5');

/** The entries of the options, by `group.name`: a list follows the line that names its section. */
function describedOptions(): ReadonlyMap<string, string> {
  const parts = sectionOf(page, 'OPTIONS').split(/^In\n\.Li \[(\w+)\] :$/m);
  const described = new Map<string, string>();
  for (let i = 1; i < parts.length; i += 2) {
    for (const { head, body } of entriesOf(parts[i + 1] ?? '')) {
      described.set(`${parts[i]}.${/^Va (\w+)/.exec(head)?.[1]}`, body);
    }
  }
  return described;
}

/** The file that the page shows. */
function exampleOf(text: string): string {
  return literalsIn(sectionOf(text, 'EXAMPLES'))[0] ?? '';
}

describe('glance-cache.conf(5)', () => {
  const described = describedOptions();

  test('describes every option of the table and no other', () => {
    const places = ALL_OPTIONS.map(({ group, name }) => `${group}.${name}`);
    expect([...described.keys()].sort()).toEqual(places.sort());
  });

  test.each(ALL_OPTIONS.map((option) => [option.name, option] as const))(
    'says of %s what its default, its flag and its secrecy are',
    (_, { group, name, defaultText, secret, flags }) => {
      const body = described.get(`${group}.${name}`) ?? '';
      const found = /^The default is\n\.Li "?(.*?)"? \.$/m.exec(body)?.[1];
      expect(found).toBe(defaultText);
      expect(body.includes('It has no default.')).toBe(defaultText === undefined);
      expect(body.includes('It is secret.')).toBe(secret === true);
      if (group === 'cache_tools') expect(flagsNamedIn(body)).toEqual(new Set(flags?.names));
    },
  );

  test('names no flag that no program has', () => {
    const known = new Set(PROGRAMS.flatMap((program) => [...spellingsOf(program).all]));
    expect([...flagsNamedIn(page)].filter((flag) => !known.has(flag))).toEqual([]);
  });

  test('has an example that can be used', () => {
    shownSettings('the example', exampleOf(page));
  });

  test('has an example with credentials that are complete', async () => {
    const { authType, auth } = await credentialsOf({ conf: exampleOf(page) });
    expect({ authType, secret: auth.application_credential_secret }).toEqual({
      authType: 'v3applicationcredential',
      secret: 's3cr$et',
    });
  });
});
