/**
 * config: every option with its value and where that comes from. Needs no cache: it is for finding out why none is
 * found.
 */
import { createRedactor, type Redactor } from '../../log/redact.ts';
import type { Column } from '../../present/column.ts';
import { describeOrigin, type EffectiveOption, type Origin } from '../../settings/resolve.ts';
import { settingsOf } from '../open-run.ts';
import type { Command } from '../program.ts';
import { COLUMN, SORT_COLUMN } from './manage-flags.ts';
import { showTable } from './show-table.ts';

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
    const { stderr } = call.invocation;
    const settings = settingsOf(call);
    // Secret options are masked already, and those that refer to one. Others may hold one all the same: a URL with a
    // password. Their texts are not searched for the secrets themselves: a password may be an ordinary word.
    const redact = createRedactor([]);
    const rows = settings.effective().map((row) => ({ ...row, ...redactedTexts(row, redact) }));
    await showTable(call, { rows, columns: COLUMNS, extraColumns: EXTRA_COLUMNS, noun: 'options' });
    for (const { name, problem } of rows)
      if (problem !== undefined) await stderr.write(`WARNING: ${name}: ${problem}\n`);
    for (const warning of settings.warnings) await stderr.write(`WARNING: ${warning}\n`);
  },
};
