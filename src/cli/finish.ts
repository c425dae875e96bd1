/**
 * How a run ends: the error that stands for what went wrong with its items, and so its exit code.
 */
import { CacheError, InterruptedError, PartialError } from '../errors/cache-error.ts';
import { gravestExitCode } from '../errors/exit-codes.ts';
import type { Logger } from '../log/logger.ts';
import { exitCodeOf } from '../present/error-text.ts';
import { countOf } from '../present/sizes.ts';
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
  if (signal.aborted) throw interrupted(signal, done);
  const { failure } = result;
  const errors = failure === undefined ? result.errors : [...result.errors, failure];
  const gravest = gravestOf(errors);
  if (gravest === undefined) return;
  // Errors of items were told with the items; the one that is thrown is told at the end.
  if (failure !== undefined && failure !== gravest) log.error(messageOf(failure));
  throw done === 0 ? gravest : someFailed(gravest, errors.length, done + errors.length);
}

function gravestOf(errors: readonly unknown[]): Error | undefined {
  if (errors.length === 0) return undefined;
  const worst = gravestExitCode(errors.map(exitCodeOf));
  const gravest = errors.find((error) => exitCodeOf(error) === worst);
  return gravest instanceof Error ? gravest : new Error(String(gravest));
}

function someFailed(gravest: unknown, failed: number, reached: number): PartialError {
  const message = `Cannot do everything: ${failed} of ${countOf(reached, 'item')} failed: ${messageOf(gravest)}`;
  const hint = gravest instanceof CacheError ? gravest.hint : undefined;
  return new PartialError(message, {
    ...(hint === undefined ? {} : { hint }),
    details: { failed, reached },
    cause: gravest,
  });
}

function interrupted(signal: AbortSignal, done: number): InterruptedError {
  const reason: unknown = signal.reason;
  const name = reason instanceof InterruptedError && reason.code === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
  return new InterruptedError(name, `Stopped by ${name}: ${countOf(done, 'item')} done until then`, {
    hint: 'Run the command again to do the rest',
    details: { done },
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
