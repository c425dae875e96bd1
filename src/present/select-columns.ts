import { UsageError } from '../errors/cache-error.ts';
import { printable } from '../text/printable.ts';
import type { Column } from './column.ts';

/**
 * The column that a user names, by key or by title, in any case.
 *
 * @throws UsageError `USAGE` where there is none
 */
export function findColumn<R>(columns: readonly Column<R>[], name: string): Column<R> {
  const wanted = name.trim().toLowerCase();
  const found = columns.find(({ key, title }) => key.toLowerCase() === wanted || title.toLowerCase() === wanted);
  if (found !== undefined) return found;
  const keys = columns.map(({ key }) => key);
  throw new UsageError('USAGE', `Cannot find column '${printable(name)}': there is no such column`, {
    hint: `Use one of ${keys.join(', ')}, as in --column ${keys[0] ?? ''}`,
    details: { column: name, columns: keys },
  });
}

/**
 * The columns that a user names, in the order given, each once.
 *
 * @param columns all there are
 * @param names keys or titles, in any case; none means all columns
 * @throws UsageError `USAGE` for a name that is none
 */
export function selectColumns<R>(columns: readonly Column<R>[], names: readonly string[]): readonly Column<R>[] {
  if (names.length === 0) return columns;
  return [...new Set(names.map((name) => findColumn(columns, name)))];
}
