import { describe, expect, test } from 'vitest';
import { InterruptedError, RemoteError } from '../../../../src/errors/cache-error.ts';
import { askNodes } from '../../../../src/use-cases/remote/ask-nodes.ts';
import { cachedOn, lookAtNodes, queuedOn } from '../../../../src/use-cases/remote/list-nodes.ts';
import { failuresOf } from '../../../../src/use-cases/remote/node-failure.ts';
import { cachedRow, FakeCacheApi } from '../../../support/fake-cache-api.ts';

const NEVER = new AbortController().signal;
const DOWN = new RemoteError('REMOTE_UNREACHABLE', 'Cannot reach it');

function nodes(count: number): FakeCacheApi[] {
  return Array.from({ length: count }, (_, place) => new FakeCacheApi(`node${place + 1}`));
}

describe('askNodes()', () => {
  test('gives the answers in the order of the nodes, whichever comes first', async () => {
    const answer = new Map<string, (text: string) => void>();
    const asked = askNodes(nodes(2), NEVER, ({ host }) => new Promise<string>((done) => answer.set(host, done)));
    answer.get('node2')?.('second');
    answer.get('node1')?.('first');
    expect(await asked).toMatchObject([
      { kind: 'answered', value: 'first', node: { host: 'node1' } },
      { kind: 'answered', value: 'second', node: { host: 'node2' } },
    ]);
  });

  test('lets no failure hide the answers of others', async () => {
    const answers = await askNodes(nodes(3), NEVER, async ({ host }) => {
      if (host === 'node2') throw DOWN;
      return host;
    });
    expect(answers.map(({ kind }) => kind)).toEqual(['answered', 'failed', 'answered']);
    expect(failuresOf(answers)).toEqual([{ host: 'node2', error: DOWN }]);
  });

  test('asks eight nodes at a time', async () => {
    let [now, most] = [0, 0];
    await askNodes(nodes(30), NEVER, async () => {
      now += 1;
      most = Math.max(most, now);
      await Promise.resolve();
      now -= 1;
    });
    expect(most).toBe(8);
  });

  test('asks nobody else when it is stopped, and takes a stopped call for no failure', async () => {
    const controller = new AbortController();
    const reason = new InterruptedError('SIGINT', 'Stopped by SIGINT');
    const asked: string[] = [];
    const answers = await askNodes(nodes(20), controller.signal, async ({ host }) => {
      asked.push(host);
      controller.abort(reason);
      throw reason;
    });
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['stopped']));
    expect(asked).toEqual(['node1']);
  });
});

test('lookAtNodes() keeps the order of the nodes, and of the images of each', async () => {
  const [one, two, three] = nodes(3) as [FakeCacheApi, FakeCacheApi, FakeCacheApi];
  one.cached = [cachedRow('b'), cachedRow('a')];
  one.queued = ['z', 'y'];
  two.before = () => {
    throw DOWN;
  };
  three.cached = [cachedRow('c')];
  const answers = await lookAtNodes([one, two, three], NEVER);
  expect(cachedOn(answers).map(({ host, imageId }) => [host, imageId])).toEqual([
    ['node1', 'b'],
    ['node1', 'a'],
    ['node3', 'c'],
  ]);
  expect(queuedOn(answers)).toEqual([
    { host: 'node1', name: 'z' },
    { host: 'node1', name: 'y' },
  ]);
});
