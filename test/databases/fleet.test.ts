import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { jsonOf } from '../support/harmless.ts';
import { success } from '../support/run-program.ts';
import type { CentralNode } from './support/central-node.ts';
import { ENGINES } from './support/server-address.ts';
import { NODE_1, NODE_2, useNodes } from './support/use-nodes.ts';

const { makeNode, makeSibling } = useNodes();

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];

/** The databases sort it between the others, as letters; its code units come first. */
const NODE_3 = 'http://CONTROLLER-1b.test:9292';

/** Three nodes that hold two images, one and none. */
async function fleetOf(engine: (typeof ENGINES)[number]): Promise<CentralNode> {
  const node = await makeNode(engine);
  const other = await makeSibling(node);
  await makeSibling(node, NODE_3);
  await node.addImages([ONE, TWO], { size: 5_000_000_000, hits: 3 });
  await other.addImages([TWO], { size: 20, hits: 4 });
  return node;
}

describe.each(ENGINES)('%s, the commands about all nodes', (engine) => {
  test('list nodes and images in one order, whatever the collation', async () => {
    const node = await fleetOf(engine);
    const nodes = await node.run('manage', ['list-nodes', '--format', 'json']);
    expect(jsonOf(nodes)).toEqual([
      { node: NODE_3, images: 0, size: 0, hits: 0, last_accessed: null, this_node: false },
      {
        node: NODE_1,
        images: 2,
        size: 10_000_000_000,
        hits: 6,
        last_accessed: '2023-11-14T22:01:00Z',
        this_node: true,
      },
      { node: NODE_2, images: 1, size: 20, hits: 4, last_accessed: '2023-11-14T22:00:00Z', this_node: false },
    ]);
    const list = await node.run('manage', ['list-cached', '--all-nodes', '--format', 'value']);
    expect(list).toEqual(
      success(`${NODE_1} ${ONE} 2023-11-14T22:00:00Z 2023-11-14T22:13:20Z 5000000000 3
${NODE_1} ${TWO} 2023-11-14T22:01:00Z 2023-11-14T22:13:20Z 5000000000 3
${NODE_2} ${TWO} 2023-11-14T22:00:00Z 2023-11-14T22:13:20Z 20 4
`),
    );
  });

  test('tell where images are, and sum up all nodes', async () => {
    const node = await fleetOf(engine);
    const held = await node.run('manage', ['where', '--format', 'value', '-c', 'node', TWO]);
    expect(held).toEqual(success(`${NODE_1}\n${NODE_2}\n`));
    expect((await node.run('manage', ['where', THREE])).code).toBe(6);
    expect((await node.run('manage', ['where', THREE, ONE])).code).toBe(10);
    expect(jsonOf(await node.run('manage', ['stats', '--all-nodes', '--format', 'json']))).toMatchObject({
      total: { images: 3, distinct_images: 2, size: 10_000_000_020, hits: 10, largest_image: ONE },
      items: [
        { node: NODE_3, images: 0 },
        { node: NODE_1, images: 2, size: 10_000_000_000, this_node: true },
        { node: NODE_2, images: 1, size: 20 },
      ],
    });
    const own = jsonOf(await node.run('manage', ['stats', '--format', 'json']));
    expect(own).toMatchObject({ all_nodes: false, total: { images: 2 }, items: [{ node: NODE_1, images: 2 }] });
  });

  test('need neither a cache directory nor a node of their own', async () => {
    const node = await fleetOf(engine);
    node.cache.configureExactly(
      '[DEFAULT]',
      'image_cache_driver = centralized_db',
      '[database]',
      `connection = ${node.database.url()}`,
    );
    const nodes = await node.run('manage', ['list-nodes', '--format', 'value', '-c', 'node', '-c', 'this_node']);
    expect(nodes).toEqual(success(`${NODE_3} -\n${NODE_1} -\n${NODE_2} -\n`));
  });
});
