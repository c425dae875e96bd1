/**
 * Whether the clocks agree on which the cache relies: this node's, Keystone's, and the one of the file system.
 */
import type { IndexDb } from '../../../cache/index/index-db.ts';
import type { IndexDriver } from '../../../cache/index/index-driver.ts';
import type { CacheLayout } from '../../../cache/layout.ts';
import { CacheError } from '../../../errors/cache-error.ts';
import { shellWord } from '../../../errors/next-step.ts';
import { humanDuration } from '../../../text/amounts.ts';
import type { Check, CheckContext } from '../check.ts';
import type { ClockSkew } from '../cloud-probe.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { type Dated, measureCache } from './look/measure-cache.ts';

const WARNING_SEC = 5;
const ERROR_SEC = 60;

/** What another node's clock, or a cache of a file system's times, may be ahead without anybody having set it wrong. */
const FUTURE_SEC = 60;

const LOOK = 'timedatectl; chronyc tracking';

/** Looks at the clocks. */
export const CLOCKS: Check = {
  name: 'clocks',
  async run(context) {
    const { cloud, layout } = context;
    const skew = (await cloud.login?.())?.skew;
    return [
      ...(skew === undefined ? [] : judgeSkew(skew)),
      ...(layout === undefined ? [] : judgeFiles(context, layout)),
      ...(await judgeRows(context)),
    ];
  },
};

/** What is to be said about another clock. */
export function judgeSkew({ server, aheadSec, doubtSec }: ClockSkew): readonly CheckFinding[] {
  // What may come from the way there and back is no difference.
  const certainSec = Math.abs(aheadSec) - doubtSec;
  if (certainSec < WARNING_SEC) return [];
  return [
    makeFinding({
      check: 'clock-skew',
      severity: certainSec >= ERROR_SEC ? 'error' : 'warning',
      message: `The clock of ${JSON.stringify(server)} is ${humanDuration(Math.abs(aheadSec))} ${aheadSec > 0 ? 'ahead of' : 'behind'} the one of this node`,
      reason: 'Services refuse tokens that seem to have ended or not to have begun, and ages of images are wrong',
      command: LOOK,
    }),
  ];
}

function judgeFiles({ clock }: CheckContext, layout: CacheLayout): readonly CheckFinding[] {
  const nowSec = clock.nowSec();
  const { areas, parts } = measureCache(layout);
  const newest = [areas.cached, areas.incomplete, areas.invalid, areas.queue, parts]
    .flatMap((measured): readonly Dated[] => (measured.newest === undefined ? [] : [measured.newest]))
    .reduce<Dated | undefined>((a, b) => (a === undefined || b.atSec > a.atSec ? b : a), undefined);
  if (newest === undefined || newest.atSec - nowSec < FUTURE_SEC) return [];
  return [
    makeFinding({
      check: 'file-from-future',
      severity: 'warning',
      message: `To the file system ${JSON.stringify(newest.path)} changed ${humanDuration(newest.atSec - nowSec)} after the present time of this node`,
      reason:
        'Either this clock was set back or the server of the file system has another one: what seems new is not cleaned up',
      command: `date; stat ${shellWord(newest.path)}`,
    }),
  ];
}

async function judgeRows({ index, clock }: CheckContext): Promise<readonly CheckFinding[]> {
  const latestSec = clock.nowSec() + FUTURE_SEC;
  const db = await opened(index);
  try {
    const rows = (await db?.rows()) ?? [];
    const ahead = rows.filter((row) => row.lastAccessedSec > latestSec || row.lastModifiedSec > latestSec);
    const [first] = ahead;
    if (first === undefined) return [];
    return [
      makeFinding({
        check: 'row-from-future',
        severity: 'warning',
        message: `The index says that image ${first.imageId}${ahead.length === 1 ? ' was' : ` and ${ahead.length - 1} more were`} used or cached in the future`,
        reason:
          'The pruner takes them last, however little they are used: this clock, or that of the node that wrote the rows, was wrong',
        command: LOOK,
      }),
    ];
  } finally {
    db?.close();
  }
}

/** Whether the index can be opened, and why not, is told of elsewhere. */
async function opened(index: IndexDriver | undefined): Promise<IndexDb | undefined> {
  try {
    return index?.exists() === true ? await index.open(false) : undefined;
  } catch (error) {
    if (error instanceof CacheError) return undefined;
    throw error;
  }
}
