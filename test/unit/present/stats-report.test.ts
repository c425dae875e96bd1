import { describe, expect, test } from 'vitest';
import { barGlyphs } from '../../../src/present/bar-glyphs.ts';
import { loadPaint } from '../../../src/present/paint.ts';
import { renderReport } from '../../../src/present/report.ts';
import type { Canvas } from '../../../src/present/reports/stats-canvas.ts';
import {
  EXACT_STYLE,
  humanStyle,
  type StatsItem,
  type StatsStyle,
  statsColumns,
  statsExtraColumns,
  statsHereColumns,
} from '../../../src/present/reports/stats-columns.ts';
import { statsRecord } from '../../../src/present/reports/stats-record.ts';
import { renderStatsText, type StatsReport } from '../../../src/present/reports/stats-report.ts';
import { selectColumns } from '../../../src/present/select-columns.ts';
import { summarizeFleet } from '../../../src/use-cases/fleet/fleet-stats.ts';
import { emptyNode, fleetRow } from '../../support/fleets.ts';
import { ESCAPES } from '../../support/hostile-text.ts';
import { madeUp, NOW_SEC, nodeStats } from '../../support/node-stats.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';

const [A, B, C] = ['http://controller1:9292', 'http://controller2:9292', 'http://controller3:9292'];
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

/** The figures of a node that is asked itself. */
function nodeReport(): StatsReport {
  const here = nodeStats(
    [madeUp(1, { sizeBytes: 3 * GIB, hits: 12_345 }), madeUp(2, { sizeBytes: GIB / 2, hits: 1 })],
    {
      prune: { maxSizeBytes: 3 * GIB },
    },
  );
  const { total } = here;
  return {
    allNodes: false,
    total,
    distinctImages: 2,
    items: [{ ...total, nodeUrl: undefined, isOwn: true, here }],
    here,
  };
}

const look = { glyphs: barGlyphs({ LANG: 'C.UTF-8' }), paint: await loadPaint(false) };
const HUMAN: Canvas = { columns: 79, look, style: humanStyle(NOW_SEC), isScreen: true };

/** What of the JSON is looked at here. */
interface Shape {
  readonly total: object;
  readonly items: readonly object[];
}

const HERE_FIELDS = [
  'cache_dir',
  'driver',
  'taken_at',
  'use',
  'ages',
  'unlisted',
  'lost_rows',
  'foreign_rows',
  'incomplete',
  'invalid',
  'prefetch',
  'queued',
  'pinned',
  'reclaimable',
  'next_prune',
  'forecast',
];

async function rendered(report: StatsReport, format: 'json' | 'csv' | 'value', names: readonly string[] = []) {
  const here = report.here === undefined ? [] : statsHereColumns(EXACT_STYLE);
  const all = [...statsColumns(EXACT_STYLE), ...statsExtraColumns(EXACT_STYLE), ...here];
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

  test('draws beside each node how large its cache is, where there is room', async () => {
    const text = await renderStatsText(fleetReport(), { ...HUMAN, columns: 97 }, false);
    expect(
      text.split('\n').slice(0, 5).join('\n'),
    ).toBe(`Node                     Images     Size   Hits  Oldest Use   Latest Use
http://controller1:9292       2  3.5 GiB  12346  2 d 1 h ago  59 s ago    ███████████████████████
http://controller2:9292       1  3.0 GiB      7  1 h ago      1 h ago     ███████████████████▌░░░
http://controller3:9292       0      0 B      0  N/A          N/A         ░░░░░░░░░░░░░░░░░░░░░░░
All nodes                     3  6.5 GiB  12353  2 d 1 h ago  59 s ago`);
  });

  test('leaves out of the table of nodes what a terminal has no room for, and nothing elsewhere', async () => {
    const narrow = { ...HUMAN, columns: 59 };
    const [head, first] = (await renderStatsText(fleetReport(), narrow, false)).split('\n');
    expect(head).toBe('Node                     Images     Size   Hits');
    expect(first).toBe('http://controller1:9292       2  3.5 GiB  12346  ██████████');
    const exact = { ...narrow, style: EXACT_STYLE, isScreen: false };
    expect(await renderStatsText(fleetReport(), exact, false)).toMatch(/Oldest Use +Latest Use\n/);
  });

  test('is the picture of a node where that is asked for', async () => {
    expect(await renderStatsText(nodeReport(), HUMAN, false)).toMatch(/^2 cached images, 12346 hits in \/var\/lib/);
  });

  test('says in a few words that there is nothing', async () => {
    const empty = fleetReport([], []);
    expect(await renderStatsText(empty, HUMAN, false)).toBe('No nodes.\n');
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
  test('has the same fields for all nodes as for one, which has more', async () => {
    const [one, all] = [await rendered(nodeReport(), 'json'), await rendered(fleetReport(), 'json')];
    const keysOf = (record: object): readonly string[] => Object.keys(record);
    const [ofOne, ofAll] = [JSON.parse(one), JSON.parse(all)] as readonly [Shape, Shape];
    expect(keysOf(ofOne.total)).toEqual(keysOf(ofAll.total));
    expect(keysOf(ofOne)).toEqual([...keysOf(ofAll).slice(0, -1), ...HERE_FIELDS, 'items']);
    const [itemOfOne = {}, itemOfAll = {}] = [ofOne.items[0], ofAll.items[0]];
    expect(keysOf(itemOfOne).slice(0, keysOf(itemOfAll).length)).toEqual(keysOf(itemOfAll));
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
    expect((await rendered(fleetReport(), 'csv')).split('\n')[0]).toBe(
      'node,images,size,hits,least_recently_used,most_recently_used,largest_image,largest_size,this_node,most_used_image,most_used_hits,least_used_image,least_used_hits',
    );
  });

  test('gives what only a node itself knows as columns, too', async () => {
    const names = ['max_size', 'prune_images', 'prune_size', 'pinned_images', 'reclaimable_size', 'full_in'];
    expect(await rendered(nodeReport(), 'value', names)).toBe(`${3 * GIB} 1 ${3 * GIB} 0 0 0\n`);
  });

  test('says in a table in how long the cache is full, as people do and as programs do', () => {
    const [item] = nodeReport().items;
    if (item === undefined) throw new Error('There is a node');
    const filling = { ...item, here: nodeStats([madeUp(1, { sizeBytes: GIB })]) };
    const textOf = (style: StatsStyle): string | undefined =>
      statsHereColumns(style)
        .find(({ key }) => key === 'full_in')
        ?.text(filling);
    expect(textOf(EXACT_STYLE)).toBe(`${99 * 86_400} s`);
    expect(textOf(HUMAN.style)).toBe('99 d');
  });

  test('has a share of nothing as null, and no time that no calendar has', async () => {
    const here = nodeStats([madeUp(1, { sizeBytes: 1 })], {
      prune: { maxSizeBytes: Number.MAX_SAFE_INTEGER },
      snapshot: { space: { totalBytes: 0, availableBytes: Number.MAX_SAFE_INTEGER } },
    });
    const report = { ...nodeReport(), here, items: [{ ...here.total, nodeUrl: undefined, isOwn: true, here }] };
    expect(JSON.parse(await rendered(report, 'json'))).toMatchObject({
      use: { max_size_percent: 0, file_system_percent: null },
      forecast: { state: 'filling', full_at: null },
      items: [{ full_in: null }],
    });
  });
});
