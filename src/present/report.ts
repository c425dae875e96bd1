import type { Column } from './column.ts';
import { renderJson } from './json-text.ts';
import type { OutputFormat } from './output-format.ts';
import { renderRecords } from './records.ts';

/** What a run says about itself: an object as a whole, and a list within it. */
export interface Report<R> {
  /** Everything, made of what JSON knows, keys in snake case; the list included. */
  readonly whole: Readonly<Record<string, unknown>>;
  readonly items: readonly R[];
  readonly columns: readonly Column<R>[];
}

/**
 * A report as text: the whole object in `json` and `yaml`, only its list in the other formats.
 *
 * @returns chunks of text, to be written as they are
 */
export async function renderReport<R>(report: Report<R>, format: OutputFormat): Promise<Iterable<string>> {
  if (format === 'json') return [renderJson(report.whole)];
  if (format === 'yaml') {
    const { renderYaml } = await import('./yaml-text.ts');
    return [renderYaml(report.whole)];
  }
  return renderRecords(report.items, report.columns, format);
}
