import { Scalar, stringify } from 'yaml';
import { hasUnprintable, printableJson } from '../text/printable.ts';
import { joinToChunks } from './chunks.ts';

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

function* renderItems(items: Iterable<object>): Iterable<string> {
  let count = 0;
  for (const item of items) {
    count += 1;
    yield renderYaml([item]);
  }
  if (count === 0) yield '[]\n';
}

/**
 * Objects as the sequence that `renderYaml` gives for them together, made piece by piece.
 *
 * @param items taken one by one as chunks are asked for
 */
export function renderYamlArray(items: Iterable<object>): Iterable<string> {
  return joinToChunks(renderItems(items));
}
