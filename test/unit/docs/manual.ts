import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reading of manual pages in mdoc: only what these pages use. */

/** The root of the project. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');

/** One entry of a list: what stands behind `.It`, and the lines below it. */
export interface Entry {
  readonly head: string;
  readonly body: string;
}

/** The text of a page. */
export function readPage(name: string): string {
  return readFileSync(join(ROOT, 'man', name), 'utf8');
}

/** The lines of a section, from its `.Sh` to the next. */
export function sectionOf(page: string, title: string): string {
  const start = page.indexOf(`\n.Sh ${title}\n`);
  if (start < 0) throw new RangeError(`there is no section ${title}`);
  const end = page.indexOf('\n.Sh ', start + 1);
  return page.slice(start, end < 0 ? undefined : end + 1);
}

/** The entries of all lists in a text; those of nested lists would count too. */
export function entriesOf(text: string): readonly Entry[] {
  return text
    .split(/^\.It ?/m)
    .slice(1)
    .map((entry) => {
      const [head = '', ...lines] = entry.split('\n');
      const end = lines.findIndex((line) => /^\.(?:El|Sh|Ss)\b/.test(line));
      return {
        head,
        body: lines
          .slice(0, end < 0 ? undefined : end)
          .join('\n')
          .trimEnd(),
      };
    });
}

/** The subsections of a text: what stands behind `.Ss`, and the lines below it. */
export function subsectionsOf(text: string): readonly Entry[] {
  return text
    .split(/^\.Ss /m)
    .slice(1)
    .map((section) => {
      const [head = '', ...lines] = section.split('\n');
      return { head, body: lines.join('\n') };
    });
}

/** What a text shows to the letter, such as files. Escapes of roff are not among what these pages show. */
export function literalsIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/^\.Bd -literal[^\n]*\n(.*?)^\.Ed$/gms), (match) => match[1] ?? '');
}

/** All flags that a text names: `Fl -dry-run` is `--dry-run`, `Fl d` is `-d`. */
export function flagsNamedIn(text: string): ReadonlySet<string> {
  const flags = new Set<string>();
  for (const line of text.split('\n').filter((line) => line.startsWith('.') && /\bFl\b/.test(line))) {
    // A macro takes all words up to the next macro; commas between them are punctuation.
    for (const match of line.matchAll(/\bFl((?: (?!(?:Fl|Ar|Op|Ns|Cm|Pq|No|Li|Ta)\b)[\w-]+| ,)+)/g)) {
      for (const word of (match[1] ?? '').split(' ')) if (/[\w-]/.test(word)) flags.add(`-${word}`);
    }
  }
  return flags;
}

/** The examples of a text that stand on lines of their own. */
export function exampleLinesIn(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => (line.startsWith('.Dl ') ? [line.slice('.Dl '.length)] : []));
}
