/**
 * One round: a run of the job like any other, but for what the rounds of a daemon share.
 */
import { BusyError, InterruptedError } from '../../errors/cache-error.ts';
import { systemClock } from '../../time/system-clock.ts';
import type { Invocation } from '../invocation.ts';
import type { Job } from '../job.ts';
import type { Call, Round } from '../program.ts';
import type { JobSummary } from '../record-run.ts';
import { createRoundOutput } from './round-output.ts';
import type { LoadedSettings } from './round-settings.ts';
import type { RoundOutcome, RoundStart } from './rounds.ts';

/** The call of a round; after the round, with the signal and the standard output of the daemon. */
export interface RoundCall extends Call {
  readonly round: Round;
}

/** Does a round. Never throws. */
export async function workRound(
  call: Call,
  job: Job,
  { loaded, start }: { readonly loaded: LoadedSettings; readonly start: RoundStart },
): Promise<{ readonly call: RoundCall; readonly outcome: RoundOutcome }> {
  const { signal, rights } = call.invocation;
  const startedSec = systemClock.nowSec();
  const fromSec = systemClock.monotonicSec();
  const output = createRoundOutput(call, start, startedSec);
  // Its own for each round: what listens to the daemon's would gather there, round by round.
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(signal.reason);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  let summary: JobSummary | undefined;
  const roundCall: RoundCall = {
    ...call,
    invocation: invocationOf(call.invocation, {
      signal: stopping.signal,
      secrets: [...loaded.secrets],
      stdout: output.stdout,
    }),
    round: {
      settings: loaded.settings,
      hasNewSettings: start.hasNewSettings,
      summarize: (told) => {
        summary = told;
      },
    },
  };
  let error: unknown;
  try {
    // Credentials and the open files of others are looked at with the rights that the program was started with.
    rights.takeBack();
    await job.run(roundCall);
  } catch (thrown) {
    error = thrown;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  const elapsedSec = systemClock.monotonicSec() - fromSec;
  const outcome: RoundOutcome = { result: resultOf(error), error, summary, startedSec, elapsedSec };
  const { secrets } = roundCall.invocation;
  await output.end(outcome, secrets);
  return {
    call: {
      ...roundCall,
      invocation: invocationOf(call.invocation, { signal, secrets, stdout: call.invocation.stdout }),
    },
    outcome,
  };
}

function resultOf(error: unknown): RoundOutcome['result'] {
  if (error === undefined) return 'done';
  if (error instanceof InterruptedError) return 'stopped';
  return error instanceof BusyError ? 'skipped' : 'failed';
}

/** The invocation with some of it replaced. Not a copy: standard input is opened when somebody looks at it. */
function invocationOf(
  invocation: Invocation,
  { signal, secrets, stdout }: Pick<Invocation, 'signal' | 'secrets' | 'stdout'>,
): Invocation {
  return Object.create(invocation, {
    signal: { value: signal },
    secrets: { value: secrets },
    stdout: { value: stdout },
  }) as Invocation;
}
