/**
 * How the nodes that share a database are shown, and the copies of an image on them.
 */
import type { FleetNode, FleetRow } from '../../cache/index/centralized/fleet.ts';
import type { SizeText } from '../../text/amounts.ts';
import { isOwnNode } from '../../use-cases/fleet/own-node.ts';
import type { Column } from '../column.ts';
import { isoTime, NO_TIME } from '../iso-time.ts';
import { timeField } from './time-field.ts';

/** The column of the node, before those of a list of images. */
export const NODE_COLUMN: Column<FleetRow> = {
  key: 'node',
  title: 'Node',
  align: 'left',
  text: ({ nodeUrl }) => nodeUrl,
  value: ({ nodeUrl }) => nodeUrl,
};

/**
 * The columns of a list of nodes.
 *
 * @param ownUrl the URL of this node, where it has one
 */
export function nodeColumns(ownUrl: string | undefined, size: SizeText): readonly Column<FleetNode>[] {
  return [
    { key: 'node', title: 'Node', align: 'left', text: ({ url }) => url, value: ({ url }) => url },
    {
      key: 'images',
      title: 'Images',
      align: 'right',
      text: ({ images }) => String(images),
      value: ({ images }) => images,
    },
    ...countColumns<FleetNode>(size),
    usedColumn(({ lastAccessedSec }) => lastAccessedSec),
    {
      key: 'this_node',
      // As narrow as what stands below it: URLs are long, and terminals 80 columns wide.
      title: 'Here',
      align: 'left',
      text: ({ url }) => (isOwnNode(url, ownUrl) === true ? 'yes' : ''),
      value: ({ url }) => isOwnNode(url, ownUrl) ?? null,
    },
  ];
}

/** The column that names the image, which a table of one image's copies does not need. */
export const COPY_ID_COLUMN: Column<FleetRow> = {
  key: 'image_id',
  title: 'ID',
  align: 'left',
  text: ({ imageId }) => imageId,
  value: ({ imageId }) => imageId,
};

/** The columns of a table of one image's copies. */
export function copyColumns(size: SizeText): readonly Column<FleetRow>[] {
  return [NODE_COLUMN, ...countColumns<FleetRow>(size), usedColumn(({ lastAccessedSec }) => lastAccessedSec)];
}

/** What more the machine formats say of a copy. */
export const COPY_EXTRA_COLUMN: Column<FleetRow> = {
  key: 'last_modified',
  title: 'Last Modified (UTC)',
  align: 'left',
  text: ({ lastModifiedSec }) => toTheSecond(lastModifiedSec),
  value: ({ lastModifiedSec }) => timeField(lastModifiedSec),
};

function countColumns<R extends Pick<FleetNode, 'sizeBytes' | 'hits'>>(size: SizeText): readonly Column<R>[] {
  return [
    {
      key: 'size',
      title: 'Size',
      align: 'right',
      text: ({ sizeBytes }) => size(sizeBytes),
      value: ({ sizeBytes }) => sizeBytes,
    },
    { key: 'hits', title: 'Hits', align: 'right', text: ({ hits }) => String(hits), value: ({ hits }) => hits },
  ];
}

function usedColumn<R>(timeOf: (row: R) => number | undefined): Column<R> {
  return {
    key: 'last_accessed',
    title: 'Last Accessed (UTC)',
    align: 'left',
    text: (row) => toTheSecond(timeOf(row)),
    value: (row) => timeField(timeOf(row)),
  };
}

/** A time for people: MySQL keeps no fractions, and nobody compares those of the others by eye. */
function toTheSecond(epochSec: number | undefined): string {
  return epochSec === undefined || epochSec === 0 ? NO_TIME : isoTime(Math.floor(epochSec));
}
