/**
 * The figures of the programs' runs, as far as they are remembered.
 */
import { NO_TOTALS, RUN_ENDS, type RunRecord } from '../../cache/runs/run-record.ts';
import { METRICS, type Metric, type Sample } from './metric-table.ts';
import { instant, plain } from './samples.ts';

/** What the runs of a program are counted by. */
const TOTALS: Readonly<Record<string, { readonly images: Metric; readonly bytes: Metric }>> = {
  'glance-cache-pruner': { images: METRICS.prunedImages, bytes: METRICS.prunedBytes },
  'glance-cache-cleaner': { images: METRICS.cleanedFiles, bytes: METRICS.cleanedBytes },
  'glance-cache-prefetcher': { images: METRICS.fetchedImages, bytes: METRICS.fetchedBytes },
};

/** The programs whose runs are remembered. */
export const RECORDED_PROGRAMS = Object.keys(TOTALS);

/**
 * The figures of one program.
 *
 * @param record undefined where nothing is remembered: counters are at zero then, as Prometheus wants them to begin
 */
export function runSamples(program: string, record: RunRecord | undefined): readonly Sample[] {
  const names = TOTALS[program];
  const totals = record?.totals ?? NO_TOTALS;
  return [
    ...(record === undefined ? [] : lastRunSamples(program, record)),
    ...RUN_ENDS.map((end) => ({ metric: METRICS.runs, labels: [program, end], value: totals.runs[end] })),
    ...(names === undefined ? [] : [plain(names.images, totals.images), plain(names.bytes, totals.bytes)]),
  ];
}

function lastRunSamples(program: string, record: RunRecord): readonly Sample[] {
  const ofProgram = (metric: Metric, value: number): Sample => ({ metric, labels: [program], value });
  return [
    ofProgram(METRICS.lastRun, record.endedSec),
    ...instant(METRICS.lastSuccess, record.lastSuccessSec, program),
    ofProgram(METRICS.lastDuration, record.durationSec),
    ofProgram(METRICS.lastExitCode, record.exitCode),
    ofProgram(METRICS.lastImages, record.images),
    ofProgram(METRICS.lastBytes, record.bytes),
  ];
}
