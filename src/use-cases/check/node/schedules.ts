/**
 * Whether something runs the pruner and the cleaner: a cache only grows without them.
 */

import { shellWord } from '../../../errors/next-step.ts';
import type { Check, CheckContext } from '../check.ts';
import type { CheckFinding } from '../finding.ts';
import { type FindingParts, makeFinding } from '../make-finding.ts';
import type { JobName } from './look/commands.ts';
import { cronSchedules } from './look/cron.ts';
import { measureCache } from './look/measure-cache.ts';
import type { Fault, Scheduled, Schedules } from './look/schedule.ts';
import { daemonSchedules, timerSchedules } from './look/timers.ts';

/** Looks for entries of cron, timers and daemons. */
export const SCHEDULES: Check = {
  name: 'schedules',
  run(context) {
    const cron = cronSchedules(context);
    const timers = timerSchedules(context);
    const entries = [...cron.entries, ...timers.entries, ...daemonSchedules(context)];
    const all = { entries, unseen: cron.unseen, hasCron: cron.isPresent, hasTimers: timers.isPresent };
    const jobs = isAnythingQueued(context) ? JOBS : JOBS.filter(({ name }) => name !== 'prefetcher');
    return [...jobs.flatMap((job) => judgeJob(job, all)), ...judgeMakers(entries)];
  },
};

interface AllSchedules extends Pick<Schedules, 'entries' | 'unseen'> {
  readonly hasCron: boolean;
  readonly hasTimers: boolean;
}

/** Where npm puts what is in this package. */
const EXAMPLES = '"$(npm root --global)"/glance-cache-tools/man/examples';

interface Job extends Pick<FindingParts, 'check' | 'severity'> {
  readonly name: JobName;
  /** What it is like without it. */
  readonly without: string;
}

const JOBS: readonly Job[] = [
  {
    name: 'pruner',
    check: 'no-pruner-schedule',
    severity: 'warning',
    without: 'Nothing else keeps the cache below its maximum: glance-api itself never removes an image to make room',
  },
  {
    name: 'cleaner',
    check: 'no-cleaner-schedule',
    severity: 'warning',
    without:
      'Nothing else removes what was given up or has failed, and an image of which such a rest lies there is not cached again',
  },
  {
    name: 'prefetcher',
    check: 'no-prefetcher-schedule',
    severity: 'note',
    without: 'What is queued is not fetched until somebody runs it, unless this release of glance-api does so itself',
  },
];

function judgeJob(job: Job, all: AllSchedules): readonly CheckFinding[] {
  const own = all.entries.filter((entry) => entry.job === job.name);
  if (own.some(({ fault }) => fault === undefined)) return [];
  const faults = own.flatMap(({ where, fault }) => (fault === undefined ? [] : brokenBy(job, where, fault)));
  return faults.length > 0 ? faults : [nothingRuns(job, all)];
}

function brokenBy({ name, severity, without }: Job, where: string, { state, command }: Fault): CheckFinding {
  return makeFinding({
    check: 'schedule-broken',
    severity,
    message: `${JSON.stringify(where)} ${state}`,
    reason: `So glance-cache-${name} does not run. ${without}`,
    command,
  });
}

function nothingRuns(
  { name, check, severity, without }: Job,
  { unseen, hasCron, hasTimers }: AllSchedules,
): CheckFinding {
  const program = `glance-cache-${name}`;
  if (!hasCron && !hasTimers) {
    return makeFinding({
      check,
      severity: 'note',
      message: `Neither cron nor systemd runs here, and no daemon was seen: what runs ${program} could not be found`,
      reason: `In a container that may be somebody else's task, such as a sidecar's or the orchestrator's. ${without}`,
      command: `${program} --daemon`,
    });
  }
  const command = setUp(program, hasTimers);
  if (unseen.length === 0) {
    const message = `No entry of cron, no enabled timer and no daemon runs ${program}`;
    return makeFinding({ check, severity, message, reason: without, command });
  }
  const places = unseen.map(({ path, reason }) => `${JSON.stringify(path)}: ${reason}`).join(', ');
  return makeFinding({
    check,
    severity: 'note',
    message: `Nothing that runs ${program} was found, but not all places could be looked at (${places})`,
    reason: `Crontabs of users are for root's eyes only: run this command as root to be sure. ${without}`,
    command,
  });
}

function setUp(unit: string, hasTimers: boolean): string {
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
    const command = `type -a glance-cache-${job}; cat ${shellWord(where.replace(/:\d+$/, ''))}`;
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

function isAnythingQueued({ layout }: CheckContext): boolean {
  return layout !== undefined && measureCache(layout).areas.queue.count > 0;
}
