import { UsageError } from '../../errors/cache-error.ts';
import type { NodeFailure } from './node-failure.ts';
import type { SeenNode } from './node-item.ts';

/** Nodes that may be changed, and those that may not. */
export interface Sorted {
  readonly trusted: readonly SeenNode[];
  readonly refused: readonly NodeFailure[];
}

/** Keeps what deletes from addresses behind which another node may answer than the one that was meant. */
export function refuseDoubtful(seen: readonly SeenNode[]): Sorted {
  const trusted: SeenNode[] = [];
  const refused: NodeFailure[] = [];
  for (const one of seen) {
    const { host } = one.node;
    const doubts = one.node.doubts();
    if (doubts.length === 0) trusted.push(one);
    else refused.push({ host, error: refusal(host, doubts) });
  }
  return { trusted, refused };
}

function refusal(host: string, doubts: readonly string[]): UsageError {
  return new UsageError(
    'USAGE_NOT_AVAILABLE',
    `Cannot change the cache of ${JSON.stringify(host)}: ${doubts.join('; ')}`,
    {
      hint: 'Name the nodes themselves with --host, or pass --force to change whichever of them answers',
      details: { host, doubts },
    },
  );
}
