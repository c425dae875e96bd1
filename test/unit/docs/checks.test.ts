import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { entriesOf, ROOT, readPage } from './manual.ts';

/** The names of findings in the source: a check is called so where it is made. */
function namesInSource(): readonly string[] {
  const folder = join(ROOT, 'src', 'use-cases', 'check');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const texts = files.map((name) => readFileSync(join(folder, name), 'utf8'));
  return texts.flatMap((text) =>
    Array.from(text.matchAll(/\bcheck: [^,;{}]*/g)).flatMap(([made]) =>
      Array.from(made.matchAll(/'([a-z][a-z-]+)'/g), ([, name = '']) => name),
    ),
  );
}

test('glance-cache-manage(1) describes every check and no other', () => {
  const page = readPage('glance-cache-manage.1');
  const start = page.indexOf('\n.Ss Checks\n');
  const section = page.slice(start, page.indexOf('\n.Ss ', start + 1));
  const described = entriesOf(section).map(
    ({ head }) => /^Li (\S+) Pq (?:error|warning|note)$/.exec(head)?.[1] ?? head,
  );
  expect(described.length).toBeGreaterThan(20);
  expect([...described].sort()).toEqual([...new Set(namesInSource())].sort());
});
