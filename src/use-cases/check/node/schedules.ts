/**
 * Whether something runs the pruner and the cleaner: a cache only grows without them.
 */

import type { Check, CheckContext } from '../check.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { shellWord } from '../shell-word.ts';
import type { JobName } from './look/commands.ts';
import { cronSchedules } from './look/cron.ts';
import { measureCache } from './look/measure-cache.ts';
import type { Scheduled, Schedules, Unseen } from './look/schedule.ts';
import { daemonSchedules, timerSchedules } from './look/timers.ts';

/** Looks for entries of cron, timers and daemons. */
export const SCHEDULES: Check = {
  name: 'schedules',
  run(context) {
    const cron = cronSchedules(context);
    const timers = timerSchedules(context);
    const entries = [...cron.entries, ...timers.entries, ...daemonSchedules(context)];
    const all = { entries, unseen: cron.unseen, hasCron: cron.isPresent, hasTimers: timers.isPresent };
    const jobs: readonly JobName[] = isAnythingQueued(context)
      ? ['pruner', 'cleaner', 'prefetcher']
      : ['pruner', 'cleaner'];
    return [...jobs.flatMap((job) => judgeJob(job, all)), ...judgeMakers(entries)];
  },
};

interface AllSchedules extends Pick<Schedules, 'entries' | 'unseen'> {
  readonly hasCron: boolean;
  readonly hasTimers: boolean;
}

/** Where npm puts what is in this package. */
const EXAMPLES = '"$(npm root --global)"/glance-cache-tools/man/examples';

const WITHOUT: Readonly<Record<JobName, string>> = {
  pruner: 'Nothing else keeps the cache below its maximum: glance-api itself never removes an image to make room',
  cleaner:
    'Nothing else removes what was given up or has failed, and an image of which such a rest lies there is not cached again',
  prefetcher: 'What is queued is not fetched until somebody runs it, unless this release of glance-api does so itself',
};

function judgeJob(job: JobName, { entries, unseen, hasCron, hasTimers }: AllSchedules): readonly CheckFinding[] {
  const own = entries.filter((entry) => entry.job === job);
  if (own.some(({ fault }) => fault === undefined)) return [];
  const severity = job === 'prefetcher' ? 'note' : 'warning';
  const faults = own.flatMap(({ where, fault }): readonly CheckFinding[] => {
    if (fault === undefined) return [];
    const { state, command } = fault;
    const reason = `So glance-cache-${job} does not run. ${WITHOUT[job]}`;
    return [
      makeFinding({
        check: 'schedule-broken',
        severity,
        message: `${JSON.stringify(where)} ${state}`,
        reason,
        command,
      }),
    ];
  });
  if (faults.length > 0) return faults;
  const command = setUp(job, hasTimers);
  const check = `no-${job}-schedule`;
  if (!hasCron && !hasTimers) {
    return [
      makeFinding({
        check,
        severity: 'note',
        message: `Neither cron nor systemd is here, and no daemon was seen: what runs glance-cache-${job} could not be found`,
        reason: `In a container that may be somebody else's task, such as a sidecar's or the orchestrator's. ${WITHOUT[job]}`,
        command: `glance-cache-${job} --daemon`,
      }),
    ];
  }
  return [
    unseen.length > 0
      ? unsure(job, { check, command, unseen })
      : makeFinding({ check, severity, ...absent(job, command) }),
  ];
}

function absent(job: JobName, command: string): Pick<CheckFinding, 'message' | 'reason' | 'command'> {
  return {
    message: `No entry of cron, no enabled timer and no daemon runs glance-cache-${job}`,
    reason: WITHOUT[job],
    command,
  };
}

function unsure(
  job: JobName,
  { check, command, unseen }: { readonly check: string; readonly command: string; readonly unseen: readonly Unseen[] },
): CheckFinding {
  const places = unseen.map(({ path, reason }) => `${JSON.stringify(path)}: ${reason}`).join(', ');
  return makeFinding({
    check,
    severity: 'note',
    message: `Nothing that runs glance-cache-${job} was found, but not all places could be looked at (${places})`,
    reason: `Crontabs of users are for root's eyes only: run this command as root to be sure. ${WITHOUT[job]}`,
    command,
  });
}

function setUp(job: JobName, hasTimers: boolean): string {
  const unit = `glance-cache-${job}`;
  if (!hasTimers) return `cp ${EXAMPLES}/glance-cache-tools.cron /etc/cron.d/glance-cache-tools`;
  return `cp ${EXAMPLES}/${unit}.service ${EXAMPLES}/${unit}.timer /etc/systemd/system/ && systemctl enable --now ${unit}.timer`;
}

/** Stock programs do the same job, and know nothing of pins, of limits of ours, and of our locks. */
function judgeMakers(entries: readonly Scheduled[]): readonly CheckFinding[] {
  const running = entries.filter(({ fault }) => fault === undefined);
  const stock = running.filter(({ maker }) => maker === 'stock');
  return stock.map(({ job, where }) => {
    const other = running.find((entry) => entry.job === job && entry.maker !== 'stock');
    const message = `${JSON.stringify(where)} runs the stock glance-cache-${job}`;
    const command = `command -v -a glance-cache-${job}; ${look(where)}`;
    if (other === undefined) {
      return makeFinding({
        check: 'stock-program-scheduled',
        severity: 'note',
        message,
        reason:
          'It is deprecated, exits with 0 after it has failed, and knows neither pins nor the options of [cache_tools]',
        command,
      });
    }
    return makeFinding({
      check: 'scheduled-twice',
      severity: 'warning',
      message: `${message}, and ${JSON.stringify(other.where)} the one of this toolkit`,
      reason:
        'The stock program undoes what the other one keeps: it knows neither pins nor the options of [cache_tools]',
      command,
    });
  });
}

function look(where: string): string {
  const path = where.replace(/:\d+$/, '');
  return `cat ${shellWord(path)}`;
}

function isAnythingQueued({ layout }: CheckContext): boolean {
  return layout !== undefined && measureCache(layout).areas.queue.count > 0;
}
