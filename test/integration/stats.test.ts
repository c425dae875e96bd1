import { describe, expect, test } from 'vitest';
import { CACHED_AT, idOf, useCache } from '../support/cache-fixture.ts';
import { expectHarmless, jsonOf } from '../support/harmless.ts';
import { ESCAPES } from '../support/hostile-text.ts';
import { success, timeless } from '../support/run-program.ts';

const cache = useCache();

function fill(): void {
  cache().addImage(idOf('1'), { size: 3000, hits: 4, accessed: 0 });
  cache().addImage(idOf('2'), { size: 20, hits: 1, accessed: Math.ceil(CACHED_AT) });
}

describe('stats', () => {
  test('shows the figures of this node', async () => {
    fill();
    const before = cache().state();
    expect(await cache().manage('stats')).toEqual(
      success(`Images               2
Size                 3020 B
Hits                 5
Least recently used  2023-11-14T22:13:20Z
Most recently used   2023-11-14T22:13:21Z
Largest image        ${idOf('1')}, 3000 B
`),
    );
    expect(cache().state()).toEqual(before);
    expect(timeless(await cache().manage('-v', 'stats', '-c', 'images')).stdout).toBe(
      'Images\n     2\nCompleted in N sec.\n',
    );
  });

  test('has the fields of stats --all-nodes, with one node', async () => {
    cache().configure('worker_self_reference_url = http://controller1:9292');
    fill();
    expect(jsonOf(await cache().manage('stats', '--format', 'json'))).toEqual({
      program: 'glance-cache-manage',
      command: 'stats',
      all_nodes: false,
      total: {
        images: 2,
        distinct_images: 2,
        size: 3020,
        hits: 5,
        least_recently_used: '2023-11-14T22:13:20.250000Z',
        most_recently_used: '2023-11-14T22:13:21Z',
        largest_image: idOf('1'),
        largest_size: 3000,
      },
      items: [
        {
          node: 'http://controller1:9292',
          images: 2,
          size: 3020,
          hits: 5,
          least_recently_used: '2023-11-14T22:13:20.250000Z',
          most_recently_used: '2023-11-14T22:13:21Z',
          largest_image: idOf('1'),
          largest_size: 3000,
          this_node: true,
        },
      ],
    });
    const value = await cache().manage('stats', '--format', 'value', '-c', 'largest_image', '-c', 'hits');
    expect(value).toEqual(success(`${idOf('1')} 5\n`));
  });

  test('says that nothing is cached, and points at the driver when there are files', async () => {
    expect(await cache().manage('stats')).toEqual(success('No cached images.\n'));
    expect(await cache().manage('stats', '--format', 'value', '-c', 'node', '-c', 'images')).toEqual(success('- 0\n'));
    cache().addFile('cached', idOf('1'));
    const { stdout, stderr } = await cache().manage('stats');
    expect(stdout).toBe('No cached images.\n');
    expect(stderr).toMatch(/^The index lists nothing, yet the directory holds 1 image file: check image_cache_driver/);
  });

  test('counts what no image ID names as the index has it, and prints nothing that a terminal obeys', async () => {
    for (const [at, text] of ESCAPES.entries()) cache().addRow(text, { size: 10 ** at, hits: 'x', accessed: 1e300 });
    for (const args of [[], ['--format', 'json'], ['--format', 'csv'], ['-c', 'largest_image']]) {
      expectHarmless(await cache().manage('stats', ...args), args, [0]);
    }
  });
});
