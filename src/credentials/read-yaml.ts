import { LineCounter, type Node, parseDocument, visit } from 'yaml';
import { ConfigError } from '../errors/cache-error.ts';
import { editCommand } from '../errors/next-step.ts';
import { printable } from '../text/printable.ts';

/**
 * YAML, and JSON, which is part of it, with every scalar as the text that is written: a password of digits stays one, and
 * so does the ID `1e5`. Import this file lazily: the package yaml is large. No message of the package is passed on, for
 * it quotes the file, and the file holds passwords.
 */

/** A value of a YAML document; null for what is left empty. */
export type YamlValue = string | null | readonly YamlValue[] | YamlMap;

/** A mapping. */
export type YamlMap = ReadonlyMap<string, YamlValue>;

const PARSE_OPTIONS = {
  // The schema without numbers, dates and booleans, plus the two things of others that clouds.yaml is written with.
  schema: 'failsafe',
  customTags: ['null', 'merge'],
  resolveKnownTags: false,
  // As in PyYAML, the last of several entries with one key counts.
  uniqueKeys: false,
  prettyErrors: false,
  // The second of two documents in a file is an error only at this level.
  logLevel: 'error',
} satisfies Parameters<typeof parseDocument>[1];

/** A file of some lines that unfolds into gigabytes is refused; one with a common part for each of its clouds is not. */
const TO_JS_OPTIONS = { mapAsMap: true, maxAliasCount: 10_000 } as const;

/** What anything written so becomes here is known: the text, the list or the mapping that it is. */
const STANDARD_TAG = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|seq|map)$/;

/**
 * The value of a document.
 *
 * @param path of the file, for messages
 * @throws ConfigError CONFIG_CLOUDS where it is no YAML, or holds what only a program of its own would understand
 */
export function parseYaml(path: string, text: string): YamlValue {
  const lines = new LineCounter();
  const document = parseDocument(text, { ...PARSE_OPTIONS, lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) {
    throw yamlError(path, lines.linePos(error.pos[0]).line, `it is not valid YAML (${error.code})`);
  }
  const lineOf = (node: { readonly range?: Node['range'] }): number => lines.linePos(node.range?.[0] ?? 0).line;
  const anchors = new Set<string>();
  visit(document, {
    Value(_, node) {
      if (node.anchor !== undefined) anchors.add(node.anchor);
      if (node.tag === undefined || STANDARD_TAG.test(node.tag)) return;
      throw yamlError(path, lineOf(node), 'it has a tag, a word that begins with "!"');
    },
    Alias(_, node) {
      if (anchors.has(node.source)) return;
      throw yamlError(path, lineOf(node), 'a word that begins with "*" refers to nothing above it');
    },
  });
  try {
    return plain(document.toJS(TO_JS_OPTIONS));
  } catch {
    throw yamlError(path, undefined, 'its references, "*" and "<<", lead in a circle or to too much, or to no mapping');
  }
}

function plain(value: unknown): YamlValue {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return null;
  const entries = new Map<string, YamlValue>();
  for (const [key, inner] of value) if (typeof key === 'string') entries.set(key, plain(inner));
  return entries;
}

function yamlError(path: string, line: number | undefined, problem: string): ConfigError {
  const where = `${printable(path)}${line === undefined ? '' : `:${line}`}`;
  return new ConfigError('CONFIG_CLOUDS', `Cannot parse ${where}: ${problem}`, {
    hint: `Check the indentation, and put values with special characters, passwords above all, in single quotes; to edit it: ${editCommand(path, line)}`,
    details: { file: path, ...(line === undefined ? {} : { line }), problem },
  });
}
