/**
 * How a run ends: the error that stands for what went wrong with its items, and so its exit code.
 */

import { CacheError, InterruptedError, PartialError } from '../errors/cache-error.ts';
import { gravestExitCode } from '../errors/exit-codes.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import type { Logger } from '../log/logger.ts';
import { exitCodeOf } from '../present/error-text.ts';
import { countOf } from '../text/amounts.ts';
import type { RunResult } from '../use-cases/report.ts';

/**
 * Ends a run whose report has been shown.
 *
 * @param result what became of its items
 * @param signal whether it was stopped
 * @throws the gravest error when everything failed, PartialError when some items failed, InterruptedError when the run
 *   was stopped
 */
export function finish(result: RunResult, signal: AbortSignal, log: Logger): void {
  // What a dry run plans counts as what the real run would do.
  const done = result.items.filter(({ result }) => result === 'done' || result === 'planned').length;
  finishAfter(done, result, { signal, log });
}

/** What the end of a run is told to. */
interface Ending {
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** What is counted; items unless given. */
  readonly noun?: string;
  /** What a partial failure says to programs beside its counts. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The same for a run that counts by itself how much it has done. */
export function finishAfter(done: number, result: RunResult, ending: Ending): void {
  const { errors, failure } = result;
  const { signal, log } = ending;
  if (signal.aborted) {
    // The signal is the error that the run ends with: what else it would have been is told here.
    if (errors.length === 1) log.error(messageOf(errors[0]));
    if (failure !== undefined && !(failure instanceof InterruptedError)) log.error(messageOf(failure));
    throw interrupted(signal, { done, hint: whatIsLeft(result) });
  }
  const all = failure === undefined ? errors : [...errors, failure];
  const gravest = gravestOf(all);
  if (gravest === undefined) return;
  // Errors of items were told with the items; the one that is thrown is told at the end.
  if (failure !== undefined && failure !== gravest) log.error(messageOf(failure));
  throw done === 0 ? gravest : someFailed(gravest, { failed: all.length, reached: done + all.length }, ending);
}

function gravestOf(errors: readonly unknown[]): Error | undefined {
  if (errors.length === 0) return undefined;
  const worst = gravestExitCode(errors.map(exitCodeOf));
  const gravest = errors.find((error) => exitCodeOf(error) === worst);
  return gravest instanceof Error ? gravest : new Error(String(gravest));
}

function someFailed(
  gravest: unknown,
  { failed, reached }: { readonly failed: number; readonly reached: number },
  { noun = 'item', details = {} }: Ending,
): PartialError {
  const message = `Cannot do everything: ${failed} of ${countOf(reached, noun)} failed: ${messageOf(gravest)}`;
  const hint = gravest instanceof CacheError ? gravest.hint : undefined;
  return new PartialError(message, {
    ...(hint === undefined ? {} : { hint }),
    details: { failed, reached, ...details },
    cause: gravest,
  });
}

/** What somebody has to do whose run was stopped; undefined where it came to its end all the same. */
function whatIsLeft({ items, failure, unfreed = 0 }: RunResult): string | undefined {
  const again = `Run it again to do the rest: ${THIS_COMMAND}`;
  const free = `glance-cache-cleaner frees ${countOf(unfreed, 'image')} that ${unfreed === 1 ? 'lies' : 'lie'} in invalid/`;
  const hints = [
    ...(failure !== undefined || items.some(({ reason }) => reason === 'stopped') ? [again] : []),
    ...(unfreed > 0 ? [free] : []),
  ];
  return hints.length === 0 ? undefined : hints.join('; ');
}

function interrupted(
  signal: AbortSignal,
  { done, hint }: { readonly done: number; readonly hint: string | undefined },
): InterruptedError {
  const reason: unknown = signal.reason;
  const name = reason instanceof InterruptedError && reason.code === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
  return new InterruptedError(name, `Stopped by ${name}: ${countOf(done, 'item')} done until then`, {
    ...(hint === undefined ? {} : { hint }),
    details: { done },
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
