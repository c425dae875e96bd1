/**
 * A program with `--daemon`: rounds of its job, each of which opens everything anew, so that nothing is held in between:
 * no lock, no log file, no connection, and no more rights than the owner of the cache has.
 */
import { keepHeapLeanFromNowOn } from '../../cache/lean-heap.ts';
import { UsageError } from '../../errors/cache-error.ts';
import { OPTIONS } from '../../settings/options.ts';
import { systemClock } from '../../time/system-clock.ts';
import { ADOPT, DRY_RUN, FORMAT, IMAGE } from '../common-flags.ts';
import { type Flag, flagName } from '../flag.ts';
import type { Job } from '../job.ts';
import type { Call } from '../program.ts';
import { createEarlierRounds } from './earlier-rounds.ts';
import { HangUps } from './hang-ups.ts';
import { keptLine, roundLine, stoppedLine } from './round-lines.ts';
import { type LoadedSettings, loadRoundSettings } from './round-settings.ts';
import { goRound } from './rounds.ts';
import { type Line, tell } from './tell.ts';
import { type RoundCall, workRound } from './work-round.ts';

/** What makes no sense again and again, and why. */
const ONCE_ONLY: readonly (readonly [Flag, string])[] = [
  [DRY_RUN, 'it would show the same plan in each round'],
  [IMAGE, 'it is about single images, and a daemon is about all'],
  [ADOPT, 'it overrides a refusal that somebody has to look at each time'],
];

/**
 * Does the job in rounds until SIGTERM or SIGINT, which is no error.
 *
 * @throws UsageError for flags that are for a single run; ConfigError and UsageError of the first round
 */
export async function runDaemon(call: Call, job: Job): Promise<void> {
  refuseOnceOnly(call);
  // It lives for long, and does little: room for a burst of new objects would be held for ever.
  keepHeapLeanFromNowOn();
  const { invocation } = call;
  const hangUps = new HangUps(invocation);
  // Between two rounds the log is that of the last one, with the secrets it has learnt.
  let last: RoundCall | undefined;
  const say = async (line: Line, error?: unknown): Promise<void> => {
    if (last !== undefined) await tell(last, line, error);
  };
  const earlier = createEarlierRounds(job, systemClock, (note) => say({ level: 'WARNING', message: note }));
  try {
    await goRound<LoadedSettings>({
      clock: systemClock,
      random: Math.random,
      signal: invocation.signal,
      hangUps,
      load: () => loadRoundSettings(call),
      wakeupSec: ({ settings }) => settings.get(OPTIONS.wakeupTime),
      work: async (loaded, start) => {
        const done = await workRound(call, job, { loaded, start });
        last = done.call;
        return done.outcome;
      },
      untilNeeded: ({ settings }, sinceSec, signal) => earlier({ call, settings, sinceSec }, signal),
      tellEnd: (start, outcome, nextSec) => say(roundLine(job, { start, outcome, nextSec }), outcome.error),
      tellKept: (error) => say(keptLine(error), error),
    });
    await say(stoppedLine(invocation.signal));
  } catch (error) {
    // It is told by whoever tells the error of any run, who knows only what the call has learnt.
    if (last !== undefined) invocation.secrets.push(...last.invocation.secrets);
    throw error;
  } finally {
    hangUps.close();
  }
}

function refuseOnceOnly({ program, args }: Call): void {
  const flags = program.groups.flatMap((group) => group.flags);
  for (const [flag, why] of ONCE_ONLY) {
    // A program may have a flag of this name with words of its own.
    if (!flags.some((own) => flagName(own) === flagName(flag) && args.has(own))) continue;
    throw new UsageError('USAGE', `Cannot use ${flagName(flag)} with --daemon: ${why}`, {
      hint: `Run ${program.name} with ${flagName(flag)} by hand, and without --daemon`,
    });
  }
  const format = args.value(FORMAT);
  if (format === undefined || format === 'json' || format === 'table') return;
  throw new UsageError('USAGE', `Cannot use --format ${format} with --daemon: reports would run into each other`, {
    hint: 'Use --format json, which prints one line for each round',
  });
}
