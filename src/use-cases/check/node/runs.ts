/**
 * What the programs have noted of their own runs on this cache: whether the last one failed, and how long ago it was.
 */
import type { CacheLayout } from '../../../cache/layout.ts';
import { DiskRuns } from '../../../cache/runs/disk-runs.ts';
import { type RunRecord, runEndOf } from '../../../cache/runs/run-record.ts';
import { humanDuration } from '../../../text/amounts.ts';
import type { Check, CheckContext } from '../check.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import type { JobName } from './look/commands.ts';
import { lookAt } from './look/entries.ts';
import { measureCache } from './look/measure-cache.ts';

const DAY_SEC = 24 * 3600;

/** Whoever runs a program regularly does it at least so often. */
const PATIENCE_SEC: Readonly<Record<JobName, number>> = {
  pruner: DAY_SEC,
  cleaner: 8 * DAY_SEC,
  prefetcher: DAY_SEC,
};

const JOBS: readonly JobName[] = ['pruner', 'cleaner', 'prefetcher'];

/** Looks at the records of runs. */
export const RUNS: Check = {
  name: 'runs',
  run(context) {
    const { layout, clock } = context;
    // What is in place of a folder is told of elsewhere.
    if (layout === undefined || [layout.root, layout.tools, layout.runs].some(isOdd)) return [];
    const runs = new DiskRuns(layout, clock);
    return JOBS.flatMap((job) => {
      const record = runs.read(`glance-cache-${job}`);
      return record === undefined ? [] : judgeRecord(context, { job, record, layout });
    });
  },
};

function isOdd(path: string): boolean {
  return lookAt(path)?.isDirectory() !== true;
}

interface Recorded {
  readonly job: JobName;
  readonly record: RunRecord;
  readonly layout: CacheLayout;
}

function judgeRecord({ clock }: CheckContext, { job, record, layout }: Recorded): readonly CheckFinding[] {
  const { program, endedSec, exitCode, errorCode, lastSuccessSec } = record;
  const ageSec = clock.nowSec() - endedSec;
  const end = runEndOf(exitCode);
  if (end === 'failure' || end === 'partial') {
    const since =
      lastSuccessSec === undefined
        ? 'it has never succeeded here'
        : `the last one that succeeded was ${humanDuration(clock.nowSec() - lastSuccessSec)} ago`;
    const code = errorCode === undefined ? '' : `${errorCode}, `;
    return [
      makeFinding({
        check: 'last-run-failed',
        severity: 'warning',
        message: `The last run of ${program}, ${humanDuration(ageSec)} ago, failed${end === 'partial' ? ' in part' : ''} (${code}exit code ${exitCode}); ${since}`,
        reason: 'What it is to do is not done, or not all of it; its log and the mail of cron have the reason',
        command: `${program} --dry-run --verbose`,
      }),
    ];
  }
  // Without anything in the queue nothing has to run.
  if (job === 'prefetcher' && measureCache(layout).areas.queue.count === 0) return [];
  if (ageSec < PATIENCE_SEC[job]) return [];
  return [
    makeFinding({
      check: 'last-run-old',
      severity: 'warning',
      message: `The last run of ${program} was ${humanDuration(ageSec)} ago`,
      reason:
        'Either nothing runs it any more, or it runs with another cache directory or as somebody who may not note it here',
      command: `${program} --verbose`,
    }),
  ];
}
