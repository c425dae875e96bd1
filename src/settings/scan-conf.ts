import { ConfigError } from '../errors/cache-error.ts';
import { editCommand, shellWord } from '../errors/next-step.ts';
import { printable } from '../text/printable.ts';
import { strip, stripEnd, stripStart } from './python-whitespace.ts';

/**
 * The lines of a configuration file, read as oslo.config reads them: `[section]`, `key = value` or `key: value`,
 * comments on lines of their own, and indented lines that continue the value above. Whatever stands in an indented line
 * belongs to the value, even if it looks like a comment or a setting: such lines are reported, never reinterpreted.
 */

/** One value of one key. */
export interface Assignment {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  /** The line the key stands in, counted from 1. */
  readonly line: number;
}

/** An indented line that continues a value and probably was not meant to. */
export interface SwallowedLine {
  readonly line: number;
  readonly looksLike: 'comment' | 'setting' | 'section';
  /** The key whose value has swallowed the line. */
  readonly key: string;
}

/** What a configuration file says. */
export interface ScannedConf {
  readonly assignments: readonly Assignment[];
  readonly swallowed: readonly SwallowedLine[];
}

/**
 * The assignments of a configuration file, in its order.
 *
 * @param file its path, for messages
 * @param text its content
 * @throws ConfigError CONFIG_PARSE at the first line that is none of the above. The line is never quoted: it may be
 *   half of a password
 */
export function scanConf(file: string, text: string): ScannedConf {
  const scanner = new Scanner(file, text.startsWith(BYTE_ORDER_MARK));
  // Only these three end a line; U+2028, U+0085 and form feeds are ordinary text.
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    scanner.read(line, index + 1);
  });
  scanner.finish();
  return { assignments: scanner.assignments, swallowed: scanner.swallowed };
}

const BYTE_ORDER_MARK = '\ufeff';

/** The ways a file can be wrong, in the words of oslo.config so that searching for them finds its documentation. */
const PROBLEMS = {
  separator: {
    message: "No ':' or '=' found in assignment",
    hint: 'Write "name = value", start a comment with "#" at the beginning of the line, or indent the line if it continues the one above',
  },
  emptyKey: { message: 'Key cannot be empty', hint: 'Write a name before the "=" or ":"' },
  continuation: {
    message: 'Unexpected continuation line',
    hint: 'Remove the blanks at the start of the line: an indented line continues the value in the line above it, and there is none',
  },
  bracket: {
    message: 'Invalid section (must end with ])',
    hint: 'End the line with "]"; a comment needs a line of its own',
  },
  emptySection: { message: 'Empty section name', hint: 'Write a name between the brackets, such as [DEFAULT]' },
  noSection: {
    message: 'Section must be started before assignment',
    hint: 'Write the name of a section, such as [DEFAULT], above this line',
  },
} as const;

interface PendingAssignment {
  readonly section: string;
  readonly key: string;
  readonly line: number;
  readonly parts: string[];
}

class Scanner {
  readonly assignments: Assignment[] = [];
  readonly swallowed: SwallowedLine[] = [];
  readonly #file: string;
  readonly #hasMark: boolean;
  #section: string | undefined;
  #pending: PendingAssignment | undefined;

  constructor(file: string, hasMark: boolean) {
    this.#file = file;
    this.#hasMark = hasMark;
  }

  /** The order of these questions is the dialect: a blank line and an indented one are decided before all others. */
  read(raw: string, line: number): void {
    const text = stripEnd(raw);
    if (text === '') {
      this.finish();
    } else if (text.startsWith(' ') || text.startsWith('\t')) {
      this.#continue(stripStart(text), line);
    } else {
      this.finish();
      if (text.startsWith('[')) this.#section = this.#sectionName(text, line);
      else if (!text.startsWith('#') && !text.startsWith(';')) this.#pending = this.#assignment(text, line);
    }
  }

  /** Stores the value that was being read, if one was. */
  finish(): void {
    if (this.#pending === undefined) return;
    const { section, key, line, parts } = this.#pending;
    this.assignments.push({ section, key, line, value: parts.join('\n') });
    this.#pending = undefined;
  }

  #continue(text: string, line: number): void {
    const pending = this.#pending;
    if (pending === undefined) this.#fail('continuation', line);
    const looksLike = resemblance(text, pending.parts.at(-1) ?? '');
    if (looksLike !== undefined) this.swallowed.push({ line, looksLike, key: pending.key });
    pending.parts.push(text);
  }

  #sectionName(text: string, line: number): string {
    if (!text.endsWith(']')) this.#fail('bracket', line);
    if (text.length <= 2) this.#fail('emptySection', line);
    return text.slice(1, -1);
  }

  #assignment(text: string, line: number): PendingAssignment {
    const separator = text.search(/[:=]/);
    if (separator < 0) this.#fail('separator', line);
    const key = strip(text.slice(0, separator));
    if (key === '') this.#fail('emptyKey', line);
    // oslo.config notices this one only when it stores the value, and so blames a later line.
    if (this.#section === undefined) this.#fail('noSection', line);
    return { section: this.#section, key, line, parts: [unquote(strip(text.slice(separator + 1)))] };
  }

  #fail(kind: keyof typeof PROBLEMS, line: number): never {
    const { message, hint } = PROBLEMS[kind];
    const file = printable(this.#file);
    throw new ConfigError('CONFIG_PARSE', `Cannot parse ${file}:${line}: ${message}`, {
      hint: this.#hasMark && line === 1 ? markHint(file) : `${hint}; to edit it: ${editCommand(file, line)}`,
      details: { file: this.#file, line, problem: message },
    });
  }
}

/** One pair of equal quotes around the whole is dropped; there are no escapes, and a lone quote is a pair of its own. */
function unquote(value: string): string {
  const first = value.charAt(0);
  if ((first === '"' || first === "'") && value.endsWith(first)) return value.slice(1, -1);
  return value;
}

/** What an indented line looks like. Where the line above ends in a comma, the value is a list that goes on. */
function resemblance(text: string, above: string): SwallowedLine['looksLike'] | undefined {
  if (text.startsWith('#') || text.startsWith(';')) return 'comment';
  if (above.endsWith(',')) return undefined;
  if (/^\[[^[\]]+\]$/.test(text)) return 'section';
  return /^[A-Za-z_][\w-]*\s*=/.test(text) ? 'setting' : undefined;
}

function markHint(file: string): string {
  return `The file starts with a byte order mark, which oslo.config takes for text: remove it, for example with sed -i '1s/^\\xEF\\xBB\\xBF//' ${shellWord(file)}`;
}
