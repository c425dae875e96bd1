/**
 * How lists and reports about nodes are shown.
 */

import { countOf, type SizeText } from '../../text/amounts.ts';
import type { NodeItem } from '../../use-cases/remote/node-item.ts';
import type { TidyItem } from '../../use-cases/remote/tidy-nodes.ts';
import type { Column } from '../column.ts';
import { itemColumns } from './item-columns.ts';

/** On which node it is, as the user gave its address. */
export const HOST_COLUMN: Column<{ readonly host: string }> = {
  key: 'host',
  title: 'Host',
  align: 'left',
  text: ({ host }) => host,
  value: ({ host }) => host,
};

/** The columns of a report about images of nodes. An item about a node as a whole has no image ID. */
export function nodeItemColumns(size: SizeText): readonly Column<NodeItem>[] {
  const columns = itemColumns(size).map(
    (column): Column<NodeItem> =>
      column.key === 'image_id' ? { ...column, value: ({ imageId }) => (imageId === '' ? null : imageId) } : column,
  );
  return [HOST_COLUMN, ...columns];
}

/** The columns of a report about nodes that have tidied up by themselves. */
export function tidyColumns(size: SizeText): readonly Column<TidyItem>[] {
  return [
    HOST_COLUMN,
    { key: 'action', title: 'Action', align: 'left', text: ({ action }) => action, value: ({ action }) => action },
    { key: 'result', title: 'Result', align: 'left', text: ({ result }) => result, value: ({ result }) => result },
    {
      key: 'images',
      title: 'Images',
      align: 'right',
      text: ({ images }) => (images === undefined ? '' : String(images)),
      value: ({ images }) => images ?? null,
    },
    {
      key: 'size',
      title: 'Size',
      align: 'right',
      text: ({ sizeBytes }) => (sizeBytes === undefined ? '' : size(sizeBytes)),
      value: ({ sizeBytes }) => sizeBytes ?? null,
    },
    {
      key: 'error',
      title: 'Error',
      align: 'left',
      text: ({ error }) => error?.code ?? '',
      value: ({ error }) => error?.code ?? null,
    },
    {
      key: 'message',
      title: 'Message',
      align: 'left',
      // Too long for a table; standard error tells it.
      text: () => '',
      value: ({ error }) => error?.message ?? null,
    },
  ];
}

/** What a node has done, in a sentence. */
export function tidySentence({ host, action, result, images, sizeBytes = 0 }: TidyItem, size: SizeText): string {
  if (result !== 'done') return `Not done: ${action} on ${host}.`;
  if (action === 'clean') return `Removed what had failed or stalled from the cache of ${host}.`;
  if (images === undefined || images === 0) return `Nothing to remove from the cache of ${host}.`;
  return `Removed ${countOf(images, 'image')} from the cache of ${host}, ${size(sizeBytes)}.`;
}
