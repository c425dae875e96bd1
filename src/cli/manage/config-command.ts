/**
 * config: every option with its value and where that comes from. Needs no cache: it is for finding out why none is
 * found.
 */
import { createRedactor, type Redactor } from '../../log/redact.ts';
import type { Column } from '../../present/column.ts';
import { selectColumns } from '../../present/select-columns.ts';
import { sortRows } from '../../present/sort-rows.ts';
import { describeOrigin, type EffectiveOption, type Origin } from '../../settings/resolve.ts';
import { FORMAT } from '../common-flags.ts';
import { settingsOf } from '../open-run.ts';
import { wantsColor } from '../output.ts';
import type { Command } from '../program.ts';
import { COLUMN, SORT_COLUMN } from './manage-flags.ts';
import { showList } from './show-list.ts';

const COLUMNS: readonly Column<EffectiveOption>[] = [
  { key: 'group', title: 'Group', align: 'left', text: ({ group }) => group, value: ({ group }) => group },
  { key: 'name', title: 'Name', align: 'left', text: ({ name }) => name, value: ({ name }) => name },
  {
    key: 'value',
    title: 'Value',
    align: 'left',
    text: ({ value }) => value ?? '',
    value: ({ value }) => value ?? null,
  },
  {
    key: 'origin',
    title: 'Origin',
    align: 'left',
    text: ({ origin }) => describeOrigin(origin),
    value: ({ origin }) => describeOrigin(origin),
  },
];

const EXTRA_COLUMNS: readonly Column<EffectiveOption>[] = [
  originColumn('origin_kind', ({ kind }) => kind),
  originColumn('origin_file', (origin) => (origin.kind === 'file' ? origin.file : null)),
  originColumn('origin_line', (origin) => (origin.kind === 'file' ? origin.line : null)),
  {
    key: 'problem',
    title: 'Problem',
    align: 'left',
    text: ({ problem }) => problem ?? '',
    value: ({ problem }) => problem ?? null,
  },
];

const ALL_COLUMNS = [...COLUMNS, ...EXTRA_COLUMNS];

function redactedTexts({ value, problem }: EffectiveOption, redact: Redactor): Partial<EffectiveOption> {
  return {
    ...(value === undefined ? {} : { value: redact(value) }),
    ...(problem === undefined ? {} : { problem: redact(problem) }),
  };
}

function originColumn(key: string, value: (origin: Origin) => string | number | null): Column<EffectiveOption> {
  return {
    key,
    title: key,
    align: 'left',
    text: ({ origin }) => String(value(origin) ?? ''),
    value: ({ origin }) => value(origin),
  };
}

/** The command. */
export const configCommand: Command = {
  name: 'config',
  summary: 'Show every option, its value and where that comes from',
  flags: [COLUMN, SORT_COLUMN],
  examples: [
    { line: 'glance-cache-manage config', does: 'All options; secrets are masked.' },
    { line: 'glance-cache-manage config --format json', does: 'The same, with file and line of each value.' },
  ],
  async run(call) {
    const { stdout, stderr, env } = call.invocation;
    const settings = settingsOf(call);
    // Secret options are masked already, and those that refer to one. Others may hold one all the same: a URL with a
    // password. Their texts are not searched for the secrets themselves: a password may be an ordinary word.
    const redact = createRedactor([]);
    const rows = settings.effective().map((row) => ({ ...row, ...redactedTexts(row, redact) }));
    const format = call.args.value(FORMAT);
    if (format === undefined || format === 'table') {
      const names = call.args.values(COLUMN);
      const columns = names.length === 0 ? COLUMNS : selectColumns(ALL_COLUMNS, names);
      const sortColumn = call.args.value(SORT_COLUMN);
      const shown = sortColumn === undefined ? rows : sortRows(rows, ALL_COLUMNS, sortColumn);
      const { renderTable } = await import('../../present/table.ts');
      await stdout.write(
        await renderTable({
          head: columns.map(({ title }) => title),
          rows: shown.map((row) => columns.map(({ text }) => text(row))),
          color: wantsColor(stdout, env),
        }),
      );
    } else {
      await showList(call, { rows, columns: ALL_COLUMNS, noun: 'options' });
    }
    for (const { name, problem } of rows)
      if (problem !== undefined) await stderr.write(`WARNING: ${name}: ${problem}\n`);
    for (const warning of settings.warnings) await stderr.write(`WARNING: ${warning}\n`);
  },
};
