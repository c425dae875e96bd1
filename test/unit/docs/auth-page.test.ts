import { describe, expect, test } from 'vitest';
import metadata from '../../../package.json' with { type: 'json' };
import { AUTH_TYPE_NAMES } from '../../../src/credentials/auth-types.ts';
import { AUTH_OPTIONS } from '../../../src/settings/options/keystone.ts';
import { authSections, PLACES } from './auth-examples.ts';
import { exampleLinesIn, flagsNamedIn, readPage, sectionOf } from './manual.ts';
import { PROGRAMS, spellingsOf } from './programs.ts';
import { shownSettings } from './shown-settings.ts';

// That its examples log in is shown in test/integration/docs.

const NAME = 'glance-cache-auth.7';
const page = readPage(NAME);
const sections = authSections();
const OTHERS = [...PROGRAMS.map(({ name }) => `${name}.1`), 'glance-cache.conf.5'];

describe('glance-cache-auth(7)', () => {
  test('has a section for every way to log in and no other', () => {
    const names = sections.flatMap(({ names: titled }) => titled);
    expect(names.toSorted()).toEqual([...AUTH_TYPE_NAMES].sort());
  });

  test.each(sections.map((section) => [section.names[0], section] as const))(
    'shows %s in every place that credentials may stand in',
    (name, { examples, body }) => {
      expect([...examples.keys()]).toEqual(PLACES);
      for (const [place, example] of examples) {
        expect(example, place).toMatch(/^( {4}auth_type: |export OS_AUTH_TYPE=|auth_type = )/m);
        expect(example, place).toMatch(new RegExp(`auth_type(: |=| = )${name}$`, 'im'));
      }
      shownSettings(NAME, examples.get('glance-cache.conf') ?? '');
      expect(body).toMatch(/^Needs\b/m);
    },
  );

  test('names every option of a login', () => {
    const named = new Set(page.split('\n').flatMap((line) => (line.startsWith('.') ? (line.match(/\w+/g) ?? []) : [])));
    expect(AUTH_OPTIONS.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
  });

  test('names no flag that no program has', () => {
    const known = new Set(PROGRAMS.flatMap((program) => [...spellingsOf(program).all]));
    const lines = exampleLinesIn(page).filter((line) => line.startsWith('glance-cache-'));
    const typed = lines.flatMap((line) => line.match(/--[\w-]+/g) ?? []);
    expect([...flagsNamedIn(page), ...typed].filter((flag) => !known.has(flag))).toEqual([]);
  });

  test('is installed with the other pages, which all name it', () => {
    expect(metadata.man).toContain(`./man/${NAME}`);
    expect(metadata.files).toContain('man');
    for (const other of OTHERS) {
      expect(sectionOf(readPage(other), 'SEE ALSO'), other).toContain('\n.Xr glance-cache-auth 7');
    }
    for (const other of OTHERS) {
      const [, title, section] = /^(.*)\.(\d)$/.exec(other) ?? [];
      expect(sectionOf(page, 'SEE ALSO')).toContain(`\n.Xr ${title} ${section}`);
    }
  });

  test('is where glance-cache.conf(5) sends whoever asks for the ways to log in', () => {
    expect(readPage('glance-cache.conf.5')).toMatch(/^\.It Va auth_type\n(?:(?!\.It).*\n)*\.Xr glance-cache-auth 7/m);
  });
});
