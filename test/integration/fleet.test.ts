import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { useFleetDatabase } from '../support/fleet-database.ts';
import { jsonOf } from '../support/harmless.ts';
import { failure, success, timeless } from '../support/run-program.ts';

const fleet = useFleetDatabase();

const [A, B, C] = ['http://controller1:9292', 'http://controller2:9292', 'http://controller3:9292'];
const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];

/** Two nodes that hold one and two images, one of them in common, and a node without any. */
function fill(): void {
  for (const url of [C, B, A]) fleet().addNode(url);
  fleet().addImages(B, [TWO], { size: 5_000_000_000, hits: 3 });
  fleet().addImages(B, [ONE], { size: 20, accessed: '2023-11-14 22:13:21', hits: 4 });
  fleet().addImages(A, [TWO], { size: 5_000_000_000, accessed: '2023-11-15 00:00:00', hits: 12 });
}

/** The error that JSON on standard error tells of. */
function errorOf(stderr: string): unknown {
  return (JSON.parse(stderr) as { readonly error: unknown }).error;
}

describe('list-cached --all-nodes', () => {
  test('lists the images of all nodes in the columns of list-cached, ordered by node and ID', async () => {
    fill();
    expect(await fleet().manage('list-cached', '--all-nodes')).toEqual(
      success(`Found 3 cached images...
+-------------------------+--------------------------------------+----------------------------+----------------------------+------------+------+
| Node                    |                  ID                  |    Last Accessed (UTC)     |    Last Modified (UTC)     |       Size | Hits |
+-------------------------+--------------------------------------+----------------------------+----------------------------+------------+------+
| ${A} | ${TWO} |    2023-11-15T00:00:00     | 2023-11-14T22:13:20.250000 | 5000000000 |   12 |
| ${B} | ${ONE} |    2023-11-14T22:13:21     | 2023-11-14T22:13:20.250000 |         20 |    4 |
| ${B} | ${TWO} | 2023-11-14T22:13:20.250000 | 2023-11-14T22:13:20.250000 | 5000000000 |    3 |
+-------------------------+--------------------------------------+----------------------------+----------------------------+------------+------+
`),
    );
  });

  test('sorts, selects columns and prints every format as list-cached does', async () => {
    fill();
    const list = (...args: readonly string[]) => fleet().manage('list-cached', '--all-nodes', ...args);
    expect(await list('--format', 'value', '--sort-column', 'hits:desc', '-c', 'hits', '-c', 'node')).toEqual(
      success(`12 ${A}\n4 ${B}\n3 ${B}\n`),
    );
    expect((await list('--format', 'csv')).stdout.split('\n')[1]).toBe(
      `${A},${TWO},2023-11-15T00:00:00Z,2023-11-14T22:13:20.250000Z,5000000000,12`,
    );
    const record = {
      node: A,
      image_id: TWO,
      last_accessed: '2023-11-15T00:00:00Z',
      last_modified: '2023-11-14T22:13:20.250000Z',
      size: 5_000_000_000,
      hits: 12,
    };
    const [first] = jsonOf(await list('--format', 'json')) as readonly object[];
    expect(first).toEqual(record);
    expect(Object.keys(first ?? {})).toEqual(Object.keys(record));
  });

  test('says what list-cached says where no node holds anything', async () => {
    fleet().addNode(A);
    expect(await fleet().manage('list-cached', '--all-nodes')).toEqual(success('No cached images.\n'));
    expect(await fleet().manage('list-cached', '--all-nodes', '--format', 'yaml')).toEqual(success('[]\n'));
    expect(timeless(await fleet().manage('-v', 'list-cached', '--all-nodes')).stdout).toBe(
      'No cached images.\nCompleted in N sec.\n',
    );
  });
});

describe('list-nodes', () => {
  test('lists every node that has ever started, and marks this one', async () => {
    fill();
    fleet().configure(`worker_self_reference_url = ${B}`);
    expect(await fleet().manage('list-nodes')).toEqual(
      success(`Node                     Images          Size  Hits  Last Accessed (UTC)  Here
${A}       1  5000000000 B    12  2023-11-15T00:00:00
${B}       2  5000000020 B     7  2023-11-14T22:13:21  yes
${C}       0           0 B     0  N/A
`),
    );
    expect(jsonOf(await fleet().manage('list-nodes', '--format', 'json'))).toEqual([
      { node: A, images: 1, size: 5_000_000_000, hits: 12, last_accessed: '2023-11-15T00:00:00Z', this_node: false },
      { node: B, images: 2, size: 5_000_000_020, hits: 7, last_accessed: '2023-11-14T22:13:21Z', this_node: true },
      { node: C, images: 0, size: 0, hits: 0, last_accessed: null, this_node: false },
    ]);
  });

  test('cannot tell which one is this where this one has no URL, and says where the database does not know it', async () => {
    fill();
    const list = () =>
      fleet().manage('list-nodes', '--format', 'value', '-c', 'this_node', '--sort-column', 'images:desc');
    expect(await list()).toEqual(success('-\n-\n-\n'));
    fleet().configure('worker_self_reference_url =');
    expect(await list()).toEqual(success('-\n-\n-\n'));
    fleet().configure(`worker_self_reference_url = ${A}/`);
    expect(await list()).toEqual({
      code: 0,
      stdout: 'false\nfalse\nfalse\n',
      stderr: `This node is not among them: no glance-api has started with worker_self_reference_url "${A}/"\n`,
    });
  });

  test('says that there are none', async () => {
    expect(await fleet().manage('list-nodes')).toEqual(success('No nodes.\n'));
    expect(await fleet().manage('list-nodes', '--format', 'json')).toEqual(success('[]\n'));
  });
});

describe('where', () => {
  test('tells for each image which nodes hold it, in the order given and each once', async () => {
    fill();
    expect(await fleet().manage('where', TWO.toUpperCase(), ONE, TWO)).toEqual(
      success(`Image ${TWO} is held by 2 nodes:
Node                             Size  Hits  Last Accessed (UTC)
${A}  5000000000 B    12  2023-11-15T00:00:00
${B}  5000000000 B     3  2023-11-14T22:13:20

Image ${ONE} is held by 1 node:
Node                     Size  Hits  Last Accessed (UTC)
${B}  20 B     4  2023-11-14T22:13:21
`),
    );
    expect(await fleet().manage('where', '--format', 'value', '-c', 'node', TWO)).toEqual(success(`${A}\n${B}\n`));
    expect(jsonOf(await fleet().manage('where', '--format', 'json', ONE))).toEqual([
      {
        image_id: ONE,
        node: B,
        size: 20,
        hits: 4,
        last_accessed: '2023-11-14T22:13:21Z',
        last_modified: '2023-11-14T22:13:20.250000Z',
      },
    ]);
  });

  test('ends with 6 when no node holds any, and with 10 when some are held and some are not', async () => {
    fill();
    const queue = (imageId: string): string =>
      `Run "glance-cache-manage queue-image ${imageId}" on the node that is to hold it`;
    expect(await fleet().manage('where', THREE)).toEqual(
      failure(6, `Cannot find image ${THREE}: it is held by no node`, queue(THREE)),
    );
    expect(await fleet().manage('where', THREE, idOf('4'))).toEqual({
      code: 6,
      stdout: '',
      stderr: `Image ${THREE} is held by no node
Image ${idOf('4')} is held by no node
ERROR: Cannot find any of 2 images: they are held by no node
hint: ${queue(THREE)}
`,
    });
    const some = await fleet().manage('where', '--format', 'value', '-c', 'node', THREE, ONE);
    expect(some).toEqual({
      code: 10,
      stdout: `${B}\n`,
      stderr: `ERROR: Cannot find every image: ${THREE} is held by no node\nhint: ${queue(THREE)}\n`,
    });
  });

  test('says in JSON which images no node holds', async () => {
    fill();
    const { code, stdout, stderr } = await fleet().manage('where', '--format', 'json', THREE, ONE, idOf('4'));
    expect([code, JSON.parse(stdout)]).toMatchObject([10, [{ image_id: ONE }]]);
    expect(errorOf(stderr)).toMatchObject({ code: 'PARTIAL', details: { missing: [THREE, idOf('4')], asked: 3 } });
    const none = await fleet().manage('where', '--format', 'json', THREE);
    expect([none.code, none.stdout]).toEqual([6, '[]\n']);
    expect(errorOf(none.stderr)).toMatchObject({
      code: 'NOT_FOUND_CACHED',
      details: { missing: [THREE], asked: 1 },
    });
  });

  test('refuses what is no image ID, and a call without any, before it looks for a database', async () => {
    fleet().configureExactly();
    expect((await fleet().manage('where', ONE, 'debian-13')).stderr).toMatch(/^ERROR: Cannot use "debian-13": /);
    expect((await fleet().manage('where')).code).toBe(2);
  });
});

describe('stats --all-nodes', () => {
  test('shows the figures of each node and of all together', async () => {
    fill();
    fleet().configure(`worker_self_reference_url = ${A}`);
    expect(await fleet().manage('stats', '--all-nodes')).toEqual(
      success(`Node                     Images           Size  Hits  Oldest Use            Latest Use
${A}       1   5000000000 B    12  2023-11-15T00:00:00Z  2023-11-15T00:00:00Z
${B}       2   5000000020 B     7  2023-11-14T22:13:20Z  2023-11-14T22:13:21Z
${C}       0            0 B     0  N/A                   N/A
All nodes                     3  10000000020 B    19  2023-11-14T22:13:20Z  2023-11-15T00:00:00Z

Held           3 copies of 2 images
Largest image  ${TWO}, 5000000000 B
`),
    );
    const stats = await fleet().manage('stats', '--all-nodes', '--sort-column', 'hits', '--format', 'json');
    expect(jsonOf(stats)).toMatchObject({
      all_nodes: true,
      total: { images: 3, distinct_images: 2, size: 10_000_000_020, hits: 19, largest_image: TWO },
      items: [
        { node: C, images: 0, largest_image: null, this_node: false },
        { node: B, images: 2, largest_image: TWO, this_node: false },
        { node: A, images: 1, most_recently_used: '2023-11-15T00:00:00Z', this_node: true },
      ],
    });
  });
});
