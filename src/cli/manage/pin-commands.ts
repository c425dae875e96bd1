/**
 * pin-image, unpin-image and list-pinned: images that the pruner never takes. Nothing is destroyed, so nothing is asked.
 */

import { DRY_RUN } from '../common-flags.ts';
import type { Command } from '../program.ts';
import { COLUMN, SORT_COLUMN } from './manage-flags.ts';

const IMAGE_ID = '71c675ab-d94f-49cd-a114-e12490b328d9';

const pins = () => import('./change-pins.ts');

/** The commands. */
export const PIN_COMMANDS: readonly Command[] = [
  {
    name: 'pin-image',
    summary: 'Pin an image, so that the pruner never takes it',
    operands: '<IMAGE_ID...>',
    operandsFrom: 'cached',
    flags: [DRY_RUN],
    examples: [
      { line: `glance-cache-manage pin-image ${IMAGE_ID}`, does: 'Keep it, however seldom it is used.' },
      {
        line: `glance-cache-manage pin-image ${IMAGE_ID} && glance-cache-manage -f queue-image ${IMAGE_ID}`,
        does: 'Keep an image that is not cached yet.',
      },
    ],
    run: async (call) => (await pins()).pin(call),
  },
  {
    name: 'unpin-image',
    summary: 'Let the pruner take an image again',
    operands: '<IMAGE_ID...>',
    operandsFrom: 'pinned',
    flags: [DRY_RUN],
    examples: [{ line: `glance-cache-manage unpin-image ${IMAGE_ID}`, does: 'It stays cached until it is pruned.' }],
    run: async (call) => (await pins()).unpin(call),
  },
  {
    name: 'list-pinned',
    summary: 'List all pinned images, and which of them are cached',
    flags: [COLUMN, SORT_COLUMN],
    examples: [
      { line: 'glance-cache-manage list-pinned', does: 'With size, last use and hits.' },
      { line: 'glance-cache-manage list-pinned --format value -c image_id', does: 'Only the IDs, for a loop.' },
    ],
    run: async (call) => (await import('./list-pinned.ts')).listPins(call),
  },
];
