import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PasteFile, parsePasteFile } from '../../src/plan/check/paste-file.ts';
import { flavorsIn, lookAtPipeline } from '../../src/plan/check/paste-pipeline.ts';
import { rounds, seedOfRun } from '../support/rounds.ts';

// Our reader of paste files beside the real PasteDeploy: the same values, the same filters, the same refusals.

interface Answer {
  readonly error?: string;
  readonly sections?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly filters?: readonly string[];
  readonly broken?: string;
}

function ask(questions: readonly { readonly text: string; readonly name: string }[]): readonly Answer[] {
  const run = spawnSync('/usr/bin/python3', [join(import.meta.dirname, 'support', 'paste_deploy_oracle.py')], {
    input: JSON.stringify(questions),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { PATH: process.env['PATH'], PYTHONUTF8: '1', LC_ALL: 'C.UTF-8' },
  });
  if (run.status !== 0) throw new Error(`the oracle failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as readonly Answer[];
}

const CACHE = 'glance.api.middleware.cache:CacheFilter.factory';
const OTHER = 'other:factory';

const names = fc.constantFrom('glance-api', 'a', 'b', 'c', 'main');

/** What PasteDeploy finds out before it loads anything: composites, which load for themselves, are not among it. */
const line = fc.oneof(
  fc
    .tuple(fc.constantFrom('app', 'pipeline', 'filter', 'filter-app'), names)
    .map(([kind, name]) => `[${kind}:${name}]`),
  fc.constantFrom(
    '[app:end]\npaste.app_factory = x:y',
    `[filter:f]\npaste.filter_factory = ${OTHER}`,
    `[filter:k]\npaste.filter_factory = ${CACHE}`,
    `paste.filter_factory = ${CACHE}`,
    `paste.filter_factory = ${OTHER}`,
    'paste.app_factory = x:y',
    'pipeline = f k end',
    'pipeline = k\n  f\n\n  # no filter\n  end',
    'pipeline: k a',
    'use = k',
    'use = end',
    'next = end',
    'next: a',
    'filter-with = k',
    '# note',
    ' ; note',
    '',
    ' ',
    '  indented',
    'nonsense',
    '[DEFAULT]',
    'x = %%',
    '= x',
  ),
  fc
    .tuple(fc.constantFrom('use', 'next', 'pipeline', 'filter-with'), fc.array(names, { maxLength: 3 }))
    .map(([key, values]) => `${key} = ${values.join(' ')}`),
);

const anyText = fc.array(line, { maxLength: 14 }).map((lines) => `${lines.join('\n')}\n`);

const target = fc.constantFrom('a', 'b', 'end', 'end', 'end');
const filter = fc.constantFrom('f', 'f', 'k', 'k', 'g', 'nowhere');

/** Sections that PasteDeploy can read, and can put together more often than not. */
const section = fc.tuple(
  fc.constantFrom('glance-api', 'a', 'b'),
  fc.oneof(
    fc.tuple(fc.array(filter, { maxLength: 3 }), target).map(([filters, app]) => ({
      kind: 'pipeline',
      lines: [`pipeline = ${[...filters, app].join('\n   ')}`],
    })),
    target.map((app) => ({ kind: 'app', lines: [`use = ${app}`] })),
    fc.tuple(target, filter).map(([app, name]) => ({ kind: 'app', lines: [`use = ${app}`, `filter-with = ${name}`] })),
    fc.tuple(target, filter).map(([app, name]) => ({ kind: 'filter-app', lines: [`next = ${app}`, `use = ${name}`] })),
  ),
);

const FIXED = `[app:end]
paste.app_factory = x:y
[filter:f]
paste.filter_factory = ${OTHER}
[filter:k]
paste.filter_factory = %(kind)s
kind = ${CACHE}
[filter:g]
use = k
`;

const soundText = fc
  .uniqueArray(section, { selector: ([name]) => name, minLength: 1, maxLength: 3 })
  .map((sections) =>
    [...sections.map(([name, { kind, lines }]) => `[${kind}:${name}]\n${lines.join('\n')}`), FIXED].join('\n'),
  );

function valuesOf({ sections, defaults }: PasteFile): Answer['sections'] {
  const shared = [...defaults].map(([key, { text }]) => [key, text] as const);
  return Object.fromEntries(
    sections.map(({ heading, values }) => [
      heading,
      Object.fromEntries([...shared, ...[...values].map(([key, { text }]) => [key, text] as const)]),
    ]),
  );
}

/** Blanks at the ends of lines within a value are lost on the way to a list of names. */
function words(sections: Answer['sections'] = {}): unknown {
  return Object.fromEntries(
    Object.entries(sections).map(([heading, values]) => [
      heading,
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.split(/\s+/).filter(Boolean)])),
    ]),
  );
}

test('paste files are read as PasteDeploy reads them', () => {
  const all = fc.sample(fc.oneof(anyText, soundText), { seed: seedOfRun(), numRuns: rounds(2000, 100_000) });
  const answers = ask(all.map((text) => ({ text, name: 'glance-api' })));
  let agreed = 0;
  for (const [at, text] of all.entries()) {
    const answer = answers[at] ?? {};
    const file = parsePasteFile(text);
    expect({ text, refused: file.faults.length > 0 }).toEqual({ text, refused: answer.error !== undefined });
    if (answer.error !== undefined) continue;
    expect({ text, sections: words(valuesOf(file)) }).toEqual({ text, sections: words(answer.sections) });
    const look = lookAtPipeline(file, '');
    // What we can put together PasteDeploy may refuse, for a factory that is missing; what it can, we can.
    if (answer.filters !== undefined) expect({ text, kind: look.kind }).toEqual({ text, kind: 'pipeline' });
    if (look.kind !== 'pipeline' || answer.filters === undefined) continue;
    agreed += 1;
    const ours = look.filters.map(({ kind }) => (kind === 'cache' ? CACHE : OTHER));
    expect({ text, filters: ours }).toEqual({
      text,
      filters: answer.filters.map((it) => (it === CACHE ? CACHE : OTHER)),
    });
  }
  expect(agreed).toBeGreaterThan(all.length / 20);
});

test('the paste file of the package is followed as PasteDeploy follows it, for all flavors', () => {
  const text = readFileSync('/usr/share/glance-common/glance-api-paste.ini', 'utf8');
  const file = parsePasteFile(text);
  const flavors = [...flavorsIn(file), 'keystone+cachemanage'];
  const answers = ask(flavors.map((flavor) => ({ text, name: flavor === '' ? 'glance-api' : `glance-api-${flavor}` })));
  expect(flavors.length).toBeGreaterThan(6);
  for (const [at, flavor] of flavors.entries()) {
    const look = lookAtPipeline(file, flavor);
    const filters = answers[at]?.filters;
    expect({ flavor, known: look.kind !== 'absent' }).toEqual({ flavor, known: filters !== undefined });
    if (look.kind !== 'pipeline' || filters === undefined) continue;
    expect(look.filters).toHaveLength(filters.length);
    expect({ flavor, at: look.filters.findIndex(({ kind }) => kind === 'cache') }).toEqual({
      flavor,
      at: filters.indexOf(CACHE),
    });
  }
});
