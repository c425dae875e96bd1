/**
 * Has nodes prune or clean their caches by themselves.
 */
import { errorOf, type ReportItem } from '../report.ts';
import { askNodes, type NodeAnswer } from './ask-nodes.ts';
import { failuresOf, type NodeFailure } from './node-failure.ts';
import type { SeenNode } from './node-item.ts';

/** What a node does by itself. */
export type Tidying = 'prune' | 'clean';

/** What a node has done. */
export interface TidyItem {
  /** The address as the user gave it. */
  readonly host: string;
  readonly action: Tidying;
  readonly result: 'done' | 'skipped' | 'failed';
  /** How many images it has removed; undefined where it does not say. */
  readonly images: number | undefined;
  readonly sizeBytes: number | undefined;
  readonly error: ReportItem['error'];
}

/** What became of it. */
export interface TidyResult {
  readonly items: readonly TidyItem[];
  readonly failures: readonly NodeFailure[];
}

/** Has nodes tidy up. Never throws. */
export async function tidyNodes(
  seen: readonly SeenNode[],
  { action, signal }: { readonly action: Tidying; readonly signal: AbortSignal },
): Promise<TidyResult> {
  const nodes = seen.map(({ node }) => node);
  const answers = await askNodes(nodes, signal, (node) =>
    action === 'prune' ? node.prune(signal) : node.clean(signal).then(() => undefined),
  );
  return { items: answers.map((answer) => itemOf(action, answer)), failures: failuresOf(answers) };
}

function itemOf(
  action: Tidying,
  answer: NodeAnswer<{ readonly images: number; readonly bytes: number } | undefined>,
): TidyItem {
  const { host } = answer.node;
  const nothing = { host, action, images: undefined, sizeBytes: undefined, error: undefined };
  switch (answer.kind) {
    case 'answered':
      return { ...nothing, result: 'done', images: answer.value?.images, sizeBytes: answer.value?.bytes };
    case 'failed':
      return failedTidying(host, action, answer.error);
    case 'stopped':
      return { ...nothing, result: 'skipped' };
  }
}

/** The item of a node that could not be had to. */
export function failedTidying(host: string, action: Tidying, error: unknown): TidyItem {
  return { host, action, result: 'failed', images: undefined, sizeBytes: undefined, error: errorOf(error) };
}
