/**
 * The way every command goes that changes something image by image: ask, do, and say in the words of the stock tool
 * what was done.
 */
import type { ImageId } from '../../cache/image-id.ts';
import { recordOf } from '../../present/records.ts';
import { ITEM_COLUMNS, reasonText } from '../../present/reports/item-columns.ts';
import type { ReportItem, RunResult } from '../../use-cases/report.ts';
import { DRY_RUN, FORMAT } from '../common-flags.ts';
import { withQuestions } from '../confirm.ts';
import { finish } from '../finish.ts';
import { type OpenRun, withRun } from '../open-run.ts';
import type { Call } from '../program.ts';
import { showReport } from '../show-report.ts';
import { imageIdsOf } from './image-ids.ts';
import { FORCE } from './manage-flags.ts';
import { tellsResult, timed } from './show-list.ts';

/** A change to images that are named one by one. */
export interface ImageChange {
  /** Asked for each image: "Delete cached image <ID>?". */
  readonly question: (imageId: ImageId) => string;
  /** Said of each image with `--verbose`: "Deleted cached image <ID>". */
  readonly done: (imageId: string) => string;
  /** Said of an image that nothing was done to: "Image <ID> is not cached". */
  readonly idle: (item: ReportItem) => string;
  /** Whether the stock tool's words are said of an idle image too: it cannot tell the difference when it deletes. */
  readonly saysDoneWhenIdle: boolean;
  apply(run: OpenRun, imageIds: readonly ImageId[], dryRun: boolean): Promise<RunResult>;
}

/** Does such a change. All questions come first: an end of input at the second one has changed nothing. */
export async function changeImages(call: Call, change: ImageChange): Promise<void> {
  const given = [...new Set(imageIdsOf(call.args.operands))];
  const dryRun = call.args.has(DRY_RUN);
  await withRun(call, { openFiles: false }, async (run) => {
    const imageIds = dryRun ? given : await agreed(call, given, change.question);
    if (imageIds.length === 0) return;
    await timed(call, async () => {
      const result = await change.apply(run, imageIds, dryRun);
      await showChange(call, run, { result, dryRun, change });
      finish(result, run.access.signal, run.log);
    });
  });
}

/** A change to everything at once. */
export interface WholeChange {
  /** "Delete all cached images?" */
  readonly question: string;
  /** "Deleted 2 cached images" */
  readonly done: (count: number) => string;
  apply(run: OpenRun, dryRun: boolean): Promise<RunResult>;
}

/** Does such a change. */
export async function changeAll(call: Call, change: WholeChange): Promise<void> {
  const dryRun = call.args.has(DRY_RUN);
  await withRun(call, { openFiles: false }, async (run) => {
    if (!dryRun && !(await agreedToAll(call, change.question))) return;
    await timed(call, async () => {
      const result = await change.apply(run, dryRun);
      await showChange(call, run, { result, dryRun, change: undefined });
      const count = result.items.filter((item) => item.result === 'done' && item.action !== 'drop-row').length;
      if (!dryRun && tellsResult(call)) await call.invocation.stdout.write(`${change.done(count)}\n`);
      finish(result, run.access.signal, run.log);
    });
  });
}

interface ShownChange {
  readonly result: RunResult;
  readonly dryRun: boolean;
  readonly change: ImageChange | undefined;
}

async function showChange(call: Call, run: OpenRun, { result, dryRun, change }: ShownChange): Promise<void> {
  const { stdout, stderr } = call.invocation;
  for (const item of result.items) {
    if (item.action === 'keep' && change !== undefined) await stderr.write(`${change.idle(item)}\n`);
    const isDone = item.result === 'done' || (item.action === 'keep' && change?.saysDoneWhenIdle === true);
    if (isDone && !dryRun && change !== undefined && tellsResult(call)) {
      await stdout.write(`${change.done(item.imageId)}\n`);
    }
  }
  const items = result.items;
  const record = {
    whole: { dry_run: dryRun, items: items.map((item) => recordOf(item, ITEM_COLUMNS)) },
    items,
    columns: ITEM_COLUMNS,
  };
  const planned = items.filter((item) => item.result === 'planned');
  if (dryRun || call.args.has(FORMAT)) {
    const sentence = dryRun ? `Dry run: nothing was changed. ${planned.length} item(s) would be:` : 'Result:';
    await showReport(call, { sentences: [sentence], record }, run.log);
  }
}

async function agreed(
  call: Call,
  imageIds: readonly ImageId[],
  question: (imageId: ImageId) => string,
): Promise<readonly ImageId[]> {
  if (call.args.has(FORCE)) return imageIds;
  return withQuestions(call.invocation, questionOutput(call), async (questions) => {
    const result: ImageId[] = [];
    for (const imageId of imageIds) if (await questions.ask(question(imageId))) result.push(imageId);
    return result;
  });
}

async function agreedToAll(call: Call, question: string): Promise<boolean> {
  if (call.args.has(FORCE)) return true;
  return withQuestions(call.invocation, questionOutput(call), (questions) => questions.ask(question));
}

/** Standard output as with the stock tool; a program that reads that gets the result and nothing else. */
function questionOutput({ args, invocation }: Call) {
  return args.has(FORMAT) ? invocation.stderr : invocation.stdout;
}

/** Why nothing was done to an item, in words. */
export function idleReason({ reason }: ReportItem): string {
  return reason === undefined ? 'unchanged' : reasonText(reason);
}
