import { Scalar, stringify } from 'yaml';
import { hasUnprintable, printableJson } from '../text/printable.ts';
import { inBatches, isList, joinToChunks } from './chunks.ts';

/**
 * YAML, escaped so that a terminal may show it without changing what it means: a text with control characters is
 * double-quoted, where YAML knows the escapes of JSON. Import this file lazily: the package yaml is large. (Not the
 * package itself: of a CommonJS package, a lazy import has in the bundle no names but `default`.)
 */

const STRINGIFY_OPTIONS = {
  // No folding: a line of output is a line of the list.
  lineWidth: 0,
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  // `no`, `2026-11-20` and the like are quoted, for readers of YAML 1.1 such as PyYAML would not take them for texts.
  compat: 'yaml-1.1',
  aliasDuplicateObjects: false,
} as const;

function quoteUnprintable(_key: unknown, value: unknown): unknown {
  if (typeof value !== 'string' || !hasUnprintable(value)) return value;
  const scalar = new Scalar(value);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

/** A value as a YAML document, with a line feed at the end. */
export function renderYaml(value: unknown): string {
  return printableJson(stringify(value, quoteUnprintable, STRINGIFY_OPTIONS));
}

function* renderItems(items: Iterable<unknown>): Iterable<string> {
  let isEmpty = true;
  for (const batch of inBatches(items)) {
    isEmpty = false;
    yield renderYaml(batch);
  }
  if (isEmpty) yield '[]\n';
}

/** A list below its key; what has no items stands beside it. */
function* renderList(key: string, items: Iterable<unknown>): Iterable<string> {
  let isEmpty = true;
  for (const batch of inBatches(items)) {
    // Each text is on one line, whatever is in it: only layout is indented.
    const text = renderYaml(batch).trimEnd().replaceAll('\n', '\n  ');
    yield isEmpty ? `${renderYaml({ [key]: 0 }).replace(/ 0\n$/, '\n')}  ${text}\n` : `  ${text}\n`;
    isEmpty = false;
  }
  if (isEmpty) yield renderYaml({ [key]: [] });
}

function* renderFields(fields: Readonly<Record<string, unknown>>): Iterable<string> {
  for (const [key, value] of Object.entries(fields)) {
    if (isList(value)) yield* renderList(key, value);
    else yield renderYaml({ [key]: value });
  }
}

/**
 * Objects as the sequence that `renderYaml` gives for them together, made piece by piece.
 *
 * @param items taken one by one as chunks are asked for
 */
export function renderYamlArray(items: Iterable<object>): Iterable<string> {
  return joinToChunks(renderItems(items));
}

/**
 * An object as the mapping that `renderYaml` gives for it, made piece by piece.
 *
 * @param fields of what JSON knows, none undefined, at least one; the items of a list are taken one by one as chunks are
 *   asked for
 */
export function renderYamlObject(fields: Readonly<Record<string, unknown>>): Iterable<string> {
  return joinToChunks(renderFields(fields));
}
