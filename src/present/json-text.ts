import { printableJson } from '../text/printable.ts';
import { isList, joinToChunks } from './chunks.ts';

/**
 * A value as JSON over several lines, indented by 2, with a line feed at the end. Escaped so that a terminal may
 * show it; what it means is unchanged.
 */
export function renderJson(value: unknown): string {
  return `${printableJson(JSON.stringify(value, null, 2))}\n`;
}

/** The same without the line feed, for a place within another value. */
function renderWithin(value: unknown, indent: string): string {
  return renderJson(value).trimEnd().replaceAll('\n', `\n${indent}`);
}

function* renderItems(items: Iterable<unknown>, indent: string): Iterable<string> {
  let before = '[\n';
  for (const item of items) {
    yield `${before}${indent}  ${renderWithin(item, `${indent}  `)}`;
    before = ',\n';
  }
  yield before === '[\n' ? '[]' : `\n${indent}]`;
}

function* renderLines(items: Iterable<object>): Iterable<string> {
  yield* renderItems(items, '');
  yield '\n';
}

function* renderFields(fields: Readonly<Record<string, unknown>>): Iterable<string> {
  let before = '{\n';
  for (const [key, value] of Object.entries(fields)) {
    yield `${before}  ${renderWithin(key, '')}: `;
    if (isList(value)) yield* renderItems(value, '  ');
    else yield renderWithin(value, '  ');
    before = ',\n';
  }
  yield before === '{\n' ? '{}\n' : '\n}\n';
}

/**
 * Objects as the text that `renderJson` gives for them in one array, made piece by piece.
 *
 * @param items taken one by one as chunks are asked for
 */
export function renderJsonArray(items: Iterable<object>): Iterable<string> {
  return joinToChunks(renderLines(items));
}

/**
 * An object as the text that `renderJson` gives for it, made piece by piece.
 *
 * @param fields of what JSON knows, none undefined; the items of a list are taken one by one as chunks are asked for
 */
export function renderJsonObject(fields: Readonly<Record<string, unknown>>): Iterable<string> {
  return joinToChunks(renderFields(fields));
}
