/**
 * The findings of a check: as a text for people, and as fields for programs.
 */

import { countOf } from '../../text/amounts.ts';
import { printable } from '../../text/printable.ts';
import type { CheckFinding, Severity } from '../../use-cases/check/finding.ts';
import type { Column } from '../column.ts';
import { loadPaint, type Paint } from '../paint.ts';
import type { Report } from '../report.ts';
import { wrapped } from '../wrapped.ts';

/** What was checked, and what was found. */
export interface CheckReport {
  /** Gravest first. */
  readonly findings: readonly CheckFinding[];
  /** How many things were looked at. */
  readonly checks: number;
  /** The configuration files, in the order in which they were read. */
  readonly files: readonly string[];
  /** Undefined where none can be used. */
  readonly cacheDir: string | undefined;
  /** Whether warnings count as errors do. */
  readonly strict: boolean;
  /** Files that glance-api reads only when it starts. */
  readonly filesOfGlanceApi: readonly string[];
}

/** How many findings there are of each severity. */
export type SeverityCounts = Readonly<Record<Severity, number>>;

/** Counts findings. */
export function countSeverities(findings: readonly CheckFinding[]): SeverityCounts {
  const count = (wanted: Severity): number => findings.filter(({ severity }) => severity === wanted).length;
  return { error: count('error'), warning: count('warning'), note: count('note') };
}

/** The counts as a part of a sentence: "3 errors, 2 warnings"; what there is none of is left out. */
export function describeCounts(counts: SeverityCounts): string {
  return (['error', 'warning', 'note'] as const)
    .filter((severity) => counts[severity] > 0)
    .map((severity) => countOf(counts[severity], severity))
    .join(', ');
}

/** The columns of the findings. */
export const CHECK_COLUMNS: readonly Column<CheckFinding>[] = [
  column('severity', 'Severity', ({ severity }) => severity),
  column('check', 'Check', ({ check }) => check),
  column('message', 'Message', ({ message }) => message),
  column('reason', 'Reason', ({ reason }) => reason),
  column('file', 'File', ({ change }) => change?.file ?? null),
  column('line', 'Line', ({ change }) => change?.line ?? null),
  column('text', 'Text', ({ change }) => change?.text ?? null),
  column('command', 'Command', ({ command }) => command ?? null),
];

function column(
  key: string,
  title: string,
  value: (finding: CheckFinding) => string | number | null,
): Column<CheckFinding> {
  return { key, title, align: 'left', text: (finding) => String(value(finding) ?? ''), value };
}

/** The findings for the machine formats. */
export function checkRecord(report: CheckReport, columns: readonly Column<CheckFinding>[]): Report<CheckFinding> {
  const { findings, checks, files, cacheDir, strict } = report;
  const { error, warning, note } = countSeverities(findings);
  return {
    head: {
      program: 'glance-cache-manage',
      command: 'check',
      strict,
      checks,
      cache_dir: cacheDir ?? null,
      files,
      errors: error,
      warnings: warning,
      notes: note,
    },
    items: findings,
    columns,
  };
}

/** How the text is to look. */
export interface CheckTextStyle {
  readonly color: boolean;
  /** Columns of the terminal; undefined where lines are not to be broken. */
  readonly width: number | undefined;
}

/** The findings as a text for people. */
export async function renderCheckText(report: CheckReport, { color, width }: CheckTextStyle): Promise<string> {
  const { findings, checks, files, cacheDir, filesOfGlanceApi } = report;
  const paint = await loadPaint(color);
  const looked = `${countOf(checks, 'check')} of ${lookedAt(files, cacheDir)}`;
  if (findings.length === 0) return `${paint.good('Nothing is wrong:')} ${looked}.\n`;
  const blocks = findings.map((finding) => blockOf(finding, paint, width));
  const counts = `${paint.heading(describeCounts(countSeverities(findings)))} in ${looked}.`;
  const restarts = findings.some(({ change }) => change !== undefined && filesOfGlanceApi.includes(change.file));
  const restart = restarts ? 'glance-api reads its files when it starts: restart it after a change.\n' : '';
  return `${blocks.join('\n')}\n${counts}\n${restart}`;
}

function lookedAt(files: readonly string[], cacheDir: string | undefined): string {
  const cache = cacheDir === undefined ? [] : [`the cache in ${cacheDir}`];
  const all = [...files, ...cache].map(printable);
  if (all.length === 0) return 'this node, without any configuration file';
  return all.length === 1 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1) ?? ''}`;
}

const LABEL_WIDTH = 6;

function blockOf(finding: CheckFinding, paint: Paint, width: number | undefined): string {
  const { severity, check, message, reason, change, command } = finding;
  const label = (text: string): string => `  ${paint.quiet(text.padEnd(LABEL_WIDTH))}`;
  const paragraph = (text: string, sentence: string): string[] => {
    const [first = '', ...rest] = wrapped(`${printable(sentence)}.`, roomIn(width));
    return [`${label(text)}${first}`, ...rest.map((line) => `${' '.repeat(LABEL_WIDTH + 2)}${line}`)];
  };
  const lines = [
    `${painted(severity, paint)} ${paint.heading(check)}`,
    ...paragraph('', message),
    ...paragraph('why', reason),
  ];
  // Never broken: it is to be pasted.
  if (change !== undefined) {
    const place = change.line === undefined ? `add to ${change.file}` : `${change.file}:${change.line}`;
    const text = change.text === '' ? '(remove the line)' : change.text;
    lines.push(`${label('line')}${printable(place)}`, `${' '.repeat(LABEL_WIDTH + 2)}${paint.good(printable(text))}`);
  }
  if (command !== undefined) lines.push(`${label('run')}${printable(command)}`);
  return `${lines.join('\n')}\n`;
}

/** Lines that are too long are hard to read, however wide the terminal is. */
const WIDEST = 100;

function roomIn(width: number | undefined): number {
  if (width === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(20, Math.min(width, WIDEST) - LABEL_WIDTH - 2);
}

function painted(severity: Severity, paint: Paint): string {
  switch (severity) {
    case 'error':
      return paint.error('ERROR');
    case 'warning':
      return paint.warning('WARNING');
    case 'note':
      return paint.quiet('NOTE');
  }
}
