import type { Column } from './column.ts';
import { renderJsonObject } from './json-text.ts';
import type { OutputFormat } from './output-format.ts';
import { recordsOf, renderRecords } from './records.ts';

/** What a run says about itself: an object as a whole, and a list within it. */
export interface Report<R> {
  /** All but the list, made of what JSON knows, keys in snake case. */
  readonly head: Readonly<Record<string, unknown>>;
  readonly items: readonly R[];
  readonly columns: readonly Column<R>[];
}

/**
 * A report as text: the whole object in `json` and `yaml`, its list as the last field `items`; only that list in the
 * other formats. Both may be long: text is made chunk by chunk.
 *
 * @returns chunks of text, to be written as they are
 */
export async function renderReport<R>(report: Report<R>, format: OutputFormat): Promise<Iterable<string>> {
  const { head, items, columns } = report;
  if (format === 'json') return renderJsonObject({ ...head, items: recordsOf(items, columns) });
  if (format === 'yaml') {
    const { renderYamlObject } = await import('./yaml-text.ts');
    return renderYamlObject({ ...head, items: recordsOf(items, columns) });
  }
  return renderRecords(items, columns, format);
}
