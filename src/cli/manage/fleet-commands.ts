/**
 * list-nodes and where: what the nodes that share Glance's database hold. Their work is loaded when it is asked for.
 */
import type { Command } from '../program.ts';
import { imageIdsOf } from './image-ids.ts';
import { COLUMN, SORT_COLUMN } from './manage-flags.ts';
import { refuseHost } from './refuse-host.ts';
import { timed } from './show-list.ts';

/** The commands that are about all nodes. */
export const FLEET_COMMANDS: readonly Command[] = [
  {
    name: 'list-nodes',
    summary: "List the nodes that share Glance's database, and what they hold",
    flags: [COLUMN, SORT_COLUMN],
    examples: [
      { line: 'glance-cache-manage list-nodes', does: 'Images, bytes, hits and last use of each node.' },
      { line: 'glance-cache-manage list-nodes --format value -c node', does: 'Only the URLs, for a loop.' },
    ],
    run: (call) =>
      timed(call, async () => {
        const { listNodes } = await import('./fleet-views.ts');
        await listNodes(call);
      }),
    runRemotely: (call) => refuseHost(call, 'list-nodes'),
  },
  {
    name: 'where',
    summary: 'Tell which nodes hold an image',
    operands: '<IMAGE_ID...>',
    operandsFrom: 'cached',
    flags: [COLUMN, SORT_COLUMN],
    examples: [
      {
        line: 'glance-cache-manage where 71c675ab-d94f-49cd-a114-e12490b328d9',
        does: 'The nodes that hold it; ends with 6 where none does.',
      },
      {
        line: 'glance-cache-manage where --format value -c node 71c675ab-d94f-49cd-a114-e12490b328d9',
        does: 'Only their URLs, for a loop.',
      },
    ],
    run: async (call) => {
      const imageIds = imageIdsOf(call.args.operands);
      await timed(call, async () => {
        const { tellWhere } = await import('./fleet-views.ts');
        await tellWhere(call, imageIds);
      });
    },
    runRemotely: (call) => refuseHost(call, 'where'),
  },
];
