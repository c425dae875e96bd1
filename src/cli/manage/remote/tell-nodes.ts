/**
 * What is said of nodes beside their images: doubts, failures, and how a run on them ends.
 */
import type { CacheApi } from '../../../cache-api/cache-api.ts';
import { CacheError } from '../../../errors/cache-error.ts';
import { withThisCommand } from '../../../errors/next-step.ts';
import { exitCodeOf } from '../../../present/error-text.ts';
import type { NodeFailure } from '../../../use-cases/remote/node-failure.ts';
import { errorOf, type ReportItem } from '../../../use-cases/report.ts';
import { finishAfter } from '../../finish.ts';
import type { NodeRun } from './open-nodes.ts';

/** Warns of addresses behind which several nodes may be. */
export function warnOfDoubts(nodes: readonly CacheApi[], { log }: Pick<NodeRun, 'log'>): void {
  for (const doubt of nodes.flatMap((node) => node.doubts())) log.warning(doubt);
}

/** Things of nodes in the order in which the nodes were given. */
export function byNode<T extends { readonly host: string }>(nodes: readonly CacheApi[], things: readonly T[]): T[] {
  const places = new Map(nodes.map(({ host }, place) => [host, place]));
  return things.toSorted((a, b) => (places.get(a.host) ?? 0) - (places.get(b.host) ?? 0));
}

/** How much of a run on nodes was done, and what was not. */
export interface NodeOutcome {
  readonly done: number;
  readonly failures: readonly NodeFailure[];
  /** What is counted: nodes, or images on them. */
  readonly noun: 'node' | 'item';
  /** What was not reached when the run was stopped is among them. */
  readonly items?: readonly ReportItem[];
  /** Failures that were told already. */
  readonly told?: readonly NodeFailure[];
}

/** Tells of failures, once for a node that fails over and over. */
export function tellFailures(failures: readonly NodeFailure[], { log }: Pick<NodeRun, 'log'>): void {
  for (const text of new Set(failures.map(describeFailure))) log.error(text);
}

/**
 * Ends a run on nodes. Each failure is told, once for a node that fails over and over; a single one is the error that the
 * run ends with.
 *
 * @throws as `finish()` does
 */
export function finishNodes(
  { signal, log }: NodeRun,
  { done, failures, noun, items = [], told = [] }: NodeOutcome,
): void {
  const different = new Map(failures.map((failure) => [describeFailure(failure), failure]));
  if (different.size > 1)
    tellFailures(
      failures.filter((failure) => !told.includes(failure)),
      { log },
    );
  const errors = failures.map(({ error }) => error);
  const details = { failures: Array.from(different.values(), factsOf) };
  finishAfter(done, { items, errors, failure: undefined }, { signal, log, noun, details });
}

function describeFailure({ host, error }: NodeFailure): string {
  const { message } = errorOf(error);
  const text = names(message, host) ? message : `${host}: ${message}`;
  return error instanceof CacheError && error.hint !== undefined
    ? `${text}. Hint: ${withThisCommand(error.hint, 'the same command')}`
    : text;
}

/** Whether a text names a node, and not only one whose name begins with that one's. */
function names(text: string, host: string): boolean {
  return text.split(host).some((before, place, parts) => {
    const after = parts[place + 1];
    return after !== undefined && !/[\w.-]$/.test(before) && !/^[\w.-]/.test(after);
  });
}

function factsOf({ host, error }: NodeFailure): Readonly<Record<string, unknown>> {
  const hint = error instanceof CacheError ? (error.hint ?? null) : null;
  return { host, ...errorOf(error), hint, exit_code: exitCodeOf(error) };
}
