/**
 * queue-image: puts images into the queue that the prefetcher works off.
 */
import { queueImages } from '../../use-cases/queue.ts';
import { DRY_RUN } from '../common-flags.ts';
import type { Command } from '../program.ts';
import { changeImages, idleReason } from './change-images.ts';

/** The command. */
export const queueCommand: Command = {
  name: 'queue-image',
  summary: 'Queue an image for caching',
  operands: '<IMAGE_ID...>',
  flags: [DRY_RUN],
  examples: [
    {
      line: 'glance-cache-manage -f queue-image 71c675ab-d94f-49cd-a114-e12490b328d9',
      does: 'Queue it without a question; the prefetcher fetches it in its next run.',
    },
  ],
  run: (call) =>
    changeImages(call, {
      question: (imageId) => `Queue image ${imageId} for caching?`,
      done: (imageId) => `Queued image ${imageId} for caching`,
      idle: (item) => `Not queued: image ${item.imageId} is ${idleReason(item)}`,
      saysDoneWhenIdle: false,
      apply: ({ access }, imageIds, dryRun) => queueImages(access, imageIds, dryRun),
    }),
};
