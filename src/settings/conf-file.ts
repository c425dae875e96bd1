import { parse } from 'ini';
import { ConfigError } from '../errors/cache-error.ts';
import { shellWord } from '../errors/next-step.ts';
import { printable } from '../text/printable.ts';
import { type Assignment, type SwallowedLine, scanConf } from './scan-conf.ts';

/**
 * The content of one configuration file. The package ini does the parsing, behind a layer that makes the dialect exact:
 * left alone it cuts values at `#` and `;`, which shortens passwords, turns words into booleans, nests sections at dots
 * and keeps only the last of several values. So names and values reach it in hexadecimal, where it has nothing to
 * interpret, each with a letter in front, because it would reorder names that look like numbers. The only importer of ini.
 */

/** A configuration file that was read. */
export interface ConfFile {
  readonly path: string;
  /** In the order of the file. */
  readonly assignments: readonly Assignment[];
  /** Lines that probably do not mean what their author thinks, one sentence each. */
  readonly warnings: readonly string[];
  /** The same lines as data, in the same order. */
  readonly swallowed: readonly SwallowedLine[];
}

/**
 * What a configuration file says.
 *
 * @param path its path, for messages
 * @param bytes its content
 * @throws ConfigError CONFIG_PARSE when it is not UTF-8, or not in the form oslo.config reads
 */
export function parseConfFile(path: string, bytes: Uint8Array): ConfFile {
  const { assignments, swallowed } = scanConf(path, decodeUtf8(path, bytes));
  return {
    path,
    assignments: decodeIni(parse(encodeIni(assignments))),
    warnings: swallowed.map((line) => swallowedWarning(path, line)),
    swallowed,
  };
}

function encodeIni(assignments: readonly Assignment[]): string {
  const lines: string[] = [];
  let section: string | undefined;
  for (const assignment of assignments) {
    if (assignment.section !== section) {
      section = assignment.section;
      lines.push(`[s${toHex(section)}]`);
    }
    // The brackets make ini collect all values of a key in an array, over repeated sections too.
    lines.push(`k${toHex(assignment.key)}[]=v${assignment.line}:${toHex(assignment.value)}`);
  }
  return lines.join('\n');
}

function decodeIni(sections: Readonly<Record<string, unknown>>): readonly Assignment[] {
  return Object.entries(sections)
    .flatMap(([section, keys]) =>
      Object.entries(keys as Readonly<Record<string, readonly string[]>>).flatMap(([key, values]) =>
        values.map((value) => {
          const [line = '', text = ''] = value.slice(1).split(':');
          return {
            section: fromHex(section.slice(1)),
            key: fromHex(key.slice(1)),
            value: fromHex(text),
            line: Number(line),
          };
        }),
      ),
    )
    .sort((a, b) => a.line - b.line);
}

function toHex(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex');
}

function fromHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString('utf8');
}

/** Strict, because oslo.config is; and a byte order mark stays, because oslo.config keeps it. */
const UTF8 = { fatal: true, ignoreBOM: true } as const;

function decodeUtf8(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', UTF8).decode(bytes);
  } catch (cause) {
    const line = firstInvalidLine(bytes);
    throw new ConfigError('CONFIG_PARSE', `Cannot parse ${printable(path)}:${line}: Invalid UTF-8`, {
      hint: `Save the file as UTF-8, comments included; an older one becomes that with: iconv -f latin1 -t utf8 ${shellWord(path)} -o ${shellWord(`${path}.utf8`)}`,
      details: { file: path, line, problem: 'Invalid UTF-8' },
      cause,
    });
  }
}

/** No byte of a multi-byte character equals a line end, so each line can be judged alone. */
function firstInvalidLine(bytes: Uint8Array): number {
  const lines = Buffer.from(bytes)
    .toString('latin1')
    .split(/\r\n|\n|\r/);
  const isInvalid = (line: string): boolean => {
    try {
      new TextDecoder('utf-8', UTF8).decode(Buffer.from(line, 'latin1'));
      return false;
    } catch {
      return true;
    }
  };
  return lines.findIndex(isInvalid) + 1;
}

const DESCRIPTIONS: Readonly<Record<SwallowedLine['looksLike'], string>> = {
  comment: 'indented comment',
  setting: 'indented setting',
  section: 'indented section',
};

function swallowedWarning(path: string, { line, looksLike, key }: SwallowedLine): string {
  const what = DESCRIPTIONS[looksLike];
  return `${printable(path)}:${line}: this ${what} is read as a part of the value of ${printable(key)} above it; remove the blanks at its start if it is meant to stand alone`;
}
