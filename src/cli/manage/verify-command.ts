/**
 * verify: looks whether the cache is sound, and mends it when asked to.
 */
import type { ImageId } from '../../cache/image-id.ts';
import { CacheError, UsageError } from '../../errors/cache-error.ts';
import { createRedactor } from '../../log/redact.ts';
import type { DataSubset } from '../../plan/data-subset.ts';
import { selectColumns } from '../../present/select-columns.ts';
import { OPTIONS } from '../../settings/options.ts';
import { exactSize } from '../../text/amounts.ts';
import type { VerifyReport } from '../../use-cases/verify/verify-report.ts';
import type { VerifyRequest } from '../../use-cases/verify/verify-run.ts';
import { type FoundCredentials, findCredentials } from '../cloud/find-credentials.ts';
import { DRY_RUN } from '../common-flags.ts';
import { finishAfter } from '../finish.ts';
import { type OpenRun, withRun } from '../open-run.ts';
import type { Call, Command } from '../program.ts';
import { showReport } from '../show-report.ts';
import { imageIdsOf } from './image-ids.ts';
import { COLUMN } from './manage-flags.ts';
import { timed } from './show-list.ts';
import { READ_DATA, READ_DATA_SUBSET, REPAIR } from './verify-flags.ts';

/** The command. */
export const verifyCommand: Command = {
  name: 'verify',
  summary: 'Check the cache for damage, and repair it',
  operands: '[IMAGE_ID...]',
  operandsFrom: 'cached',
  logsIn: true,
  flags: [REPAIR, DRY_RUN, READ_DATA, READ_DATA_SUBSET, COLUMN],
  options: [OPTIONS.retries, OPTIONS.stallTimeout],
  examples: [
    { line: 'glance-cache-manage verify', does: 'Compare index and directory, in moments; changes nothing.' },
    { line: 'glance-cache-manage verify --repair --dry-run', does: 'Show what would be mended, and how.' },
    {
      line: 'glance-cache-manage verify --read-data-subset 2/7',
      does: 'Read the second seventh of the images, too; seven such runs read all.',
    },
  ],
  run: async (call) => {
    const request = requestOf(call);
    const wanted = dataWanted(call);
    // Whoever mistypes a column is to hear of it before anything is read or mended.
    const { verifyColumns } = await import('../../present/reports/verify-columns.ts');
    selectColumns(verifyColumns(exactSize), call.args.values(COLUMN));
    await withRun(
      call,
      {
        openFiles: false,
        prepare: async ({ settings }) => (wanted === undefined ? undefined : findCredentials(call, settings)),
      },
      (run, found) =>
        timed(call, async () => {
          const report = await verifyWith(call, run, { request, wanted, found });
          await tell(call, run, report);
          end(run, report);
        }),
    );
  },
};

/** Which images are to be read: undefined for none, and `subset` undefined for all. */
type WantedData = { readonly subset: DataSubset | undefined } | undefined;

function dataWanted({ args }: Call): WantedData {
  const subset = args.value(READ_DATA_SUBSET);
  if (subset === undefined) return args.has(READ_DATA) ? { subset: undefined } : undefined;
  if (!args.has(READ_DATA)) return { subset };
  throw new UsageError('USAGE', 'Cannot use --read-data with --read-data-subset: one is for all images', {
    hint: 'Give --read-data for all images, or --read-data-subset for some of them',
  });
}

function requestOf({ args }: Call): VerifyRequest {
  const imageIds: readonly ImageId[] = imageIdsOf(args.operands);
  return {
    repair: args.has(REPAIR),
    dryRun: args.has(DRY_RUN),
    imageIds: imageIds.length === 0 ? undefined : new Set(imageIds),
  };
}

async function verifyWith(
  call: Call,
  run: OpenRun,
  given: {
    readonly request: VerifyRequest;
    readonly wanted: WantedData;
    readonly found: FoundCredentials | undefined;
  },
): Promise<VerifyReport> {
  const { access } = run;
  const { request, wanted, found } = given;
  const { verify } = await import('../../use-cases/verify/verify.ts');
  if (wanted === undefined || found === undefined) return verify({ access, request, reading: undefined });
  const { withReading } = await import('./verify-reading.ts');
  return withReading(call, run, { subset: wanted.subset, found }, (reading) => verify({ access, request, reading }));
}

/** Logs and shows what was found. Errors of servers are in it: what they repeat of a token is masked. */
async function tell(call: Call, { log }: OpenRun, report: VerifyReport): Promise<void> {
  const [{ describeFinding, verifyColumns }, { gravestFirst, verifyRecord, verifySentences }] = await Promise.all([
    import('../../present/reports/verify-columns.ts'),
    import('../../present/reports/verify-report.ts'),
  ]);
  const redact = createRedactor(call.invocation.secrets);
  const unverified = report.unverified.map((image) =>
    image.error === undefined ? image : { ...image, error: { ...image.error, message: redact(image.error.message) } },
  );
  const masked = { ...report, unverified };
  const items = gravestFirst(report.items);
  for (const sentence of verifySentences(masked, exactSize)) log.debug(sentence);
  for (const item of items) log.info(describeFinding(item));
  for (const { imageId, reason, error } of unverified) {
    log.info(`not compared ${imageId}: ${error?.message ?? reason}`);
  }
  for (const imageId of report.absent) {
    await call.invocation.stderr.write(`Not checked: image ${imageId} is not cached\n`);
  }
  const names = call.args.values(COLUMN);
  await showReport(call, {
    items,
    sentences: (size) => verifySentences(masked, size),
    columns: (size) => selectColumns(verifyColumns(size), names),
    record: () => verifyRecord(masked, selectColumns(verifyColumns(exactSize), names)),
    isNews: items.length + unverified.length > 0,
  });
}

/** Damage that is left outweighs what else went wrong, and is not made up for by what went well. */
function end({ access, log }: OpenRun, report: VerifyReport): void {
  const { signal } = access;
  const { items, errors, unverified, readImages } = report;
  const isDamaged = errors.some((error) => error instanceof CacheError && error.code === 'INTEGRITY_CACHE');
  const mended = items.filter(({ result }) => result === 'done').length;
  const isStopped = unverified.some(({ reason }) => reason === 'stopped');
  const failure: unknown = report.failure ?? (isStopped ? signal.reason : undefined);
  finishAfter(isDamaged && !signal.aborted ? 0 : mended + readImages, { ...report, failure }, { signal, log });
}
