/**
 * A paste file as PasteDeploy reads it, which is as Python's configparser does: indented lines go on with the value above
 * them even behind a blank line, comments stand on lines of their own, and a name that occurs twice is an error.
 * https://docs.python.org/3/library/configparser.html#supported-ini-file-structure
 */

/** One value of a section. */
export interface PasteValue {
  readonly text: string;
  /** Where its name stands, from 1. */
  readonly line: number;
}

/** A section, such as `[pipeline:glance-api-keystone]`. */
export interface PasteSection {
  /** Everything between the brackets. */
  readonly heading: string;
  /** What stands before the first colon: `pipeline`; the whole where there is none. */
  readonly kind: string;
  /** What stands behind it: `glance-api-keystone`. */
  readonly name: string;
  readonly line: number;
  readonly values: ReadonlyMap<string, PasteValue>;
}

/** What Python would refuse the file for. */
export interface PasteFault {
  readonly line: number;
  /** As a part of a sentence: "it has no section above it". */
  readonly reason: string;
}

/** A paste file that was read. */
export interface PasteFile {
  /** In the order of the file; `[DEFAULT]` is none of them. */
  readonly sections: readonly PasteSection[];
  /** What `[DEFAULT]` has, which every section has as well. */
  readonly defaults: ReadonlyMap<string, PasteValue>;
  readonly faults: readonly PasteFault[];
}

/** Reads the text of a paste file. What is at fault is passed over. */
export function parsePasteFile(text: string): PasteFile {
  const reader = new PasteReader();
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    reader.read(line, index + 1);
  });
  return reader.finish();
}

interface OpenSection extends Omit<PasteSection, 'values'> {
  readonly values: Map<string, { readonly lines: string[]; readonly line: number }>;
}

const DEFAULT = 'DEFAULT';

class PasteReader {
  readonly #sections = new Map<string, OpenSection>();
  readonly #defaults: OpenSection = openSection(DEFAULT, 0);
  readonly #faults: PasteFault[] = [];
  #section: OpenSection | undefined;
  #value: string[] | undefined;
  /** Of the line that began the value, or the section. */
  #indent = 0;

  read(raw: string, line: number): void {
    const text = raw.trim();
    if (text.startsWith('#') || text.startsWith(';')) return;
    if (text === '') {
      this.#value?.push('');
      return;
    }
    const indent = raw.search(/\S/);
    if (this.#value !== undefined && indent > this.#indent) {
      this.#value.push(text);
      return;
    }
    this.#indent = indent;
    const heading = /^\[(.+)\]/.exec(text)?.[1];
    if (heading !== undefined) this.#begin(heading, line);
    else this.#assign(text, line);
  }

  finish(): PasteFile {
    const sections = [...this.#sections.values()].map((section) => ({ ...section, values: closed(section) }));
    return { sections, defaults: closed(this.#defaults), faults: this.#faults };
  }

  #begin(heading: string, line: number): void {
    this.#value = undefined;
    if (heading === DEFAULT) {
      this.#section = this.#defaults;
      return;
    }
    const known = this.#sections.get(heading);
    if (known !== undefined) this.#fault(line, `section [${heading}] is there already, in line ${known.line}`);
    this.#section = known ?? openSection(heading, line);
    this.#sections.set(heading, this.#section);
  }

  #assign(text: string, line: number): void {
    this.#value = undefined;
    const separator = text.search(/[=:]/);
    const name = text.slice(0, Math.max(separator, 0)).trimEnd();
    const known = this.#section?.values.get(name);
    if (this.#section === undefined) this.#fault(line, 'it stands above the first section');
    else if (separator < 0) this.#fault(line, 'it has neither "=" nor ":"');
    else if (name === '') this.#fault(line, 'it has no name before its "=" or ":"');
    else {
      if (known !== undefined) this.#fault(line, `"${name}" is there already, in line ${known.line}`);
      this.#value = [text.slice(separator + 1).trim()];
      this.#section.values.set(name, { lines: this.#value, line });
    }
  }

  #fault(line: number, reason: string): void {
    this.#faults.push({ line, reason });
  }
}

function openSection(heading: string, line: number): OpenSection {
  const colon = heading.indexOf(':');
  const kind = colon < 0 ? heading : heading.slice(0, colon);
  // PasteDeploy takes a section without a name for "main".
  const name = colon < 0 ? 'main' : heading.slice(colon + 1).trim();
  return { heading, kind, name, line, values: new Map() };
}

function closed({ values }: OpenSection): ReadonlyMap<string, PasteValue> {
  return new Map([...values].map(([name, { lines, line }]) => [name, { text: lines.join('\n').trimEnd(), line }]));
}

/** Some lines that each refer to the next one several times would unfold into gigabytes; in circles they never end. */
const MOST_REFERENCES = 100;

/** The value of a name in a section, with `%(name)s` replaced; undefined where neither it nor `[DEFAULT]` has one. */
export function pasteValue(file: PasteFile, section: PasteSection, name: string): PasteValue | undefined {
  const lookUp = (wanted: string): PasteValue | undefined => section.values.get(wanted) ?? file.defaults.get(wanted);
  let left = MOST_REFERENCES;
  const expand = (text: string): string =>
    text.replace(/%(?:%|\(([^)]*)\)s)/g, (whole: string, reference: string | undefined) => {
      if (reference === undefined) return '%';
      const found = lookUp(reference);
      left -= 1;
      return found === undefined || left < 0 ? whole : expand(found.text);
    });
  const found = lookUp(name);
  return found === undefined ? undefined : { ...found, text: expand(found.text) };
}
