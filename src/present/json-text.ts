import { printableJson } from '../text/printable.ts';
import { joinToChunks } from './chunks.ts';

/**
 * A value as JSON over several lines, indented by 2, with a line feed at the end. Escaped so that a terminal may
 * show it; what it means is unchanged.
 */
export function renderJson(value: unknown): string {
  return `${printableJson(JSON.stringify(value, null, 2))}\n`;
}

function* renderItems(items: Iterable<object>): Iterable<string> {
  let before = '[\n';
  for (const item of items) {
    yield `${before}  ${renderJson(item).trimEnd().replaceAll('\n', '\n  ')}`;
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

/**
 * Objects as the text that `renderJson` gives for them in one array, made piece by piece.
 *
 * @param items taken one by one as chunks are asked for
 */
export function renderJsonArray(items: Iterable<object>): Iterable<string> {
  return joinToChunks(renderItems(items));
}
