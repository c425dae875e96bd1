/**
 * The way every command goes that changes something image by image: ask, do, and say in the words of the stock tool
 * what was done.
 */
import type { ImageId } from '../../cache/image-id.ts';
import { itemColumns, reasonText } from '../../present/reports/item-columns.ts';
import { countOf, exactSize } from '../../text/amounts.ts';
import type { ReportItem, RunResult } from '../../use-cases/report.ts';
import { DRY_RUN, FORMAT } from '../common-flags.ts';
import { withQuestions } from '../confirm.ts';
import { finish } from '../finish.ts';
import { type OpenRun, withRun } from '../open-run.ts';
import type { Call } from '../program.ts';
import { logItems, showReport } from '../show-report.ts';
import { imageIdsOf } from './image-ids.ts';
import { FORCE } from './manage-flags.ts';
import { tellsResult, timed } from './show-list.ts';

/** What is said of a change to images that are named one by one. */
export interface ImageWords {
  /** Asked for each image: "Delete cached image <ID>?". */
  readonly question: (imageId: ImageId) => string;
  /** Said of each image with `--verbose`: "Deleted cached image <ID>". */
  readonly done: (imageId: string) => string;
  /** Said of an image that nothing was done to: "Image <ID> is not cached". */
  readonly idle: (item: ReportItem) => string;
}

/** What a change has come to. */
export interface ChangeResult extends RunResult {
  /** What else there is to know of the images, told on standard error. */
  readonly notes?: readonly string[];
}

/** A change to images that are named one by one. */
export interface ImageChange extends ImageWords {
  /** Whether the stock tool's words are said of an absent image too: it cannot tell the difference when it deletes. */
  readonly saysDoneWhenIdle: boolean;
  apply(run: OpenRun, imageIds: readonly ImageId[], dryRun: boolean): Promise<ChangeResult>;
}

/** A change that destroys nothing: nobody is asked. */
export type UnaskedChange = Omit<ImageChange, 'question'>;

/** Does such a change. */
export async function changeUnasked(call: Call, change: UnaskedChange): Promise<void> {
  const imageIds = [...new Set(imageIdsOf(call.args.operands))];
  await withRun(call, { openFiles: false }, (run) => timed(call, () => applyChange(call, run, { imageIds, change })));
}

/** Does such a change. All questions come first: an end of input at the second one has changed nothing. */
export async function changeImages(call: Call, change: ImageChange): Promise<void> {
  const imageIds = [...new Set(imageIdsOf(call.args.operands))];
  await withRun(call, { openFiles: false }, (run) => timed(call, () => changeAgreed(call, run, { imageIds, change })));
}

/** Does a change to the images for which the answer is yes. */
export async function changeAgreed(
  call: Call,
  run: OpenRun,
  { imageIds, change }: { readonly imageIds: readonly ImageId[]; readonly change: ImageChange },
): Promise<void> {
  const agreed = await agreedImages(call, imageIds, change.question);
  if (agreed.length > 0) await applyChange(call, run, { imageIds: agreed, change });
}

async function applyChange(
  call: Call,
  run: OpenRun,
  { imageIds, change }: { readonly imageIds: readonly ImageId[]; readonly change: UnaskedChange },
): Promise<void> {
  const result = await change.apply(run, imageIds, call.args.has(DRY_RUN));
  await tellImages(call, result.items, change);
  await tellNotes(call, result);
  await end(call, run, result);
}

async function tellNotes({ invocation }: Call, { notes = [] }: ChangeResult): Promise<void> {
  for (const note of notes) await invocation.stderr.write(`${note}\n`);
}

/** What is said of a change to everything at once. */
export interface WholeWords {
  /** "Delete all cached images?" */
  readonly question: string;
  /** "Deleted 2 cached images" */
  readonly done: (count: number) => string;
}

/** A change to everything at once. */
export interface WholeChange extends WholeWords {
  apply(run: OpenRun, dryRun: boolean): Promise<ChangeResult>;
}

/** Does such a change. */
export async function changeAll(call: Call, change: WholeChange): Promise<void> {
  const dryRun = call.args.has(DRY_RUN);
  await withRun(call, { openFiles: false }, (run) =>
    timed(call, async () => {
      if (!dryRun && !(await agreedToAll(call, change.question))) return;
      const result = await change.apply(run, dryRun);
      const count = result.items.filter((item) => item.result === 'done' && isTaken(item)).length;
      for (const item of result.items) {
        if (item.result !== 'skipped') continue;
        await call.invocation.stderr.write(`Left alone: image ${item.imageId} ${idleReason(item)}\n`);
      }
      await tellNotes(call, result);
      if (!dryRun && tellsResult(call)) await call.invocation.stdout.write(`${change.done(count)}\n`);
      await end(call, run, result);
    }),
  );
}

/** Whether an item is about an image that goes, and not about its row alone. */
function isTaken({ action }: ReportItem): boolean {
  return action === 'remove' || action === 'unqueue';
}

/** Says of each image what was done, or why nothing was. */
async function tellImages(call: Call, items: readonly ReportItem[], change: UnaskedChange): Promise<void> {
  const { stdout, stderr } = call.invocation;
  // One image may have several markers in the queue, each in another spelling.
  const told = new Set<string>();
  for (const item of items) {
    if (told.has(item.imageId)) continue;
    told.add(item.imageId);
    if (item.result === 'skipped') await stderr.write(`${change.idle(item)}\n`);
    const isDone = item.result === 'done' || (isAbsent(item) && change.saysDoneWhenIdle && !call.args.has(DRY_RUN));
    if (isDone && tellsResult(call)) await stdout.write(`${change.done(item.imageId)}\n`);
  }
}

/** Logs the result, shows it where the flags ask for it, and ends the run as it deserves. */
async function end(call: Call, run: OpenRun, result: RunResult): Promise<void> {
  const { program, args } = call;
  const { items } = result;
  await logItems(items, run.log);
  const dryRun = args.has(DRY_RUN);
  if (dryRun || args.has(FORMAT)) {
    const planned = items.filter((item) => item.result === 'planned').length;
    await showReport(call, {
      items,
      sentences: () => (dryRun ? [`Would change ${countOf(planned, 'item')} (dry run: nothing was changed).`] : []),
      columns: itemColumns,
      record: () => ({
        head: { program: program.name, dry_run: dryRun, cache_dir: run.access.layout.root },
        items,
        columns: itemColumns(exactSize),
      }),
    });
  }
  finish(result, run.access.signal, run.log);
}

/** The images for which the answer is yes; all of them where nobody is asked: with `--force`, and in a dry run. */
export async function agreedImages(
  call: Call,
  imageIds: readonly ImageId[],
  question: (imageId: ImageId) => string,
): Promise<readonly ImageId[]> {
  if (call.args.has(FORCE) || call.args.has(DRY_RUN)) return imageIds;
  return withQuestions(call.invocation, questionOutput(call), async (questions) => {
    const result: ImageId[] = [];
    for (const imageId of imageIds) if (await questions.ask(question(imageId))) result.push(imageId);
    return result;
  });
}

/** Whether the answer is yes; nobody is asked with `--force`. */
export async function agreedToAll(call: Call, question: string): Promise<boolean> {
  if (call.args.has(FORCE)) return true;
  return withQuestions(call.invocation, questionOutput(call), (questions) => questions.ask(question));
}

/** Standard output as with the stock tool; a program that reads that gets the result and nothing else. */
function questionOutput({ args, invocation }: Call) {
  return args.has(FORMAT) ? invocation.stderr : invocation.stdout;
}

/** Whether an image is not there, so that nothing had to be done to get rid of it. */
export function isAbsent({ reason }: ReportItem): boolean {
  return reason === 'absent' || reason === 'gone';
}

/** Why nothing was done to an item, in words. */
export function idleReason({ reason }: ReportItem): string {
  return reason === undefined ? 'unchanged' : reasonText(reason);
}
