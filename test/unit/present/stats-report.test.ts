import { describe, expect, test } from 'vitest';
import { renderReport } from '../../../src/present/report.ts';
import {
  EXACT_STYLE,
  humanStyle,
  type StatsItem,
  statsColumns,
  statsExtraColumns,
} from '../../../src/present/reports/stats-columns.ts';
import { renderStatsText, type StatsReport, statsRecord } from '../../../src/present/reports/stats-report.ts';
import { selectColumns } from '../../../src/present/select-columns.ts';
import { summarizeFleet } from '../../../src/use-cases/fleet/fleet-stats.ts';
import { emptyNode, fleetRow } from '../../support/fleets.ts';
import { ESCAPES } from '../../support/hostile-text.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';

const [A, B, C] = ['http://controller1:9292', 'http://controller2:9292', 'http://controller3:9292'];
const NOW_SEC = 1_700_000_000;
const GIB = 1024 ** 3;

const ROWS = [
  fleetRow(A, imageIdOf(1), { lastAccessedSec: NOW_SEC - 2 * 86_400 - 3600, sizeBytes: 3 * GIB, hits: 12_345 }),
  fleetRow(A, imageIdOf(2), { lastAccessedSec: NOW_SEC - 59.5, sizeBytes: GIB / 2, hits: 1 }),
  fleetRow(B, imageIdOf(1), { lastAccessedSec: NOW_SEC - 3600, sizeBytes: 3 * GIB, hits: 7 }),
];

function fleetReport(rows = ROWS, known = [A, B, C]): StatsReport {
  const { nodes, ...sums } = summarizeFleet(known.map(emptyNode), rows);
  const items = nodes.map((node): StatsItem => ({ ...node, isOwn: node.nodeUrl === B }));
  return { allNodes: true, ...sums, items };
}

/** The same for the first node alone. */
function nodeReport(): StatsReport {
  const [item] = fleetReport().items;
  if (item === undefined) throw new Error('There is a node');
  return { allNodes: false, total: item, distinctImages: item.images, items: [{ ...item, nodeUrl: undefined }] };
}

const HUMAN = humanStyle(NOW_SEC);

async function rendered(report: StatsReport, format: 'json' | 'csv' | 'value', names: readonly string[] = []) {
  const all = [...statsColumns(EXACT_STYLE), ...statsExtraColumns(EXACT_STYLE)];
  return [...(await renderReport(statsRecord(report, selectColumns(all, names)), format))].join('');
}

describe('renderStatsText()', () => {
  test('fits the figures of all nodes into 80 columns on a terminal', async () => {
    const text = await renderStatsText(fleetReport(), HUMAN, false);
    expect(text).toBe(`Node                     Images     Size   Hits  Oldest Use   Latest Use
http://controller1:9292       2  3.5 GiB  12346  2 d 1 h ago  59 s ago
http://controller2:9292       1  3.0 GiB      7  1 h ago      1 h ago
http://controller3:9292       0      0 B      0  N/A          N/A
All nodes                     3  6.5 GiB  12353  2 d 1 h ago  59 s ago

Held           3 copies of 2 images
Largest image  ${imageIdOf(1)}, 3.0 GiB
`);
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  test('is exact where a program may read along', async () => {
    expect(await renderStatsText(nodeReport(), EXACT_STYLE, false)).toBe(`Images               2
Size                 3758096384 B
Hits                 12346
Least recently used  2023-11-12T21:13:20Z
Most recently used   2023-11-14T22:12:20Z
Largest image        ${imageIdOf(1)}, 3221225472 B
`);
  });

  test('tells on a terminal how long ago something was, and when', async () => {
    const text = await renderStatsText(nodeReport(), HUMAN, false);
    expect(text).toContain('Least recently used  2 d 1 h ago (2023-11-12T21:13:20Z)\n');
  });

  test('says in a few words that there is nothing', async () => {
    const empty = fleetReport([], []);
    expect(await renderStatsText(empty, HUMAN, false)).toBe('No nodes.\n');
    expect(await renderStatsText({ ...empty, allNodes: false }, HUMAN, false)).toBe('No cached images.\n');
    const unused = await renderStatsText(fleetReport([], [A]), HUMAN, false);
    expect(unused).toBe(`Node                     Images  Size  Hits  Oldest Use  Latest Use
http://controller1:9292       0   0 B     0  N/A         N/A
All nodes                     0   0 B     0  N/A         N/A
`);
  });

  test('lets no terminal obey a URL', async () => {
    const rows = ESCAPES.map((text) => fleetRow(text, text, { sizeBytes: 1e300, hits: 1e300, lastAccessedSec: 1e300 }));
    const text = await renderStatsText(fleetReport(rows, []), HUMAN, false);
    expect(text.replaceAll('\n', '')).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+$/u);
    expect(text.split('\n').length).toBe(ESCAPES.length + 6);
  });
});

describe('statsRecord()', () => {
  test('has the same fields for one node and for all', async () => {
    const [one, all] = [await rendered(nodeReport(), 'json'), await rendered(fleetReport(), 'json')];
    const keysOf = (json: string): unknown =>
      json.match(/^ *"\w+":/gm)?.filter((key, at, keys) => keys.indexOf(key) === at);
    expect(keysOf(one)).toEqual(keysOf(all));
    expect(JSON.parse(all)).toMatchObject({
      program: 'glance-cache-manage',
      command: 'stats',
      all_nodes: true,
      total: {
        images: 3,
        distinct_images: 2,
        size: 6.5 * GIB,
        hits: 12_353,
        least_recently_used: '2023-11-12T21:13:20Z',
        most_recently_used: '2023-11-14T22:12:20.500000Z',
        largest_image: imageIdOf(1),
        largest_size: 3 * GIB,
      },
      items: [
        { node: A, this_node: false },
        { node: B, this_node: true },
        { node: C, largest_image: null },
      ],
    });
  });

  test('gives a line for each node in the other formats', async () => {
    expect(await rendered(fleetReport(), 'value', ['node', 'images', 'this_node', 'most_recently_used'])).toBe(
      `${A} 2 false 2023-11-14T22:12:20.500000Z\n${B} 1 true 2023-11-14T21:13:20Z\n${C} 0 false -\n`,
    );
    expect((await rendered(nodeReport(), 'csv')).split('\n')[0]).toBe(
      'node,images,size,hits,least_recently_used,most_recently_used,largest_image,largest_size,this_node',
    );
  });
});
