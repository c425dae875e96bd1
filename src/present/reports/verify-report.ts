/**
 * What a verification says of a cache.
 */

import { countOf, type SizeText } from '../../text/amounts.ts';
import { printable } from '../../text/printable.ts';
import { repairCommand } from '../../use-cases/verify/repair-command.ts';
import type { UnverifiedReason, VerifyItem, VerifyReport } from '../../use-cases/verify/verify-report.ts';
import type { Column } from '../column.ts';
import type { Report } from '../report.ts';
import { strangersSentence } from './removal-text.ts';

/** The findings with the errors first, each in the order in which they were made. */
export function gravestFirst(items: readonly VerifyItem[]): readonly VerifyItem[] {
  const isError = ({ severity }: VerifyItem): boolean => severity === 'error';
  return [...items.filter(isError), ...items.filter((item) => !isError(item))];
}

/** The sentences that head the report of a verification. */
export function verifySentences(report: VerifyReport, size: SizeText): readonly string[] {
  const { foreign, foreignRows } = report;
  const strangers = [...foreign.filter(({ kind }) => kind !== 'lock').map(({ name }) => name), ...foreignRows];
  return [
    checkedSentence(report),
    ...readSentence(report, size),
    ...unverifiedSentences(report),
    ...adviceSentences(report),
    ...strangersSentence(strangers),
  ];
}

function checkedSentence(report: VerifyReport): string {
  const { items, checkedImages, dryRun, repair } = report;
  const checked = `Checked ${countOf(checkedImages, 'image')} in ${printable(report.cacheDir)}`;
  if (items.length === 0) return `${checked}: nothing is wrong.`;
  const errors = items.filter(({ severity }) => severity === 'error').length;
  const hints = items.length - errors;
  const counts = [
    ...(errors > 0 ? [countOf(errors, 'error')] : []),
    ...(hints > 0 ? [countOf(hints, 'hint')] : []),
  ].join(', ');
  if (dryRun) return `${checked}: ${counts} (dry run: nothing was changed).`;
  if (!repair) return `${checked}: ${counts}.`;
  const mended = items.filter(({ result }) => result === 'done').length;
  if (mended < items.length) return `${checked}: ${counts}; mended ${mended} of ${items.length}.`;
  return `${checked}: ${counts}; all of it is mended.`;
}

function readSentence({ readData, readImages, readBytes }: VerifyReport, size: SizeText): readonly string[] {
  if (!readData) return [];
  if (readImages === 0) return ['Compared no image with Glance.'];
  return [`Read ${size(readBytes)}, and compared ${countOf(readImages, 'image')} with Glance.`];
}

/** Why images could not be compared, and what helps. */
const UNVERIFIED: Readonly<Record<Exclude<UnverifiedReason, 'failed'>, readonly [why: string, next: string]>> = {
  'not-visible': ['Glance does not show them to this account', 'An account with a role called "admin" sees all'],
  'none-known': [
    'Glance knows not one of the images that it was asked about',
    'Check that auth_url and region are those of the cloud that this cache belongs to',
  ],
  'no-hash': ['Glance has no hash of them', 'To be sure of one, delete it from the cache: it is fetched again'],
  changed: ['they changed meanwhile', 'Run the command again'],
  stopped: ['the run was stopped', 'Run the command again'],
};

const IDS_SHOWN = 5;
const ERRORS_SHOWN = 5;

function unverifiedSentences({ unverified }: VerifyReport): readonly string[] {
  const idsOf = (wanted: UnverifiedReason): readonly string[] =>
    unverified.filter(({ reason }) => reason === wanted).map(({ imageId }) => imageId);
  const sentences: string[] = [];
  for (const [reason, [why, next]] of Object.entries(UNVERIFIED)) {
    const ids = unverified.filter((image) => image.reason === reason).map(({ imageId }) => imageId);
    if (ids.length > 0) sentences.push(`Not compared, as ${why}: ${listOf(ids)}. ${next}.`);
  }
  const failed = idsOf('failed');
  if (failed.length === 0) return sentences;
  const messages = new Set(unverified.flatMap(({ error }) => (error === undefined ? [] : [error.message])));
  const shown = [...messages].slice(0, ERRORS_SHOWN).map((message) => `${printable(message)}.`);
  const more = messages.size - shown.length;
  return [
    ...sentences,
    `Not compared, because of errors: ${listOf(failed)}.`,
    ...shown,
    ...(more > 0 ? [`And ${countOf(more, 'more error', 'more errors')}: see --format json.`] : []),
  ];
}

function listOf(ids: readonly string[]): string {
  const more = ids.length > IDS_SHOWN ? ` and ${ids.length - IDS_SHOWN} more` : '';
  return `${ids.slice(0, IDS_SHOWN).join(', ')}${more}`;
}

function adviceSentences(report: VerifyReport): readonly string[] {
  const { items, repair, dryRun, readData, setAside } = report;
  const sentences: string[] = [];
  if (!readData && items.some(({ reason }) => reason === 'wrong-size')) {
    sentences.push('Which of the two sizes is right, and whether a file was cut, only --read-data can tell.');
  }
  if (setAside !== undefined) sentences.push(`The damaged index lies in ${printable(setAside)} now.`);
  if (items.some(({ action, result }) => action === 'retire' && result === 'done')) {
    sentences.push('What was damaged lies in invalid/, until glance-cache-cleaner removes it.');
  }
  // The error that damage ends the run with says it by itself.
  if (!repair && !dryRun && items.length > 0 && items.every(({ severity }) => severity === 'hint')) {
    const kinds = items.flatMap(({ reason = '' }) => reason);
    sentences.push(`Run "${repairCommand(kinds)}" to mend that; with --dry-run it shows first what it would do.`);
  }
  return sentences;
}

/** The report of a verification for the machine formats. */
export function verifyRecord(report: VerifyReport, columns: readonly Column<VerifyItem>[]): Report<VerifyItem> {
  const items = gravestFirst(report.items);
  const severities = items.map(({ severity }) => severity);
  return {
    head: {
      program: 'glance-cache-manage',
      command: 'verify',
      dry_run: report.dryRun,
      repair: report.repair,
      read_data: report.readData,
      cache_dir: report.cacheDir,
      checked_images: report.checkedImages,
      read_images: report.readImages,
      read_bytes: report.readBytes,
      errors: severities.filter((severity) => severity === 'error').length,
      hints: severities.filter((severity) => severity === 'hint').length,
      set_aside: report.setAside ?? null,
      unverified: report.unverified.map(({ imageId, reason, error }) => ({
        image_id: imageId,
        reason,
        error: error?.code ?? null,
        message: error?.message ?? null,
      })),
      absent: report.absent,
      foreign: report.foreign,
      foreign_rows: report.foreignRows,
    },
    items,
    columns,
  };
}
