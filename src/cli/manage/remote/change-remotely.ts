/**
 * Changes images of other nodes, or empties the caches or queues of these: asked, done and told as on this node.
 */
import type { ImageId } from '../../../cache/image-id.ts';
import { UsageError } from '../../../errors/cache-error.ts';
import { changeImages } from '../../../use-cases/remote/change-images.ts';
import { emptyNodes } from '../../../use-cases/remote/empty-nodes.ts';
import { failedItem, type NodeItem, type NodeWork } from '../../../use-cases/remote/node-item.ts';
import { ADOPT, DRY_RUN } from '../../common-flags.ts';
import type { Call } from '../../program.ts';
import { agreedImages, agreedToAll, type ImageWords, type WholeWords } from '../change-images.ts';
import { imageIdsOf } from '../image-ids.ts';
import { INCLUDE_PINNED } from '../manage-flags.ts';
import { tellsResult, timed } from '../show-list.ts';
import { lookFirst, onNodes, tellBeforeQuestions } from './look-first.ts';
import { type NodeRun, withNodes } from './open-nodes.ts';
import { showItems } from './show-items.ts';
import { byNode, finishNodes } from './tell-nodes.ts';

/** A change to images of nodes, in the words of that on this node. */
export interface RemoteChange {
  readonly work: NodeWork;
  readonly words: ImageWords;
}

/** Changes the images that are named by their IDs. */
export async function changeRemotely(call: Call, change: RemoteChange): Promise<void> {
  refuseLocalFlags(call);
  const imageIds = [...new Set(imageIdsOf(call.args.operands))];
  await withNodes(call, (run) => timed(call, () => changeOnNodes(call, run, { imageIds, change })));
}

/** Changes images on the nodes of a run. All questions come first. */
export async function changeOnNodes(
  call: Call,
  run: NodeRun,
  { imageIds, change }: { readonly imageIds: readonly ImageId[]; readonly change: RemoteChange },
): Promise<void> {
  const { work, words } = change;
  const { signal } = run;
  const dryRun = call.args.has(DRY_RUN);
  const look = await lookFirst(call, run, { deletes: work !== 'queue' });
  const { seen, failures } = look;
  const told = tellBeforeQuestions(call, look, run);
  const where = onNodes(
    run,
    seen.map(({ node }) => node),
  );
  const ask = (imageId: ImageId): string => words.question(imageId).replace(/\?$/, `${where}?`);
  const isAsked = seen.length > 0 && !signal.aborted;
  const wanted = isAsked ? await agreedImages(call, imageIds, ask) : imageIds;
  // Whoever has said no has not missed the nodes that would have failed.
  if (wanted.length === 0) return;
  const result = await changeImages(seen, { work, imageIds: wanted, dryRun, signal });
  await tellImages(call, run, { items: result.items, words });
  const unreached = failures.flatMap(({ host, error }) =>
    wanted.map((imageId) => failedItem(host, work, error, imageId)),
  );
  const items = byNode(run.nodes, [...result.items, ...unreached]);
  await showItems(call, run, items);
  // One failure for each image that a node could not be had to, so that "3 of 6 failed" is of the same things.
  const missed = failures.flatMap((failure) => wanted.map(() => failure));
  finishNodes(run, {
    done: countDone(items),
    failures: byNode(run.nodes, [...missed, ...result.failures]),
    noun: 'item',
    items,
    told,
  });
}

/** Says of each image what was done, or why nothing was. */
async function tellImages(
  call: Call,
  run: NodeRun,
  { items, words }: { readonly items: readonly NodeItem[]; readonly words: ImageWords },
): Promise<void> {
  const { stdout, stderr } = call.invocation;
  const isDryRun = call.args.has(DRY_RUN);
  for (const item of items) {
    const where = onNodes(run, [item]);
    const isStopped = item.reason === 'stopped';
    if (item.result === 'skipped' && !isStopped) await stderr.write(`${words.idle(item)}${where}\n`);
    // The stock tool cannot tell the difference, and says the same of an image that needed nothing. It knows one node.
    const saysSo = item.result === 'skipped' && !isStopped && !isDryRun && run.nodes.length === 1;
    const isDone = item.result === 'done' || saysSo;
    if (isDone && tellsResult(call)) await stdout.write(`${words.done(item.imageId)}${where}\n`);
  }
}

/** A change to everything at once, in the words of that on this node. */
export interface RemoteEmptying {
  readonly work: 'delete-cached' | 'delete-queued';
  readonly words: WholeWords;
}

/** Empties caches or queues. */
export async function emptyRemotely(call: Call, emptying: RemoteEmptying): Promise<void> {
  refuseLocalFlags(call);
  await withNodes(call, (run) => timed(call, () => emptyOnNodes(call, run, emptying)));
}

async function emptyOnNodes(call: Call, run: NodeRun, { work, words }: RemoteEmptying): Promise<void> {
  const { signal } = run;
  const dryRun = call.args.has(DRY_RUN);
  const look = await lookFirst(call, run, { deletes: true });
  const { seen, failures } = look;
  const told = tellBeforeQuestions(call, look, run);
  const where = onNodes(
    run,
    seen.map(({ node }) => node),
  );
  const isAsked = seen.length > 0 && !signal.aborted && !dryRun;
  if (isAsked && !(await agreedToAll(call, words.question.replace(/\?$/, `${where}?`)))) return;
  const result = await emptyNodes(seen, { work, dryRun, signal });
  for (const { host, images } of result.emptied) {
    if (tellsResult(call)) await call.invocation.stdout.write(`${words.done(images)}${onNodes(run, [{ host }])}\n`);
  }
  const unreached = failures.map(({ host, error }) => failedItem(host, work, error));
  const items = byNode(run.nodes, [...result.items, ...unreached]);
  await showItems(call, run, items);
  const done = dryRun ? seen.length : result.emptied.length;
  finishNodes(run, { done, failures: byNode(run.nodes, [...failures, ...result.failures]), noun: 'node', items, told });
}

function countDone(items: readonly NodeItem[]): number {
  return items.filter(({ result }) => result === 'done' || result === 'planned').length;
}

/** `--adopt` is about files that only this node can see, and pins are unknown to glance-api. */
function refuseLocalFlags({ args }: Call): void {
  if (args.has(INCLUDE_PINNED)) {
    throw new UsageError(
      'USAGE_NOT_AVAILABLE',
      'Cannot use --include-pinned with --host: glance-api knows no pins, and takes pinned images in any case',
      { hint: 'Leave out --include-pinned; to keep pinned images, run the command on that node without --host' },
    );
  }
  if (!args.has(ADOPT)) return;
  throw new UsageError('USAGE_NOT_AVAILABLE', 'Cannot use --adopt with --host: a node looks at its index alone', {
    hint: 'Run glance-cache-manage on that node, without --host',
  });
}
