import { describe, expect, test } from 'vitest';
import { InterruptedError, NotFoundError, RemoteError } from '../../../../src/errors/cache-error.ts';
import { changeImages } from '../../../../src/use-cases/remote/change-images.ts';
import { emptyNodes } from '../../../../src/use-cases/remote/empty-nodes.ts';
import type { NodeItem, NodeWork, SeenNode } from '../../../../src/use-cases/remote/node-item.ts';
import { refuseDoubtful } from '../../../../src/use-cases/remote/refuse-doubtful.ts';
import { tidyNodes } from '../../../../src/use-cases/remote/tidy-nodes.ts';
import { cachedRow, FakeCacheApi } from '../../../support/fake-cache-api.ts';
import { imageIdOf } from '../../../support/seeded-cache.ts';

const NEVER = new AbortController().signal;
const DOWN = new RemoteError('REMOTE_UNREACHABLE', 'Cannot reach it');
const [ONE, TWO, THREE] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];

async function seen(...nodes: readonly FakeCacheApi[]): Promise<readonly SeenNode[]> {
  return Promise.all(nodes.map(async (node) => ({ node, state: await node.list() })));
}

function node(host: string, { cached = [] as string[], queued = [] as string[] } = {}): FakeCacheApi {
  return Object.assign(new FakeCacheApi(host), { cached: cached.map((id) => cachedRow(id)), queued });
}

function briefly(items: readonly NodeItem[]): readonly string[] {
  return items.map(({ host, imageId, action, result, reason }) =>
    [host, imageId === '' ? '-' : imageId.at(7), action, result, reason ?? '-'].join(' '),
  );
}

function change(nodes: readonly SeenNode[], work: NodeWork, { dryRun = false, signal = NEVER } = {}) {
  return changeImages(nodes, { work, imageIds: [THREE, ONE, TWO], dryRun, signal });
}

describe('changeImages()', () => {
  test('queues what is neither cached nor queued, in the order given', async () => {
    const one = node('node1', { cached: [ONE] });
    const two = node('node2', { queued: [TWO.toUpperCase()] });
    const { items, failures } = await change(await seen(one, two), 'queue');
    expect(briefly(items)).toEqual([
      'node1 3 queue done -',
      'node2 3 queue done -',
      'node1 1 keep skipped cached',
      'node2 1 queue done -',
      'node1 2 queue done -',
      'node2 2 keep skipped queued',
    ]);
    expect(failures).toEqual([]);
    expect(one.queued).toEqual([THREE, TWO]);
    expect(two.queued).toEqual([TWO.toUpperCase(), THREE, ONE]);
  });

  test.each([
    ['delete-cached', { cached: [ONE, TWO] }, 'remove', 'requested'],
    ['delete-queued', { queued: [ONE, TWO] }, 'unqueue', '-'],
  ] satisfies [NodeWork, Parameters<typeof node>[1], string, string][])(
    'does %s for what is there, and says of the rest that it is not',
    async (work, holds, action, reason) => {
      const one = node('node1', holds);
      const { items } = await change(await seen(one), work);
      expect(briefly(items)).toEqual([
        'node1 3 keep skipped absent',
        `node1 1 ${action} done ${reason}`,
        `node1 2 ${action} done ${reason}`,
      ]);
      expect([one.cached, one.queued]).toEqual([[], []]);
    },
  );

  test('asks for the change all the same where another node may answer than the one that told', async () => {
    const vip = node('vip');
    vip.doubtful = ['several addresses'];
    const { items } = await change(await seen(vip), 'delete-cached');
    expect(new Set(items.map(({ result }) => result))).toEqual(new Set(['done']));
    expect(vip.calls).toEqual(['list', `deleteCached ${THREE}`, `deleteCached ${ONE}`, `deleteCached ${TWO}`]);
  });

  test('changes nothing in a dry run', async () => {
    const one = node('node1', { cached: [ONE] });
    const { items } = await change(await seen(one), 'delete-cached', { dryRun: true });
    expect(briefly(items)[1]).toBe('node1 1 remove planned requested');
    expect(items[1]).toMatchObject({ sizeBytes: 1000, lastUsedSec: 600 });
    expect(one.calls).toEqual(['list']);
  });

  test('goes on with the other images when one fails, and not when the node does', async () => {
    const unknown = new NotFoundError('NOT_FOUND_IMAGE', 'Cannot queue it');
    const [one, two] = [node('node1'), node('node2')];
    one.before = (call) => {
      if (call.endsWith(THREE)) throw unknown;
    };
    two.before = (call) => {
      if (call !== 'list') throw DOWN;
    };
    const { items, failures } = await change(await seen(one, two), 'queue');
    expect(items.map(({ host, result }) => `${host} ${result}`)).toEqual([
      'node1 failed',
      'node2 failed',
      'node1 done',
      'node2 failed',
      'node1 done',
      'node2 failed',
    ]);
    expect(items[0]?.error).toEqual({ code: 'NOT_FOUND_IMAGE', message: 'Cannot queue it' });
    expect(failures).toHaveLength(4);
    expect(two.calls).toEqual(['list', `queue ${THREE}`]);
  });

  test('leaves the rest when it is stopped', async () => {
    const controller = new AbortController();
    const one = node('node1');
    const nodes = await seen(one);
    one.before = () => controller.abort(new InterruptedError('SIGTERM', 'Stopped'));
    const { items, failures } = await change(nodes, 'queue', { signal: controller.signal });
    expect(briefly(items)).toEqual([
      'node1 3 queue done -',
      'node1 1 keep skipped stopped',
      'node1 2 keep skipped stopped',
    ]);
    expect(failures).toEqual([]);
  });
});

describe('emptyNodes()', () => {
  test('empties caches, and tells what went and how many each node has counted', async () => {
    const nodes = [node('node1', { cached: [TWO, ONE] }), node('node2')];
    const result = await emptyNodes(await seen(...nodes), { work: 'delete-cached', dryRun: false, signal: NEVER });
    expect(briefly(result.items)).toEqual(['node1 2 remove done requested', 'node1 1 remove done requested']);
    expect(result.emptied).toEqual([
      { host: 'node1', images: 2 },
      { host: 'node2', images: 0 },
    ]);
  });

  test('shows what would go in a dry run, images in any spelling included', async () => {
    const one = node('node1', { queued: [ONE.toUpperCase(), TWO] });
    const result = await emptyNodes(await seen(one), { work: 'delete-queued', dryRun: true, signal: NEVER });
    expect(briefly(result.items)).toEqual(['node1 1 unqueue planned -', 'node1 2 unqueue planned -']);
    expect(one.queued).toHaveLength(2);
  });

  test('tells of a node that fails as a whole', async () => {
    const [one, two] = [node('node1', { queued: [ONE] }), node('node2', { queued: [ONE] })];
    const nodes = await seen(one, two);
    one.before = () => {
      throw DOWN;
    };
    const result = await emptyNodes(nodes, { work: 'delete-queued', dryRun: false, signal: NEVER });
    expect(briefly(result.items)).toEqual(['node1 - unqueue failed -', 'node2 1 unqueue done -']);
    expect(result.failures).toEqual([{ host: 'node1', error: DOWN }]);
    expect(result.emptied).toEqual([{ host: 'node2', images: 1 }]);
  });
});

test('tidyNodes() has each node tidy up, and tells what it says', async () => {
  const [one, two] = [node('node1'), node('node2')];
  const nodes = await seen(one, two);
  two.before = () => {
    throw DOWN;
  };
  const { items, failures } = await tidyNodes(nodes, { action: 'prune', signal: NEVER });
  expect(items).toEqual([
    { host: 'node1', action: 'prune', result: 'done', images: 2, sizeBytes: 3000, error: undefined },
    expect.objectContaining({ host: 'node2', result: 'failed', error: expect.objectContaining({}) as unknown }),
  ]);
  expect(failures).toEqual([{ host: 'node2', error: DOWN }]);
  const cleaned = await tidyNodes(nodes.slice(0, 1), { action: 'clean', signal: NEVER });
  expect(cleaned.items).toMatchObject([{ action: 'clean', result: 'done', images: undefined }]);
});

test('refuseDoubtful() lets only those be changed that are one node, as far as was seen', async () => {
  const [one, vip] = [node('node1'), node('vip')];
  vip.doubtful = ['"vip" has the addresses 10.0.0.1, 10.0.0.2'];
  const { trusted, refused } = refuseDoubtful(await seen(one, vip));
  expect(trusted.map(({ node }) => node.host)).toEqual(['node1']);
  expect(refused).toMatchObject([
    {
      host: 'vip',
      error: {
        code: 'USAGE_NOT_AVAILABLE',
        message: 'Cannot change the cache of "vip": "vip" has the addresses 10.0.0.1, 10.0.0.2',
      },
    },
  ]);
});
