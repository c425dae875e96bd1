/**
 * The four commands that delete: cached images and queue entries, some or all.
 */

import { type DeleteResult, deleteCached } from '../../use-cases/delete.ts';
import { dequeueImages } from '../../use-cases/queue.ts';
import type { ReportItem } from '../../use-cases/report.ts';
import { ADOPT, DRY_RUN } from '../common-flags.ts';
import type { Command } from '../program.ts';
import {
  type ChangeResult,
  changeAll,
  changeImages,
  type ImageWords,
  idleReason,
  isAbsent,
  type WholeWords,
} from './change-images.ts';
import { INCLUDE_PINNED } from './manage-flags.ts';

const DELETE_CACHED: ImageWords = {
  question: (imageId) => `Delete cached image ${imageId}?`,
  done: (imageId) => `Deleted cached image ${imageId}`,
  idle: (item) => idleText(item, 'cached'),
};

const DELETE_ALL_CACHED: WholeWords = {
  question: 'Delete all cached images?',
  done: (count) => `Deleted ${count} cached images`,
};

const DELETE_QUEUED: ImageWords = {
  question: (imageId) => `Delete queued image ${imageId}?`,
  done: (imageId) => `Deleted queued image ${imageId}`,
  idle: (item) => idleText(item, 'queued'),
};

const DELETE_ALL_QUEUED: WholeWords = {
  question: 'Delete all queued images?',
  done: (count) => `Deleted ${count} queued images`,
};

const remotely = () => import('./remote/change-remotely.ts');

/** The commands. */
export const DELETE_COMMANDS: readonly Command[] = [
  {
    name: 'delete-cached-image',
    summary: 'Purge an image from the cache',
    operands: '<IMAGE_ID...>',
    operandsFrom: 'cached',
    flags: [DRY_RUN, ADOPT],
    examples: [
      {
        line: 'glance-cache-manage delete-cached-image 71c675ab-d94f-49cd-a114-e12490b328d9',
        does: 'Ask, then remove it from the cache; the image itself stays in Glance.',
      },
    ],
    run: (call) =>
      changeImages(call, {
        ...DELETE_CACHED,
        saysDoneWhenIdle: true,
        apply: async ({ access }, imageIds, dryRun) => {
          const adopt = call.args.has(ADOPT);
          return withPinNotes(await deleteCached(access, { dryRun, adopt, imageIds, includePinned: true }));
        },
      }),
    runRemotely: async (call) =>
      (await remotely()).changeRemotely(call, { work: 'delete-cached', words: DELETE_CACHED }),
  },
  {
    name: 'delete-all-cached-images',
    summary: 'Remove all images from the cache but those that are pinned',
    flags: [DRY_RUN, ADOPT, INCLUDE_PINNED],
    examples: [
      { line: 'glance-cache-manage delete-all-cached-images --dry-run', does: 'Show what would go.' },
      { line: 'glance-cache-manage delete-all-cached-images --include-pinned', does: 'Pinned images go as well.' },
    ],
    run: (call) =>
      changeAll(call, {
        ...DELETE_ALL_CACHED,
        apply: async ({ access }, dryRun) => {
          const [adopt, includePinned] = [call.args.has(ADOPT), call.args.has(INCLUDE_PINNED)];
          return withPinNotes(await deleteCached(access, { dryRun, adopt, imageIds: undefined, includePinned }));
        },
      }),
    runRemotely: async (call) =>
      (await remotely()).emptyRemotely(call, { work: 'delete-cached', words: DELETE_ALL_CACHED }),
  },
  {
    name: 'delete-queued-image',
    summary: 'Delete an image from the cache queue',
    operands: '<IMAGE_ID...>',
    operandsFrom: 'queued',
    flags: [DRY_RUN],
    examples: [
      {
        line: 'glance-cache-manage -f delete-queued-image 71c675ab-d94f-49cd-a114-e12490b328d9',
        does: 'Take it out of the queue without a question.',
      },
    ],
    run: (call) =>
      changeImages(call, {
        ...DELETE_QUEUED,
        saysDoneWhenIdle: true,
        apply: ({ access }, imageIds, dryRun) => dequeueImages(access, imageIds, dryRun),
      }),
    runRemotely: async (call) =>
      (await remotely()).changeRemotely(call, { work: 'delete-queued', words: DELETE_QUEUED }),
  },
  {
    name: 'delete-all-queued-images',
    summary: 'Delete all images from the cache queue',
    flags: [DRY_RUN],
    examples: [{ line: 'glance-cache-manage -f -v delete-all-queued-images', does: 'Empty the queue and say so.' }],
    run: (call) =>
      changeAll(call, {
        ...DELETE_ALL_QUEUED,
        apply: ({ access }, dryRun) => dequeueImages(access, undefined, dryRun),
      }),
    runRemotely: async (call) =>
      (await remotely()).emptyRemotely(call, { work: 'delete-queued', words: DELETE_ALL_QUEUED }),
  },
];

function idleText(item: ReportItem, state: string): string {
  const { imageId } = item;
  if (isAbsent(item)) return `Nothing to delete: image ${imageId} was not ${state}`;
  return `Not deleted: image ${imageId} is ${idleReason(item)}`;
}

/** More would fill a screen. */
const MOST_IDS = 20;

/** Says what became of pins: they stay, and who wants them gone is told how. */
function withPinNotes(result: DeleteResult): ChangeResult {
  const { items, stillPinned } = result;
  const kept = items.filter(({ reason }) => reason === 'pinned').length;
  const notes: string[] = [];
  if (kept > 0) {
    const what = kept === 1 ? '1 pinned image stays' : `${kept} pinned images stay`;
    notes.push(`${what}; to delete all: glance-cache-manage delete-all-cached-images --include-pinned`);
  }
  const [first, ...others] = stillPinned;
  if (first !== undefined) {
    const what =
      others.length === 0
        ? 'The pin stays for when the image comes back'
        : `${stillPinned.length} pins stay for when the images come back`;
    const imageIds = stillPinned.length > MOST_IDS ? '<IMAGE_ID...>' : stillPinned.join(' ');
    notes.push(`${what}; to unpin: glance-cache-manage unpin-image ${imageIds}`);
  }
  return { ...result, notes };
}
