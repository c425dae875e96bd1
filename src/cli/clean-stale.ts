/**
 * The part of a cleaner's run that asks Glance. Loaded by a run that does.
 */
import { DiskDigests } from '../cache/digests/disk-digests.ts';
import { HeldFolders } from '../cache/held-folders.ts';
import { createRedactor } from '../log/redact.ts';
import { staleSentences } from '../present/reports/stale-report.ts';
import { OPTIONS } from '../settings/options.ts';
import type { SizeText } from '../text/amounts.ts';
import type { CleanReport, CleanRequest } from '../use-cases/clean.ts';
import { sumRemoved } from '../use-cases/report.ts';
import { removeStale } from '../use-cases/stale/remove-stale.ts';
import type { StaleResult } from '../use-cases/stale/stale-run.ts';
import type { FoundCredentials } from './cloud/find-credentials.ts';
import { withReading } from './manage/verify-reading.ts';
import type { OpenRun } from './open-run.ts';
import type { Call } from './program.ts';

/** A report, and what is said of it beside the cleaner's own sentences. */
export interface ToldReport {
  readonly report: CleanReport;
  readonly sentences: (size: SizeText) => readonly string[];
}

/** What was done before, and what is to be done. */
interface Cleaned {
  readonly cleaned: CleanReport;
  readonly request: Pick<CleanRequest, 'dryRun' | 'imageIds'>;
  readonly found: FoundCredentials;
}

/**
 * Removes stale images, after a clean and whatever came of that.
 *
 * @returns the report of both; what kept Glance from being asked is its failure
 */
export async function cleanStale(call: Call, run: OpenRun, done: Cleaned): Promise<ToldReport> {
  const report = run.access.signal.aborted ? done.cleaned : await cleanBoth(call, run, done);
  return { report, sentences: (size) => staleSentences(report, size) };
}

async function cleanBoth(call: Call, run: OpenRun, done: Cleaned): Promise<CleanReport> {
  const { cleaned } = done;
  try {
    return joined(cleaned, masked(call, await askAndRemove(call, run, done)));
  } catch (error) {
    return cleaned.failure === undefined
      ? { ...cleaned, failure: error }
      : { ...cleaned, errors: [...cleaned.errors, error] };
  }
}

async function askAndRemove(call: Call, run: OpenRun, { request, found }: Cleaned): Promise<StaleResult> {
  const { access, settings, log } = run;
  const { dryRun, imageIds } = request;
  const folders = new HeldFolders(access.layout.root);
  try {
    return await withReading(call, run, { subset: undefined, found }, ({ glance, hashers, watch }) =>
      removeStale({
        ...{ access, glance, hashers, watch },
        memory: new DiskDigests(access.layout, folders),
        request: { dryRun, imageIds, limitPercent: settings.get(OPTIONS.staleLimit) },
        onNote: (note) => log.debug(note),
      }),
    );
  } finally {
    folders.close();
  }
}

/** Errors of servers are among the items: what they repeat of a token is masked. */
function masked({ invocation }: Call, result: StaleResult): StaleResult {
  const redact = createRedactor(invocation.secrets);
  const items = result.items.map((item) =>
    item.error === undefined ? item : { ...item, error: { ...item.error, message: redact(item.error.message) } },
  );
  return { ...result, items };
}

function joined(cleaned: CleanReport, { summary, ...stale }: StaleResult): CleanReport {
  const items = [...cleaned.items, ...stale.items];
  const failures = [cleaned.failure, stale.failure].filter((failure) => failure !== undefined);
  return {
    ...cleaned,
    items,
    errors: [...cleaned.errors, ...stale.errors, ...failures.slice(1)],
    failure: failures[0],
    unfreed: stale.unfreed ?? 0,
    freedBytes: sumRemoved(items).bytes,
    stale: summary,
  };
}
