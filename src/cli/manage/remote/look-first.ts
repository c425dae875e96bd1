/**
 * Every change begins with a look at the nodes: which of them answer, what they hold, and whether they are one node each.
 */
import type { CacheApi } from '../../../cache-api/cache-api.ts';
import { lookAtNodes } from '../../../use-cases/remote/list-nodes.ts';
import { failuresOf, type NodeFailure } from '../../../use-cases/remote/node-failure.ts';
import type { SeenNode } from '../../../use-cases/remote/node-item.ts';
import { refuseDoubtful } from '../../../use-cases/remote/refuse-doubtful.ts';
import { DRY_RUN } from '../../common-flags.ts';
import type { Call } from '../../program.ts';
import { FORCE } from '../manage-flags.ts';
import type { NodeRun } from './open-nodes.ts';
import { tellFailures, warnOfDoubts } from './tell-nodes.ts';

/** The nodes that can be changed, and what keeps the others from it. */
export interface FirstLook {
  readonly seen: readonly SeenNode[];
  readonly failures: readonly NodeFailure[];
}

/**
 * Looks at the nodes, and warns of doubts.
 *
 * @param deletes what adds is done at a doubtful address all the same, and what deletes with `--force` only
 */
export async function lookFirst(
  { args }: Call,
  run: NodeRun,
  { deletes }: { readonly deletes: boolean },
): Promise<FirstLook> {
  const { nodes, signal } = run;
  const answers = await lookAtNodes(nodes, signal);
  const seen = answers.flatMap((answer): readonly SeenNode[] =>
    answer.kind === 'answered' ? [{ node: answer.node, state: answer.value }] : [],
  );
  const failures = failuresOf(answers);
  if (!deletes || args.has(FORCE) || args.has(DRY_RUN)) {
    warnOfDoubts(nodes, run);
    return { seen, failures };
  }
  const { trusted, refused } = refuseDoubtful(seen);
  return { seen: trusted, failures: [...failures, ...refused] };
}

/** Whoever is asked about some of the nodes is to know first why it is not about the others. */
export function tellBeforeQuestions(
  { args }: Call,
  { seen, failures }: FirstLook,
  run: NodeRun,
): readonly NodeFailure[] {
  if (args.has(FORCE) || args.has(DRY_RUN) || seen.length === 0) return [];
  tellFailures(failures, run);
  return failures;
}

/** Where it is done, for a question or a sentence: nothing for one node, so that these are the stock tool's. */
export function onNodes({ nodes }: Pick<NodeRun, 'nodes'>, meant: readonly Pick<CacheApi, 'host'>[]): string {
  return nodes.length > 1 ? ` on ${meant.map(({ host }) => host).join(', ')}` : '';
}
