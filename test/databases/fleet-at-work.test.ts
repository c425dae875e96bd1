// Nodes of a fleet at work at the same time on one database, their own glance-api among them.
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { success } from '../support/run-program.ts';
import { imageIdOf } from '../support/seeded-cache.ts';
import type { CentralNode } from './support/central-node.ts';
import { type GlanceDb, useGlanceDb } from './support/glance-db.ts';
import { ENGINES } from './support/server-address.ts';
import { useNodes } from './support/use-nodes.ts';

const { makeNode, makeSibling } = useNodes();
const glanceDb = useGlanceDb();

const IDS = Array.from({ length: 60 }, (_, i) => imageIdOf(i));
const ROUNDS = 3;

/** A glance-api that caches new images and counts downloads of the last one until it is told to stop. */
class BusyGlance {
  readonly inserted: string[] = [];
  hits = 0;
  #isStopped = false;
  readonly #work: Promise<void>;

  constructor(glance: GlanceDb, node: CentralNode, firstNew: number) {
    this.#work = this.#run(glance, node, firstNew);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#work;
  }

  async #run(glance: GlanceDb, { url, cache }: CentralNode, firstNew: number): Promise<void> {
    const last = IDS.at(-1) ?? '';
    for (let i = 0; !this.#isStopped; i++) {
      const id = imageIdOf(firstNew + i);
      cache.addFile('cached', id);
      await glance.insert(url, id, 1000);
      this.inserted.push(id);
      await glance.hit(url, last);
      this.hits++;
      await delay(1);
    }
  }
}

describe.each(ENGINES)('two nodes on %s', (engine) => {
  test('programs and glance-api of both at the same time touch nothing of each other, and nobody sees a fault', async () => {
    const one = await makeNode(engine);
    const two = await makeSibling(one);
    for (const node of [one, two]) await node.addImages(IDS);
    const apis = [one, two].map((node, i) => new BusyGlance(glanceDb(node.database.url()), node, 1000 * (i + 1)));
    for (let round = 0; round < ROUNDS; round++) {
      const doomed = IDS.slice(10 * round, 10 * round + 5);
      const results = await Promise.all([
        one.run('pruner', ['--max-age', `${3650 - round}d`, '--max-size', '1GiB']),
        one.run('manage', ['-f', 'delete-cached-image', ...doomed]),
        two.run('manage', ['-f', 'delete-cached-image', ...doomed]),
        two.run('manage', ['list-cached', '--format', 'json']),
        one.run('cleaner', []),
        two.run('pruner', ['--max-size', '1GiB']),
      ]);
      for (const { code, stderr } of results) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }
    await Promise.all(apis.map((api) => api.stop()));
    for (const [i, node] of [one, two].entries()) {
      const { inserted = [], hits } = apis[i] ?? {};
      expect(await node.disagreement()).toEqual([]);
      expect(node.cache.names('cached')).toEqual(
        [...IDS.filter((_, place) => place >= 10 * ROUNDS || place % 10 >= 5), ...inserted].sort(),
      );
      const last = (await node.rows()).find(({ image_id: id }) => id === IDS.at(-1));
      expect(Number(last?.['hits'])).toBe(hits);
      expect(inserted.length).toBeGreaterThan(3);
    }
    expect(await two.run('pruner', ['--max-size', '0'])).toEqual(success());
    expect([await two.rows(), (await one.rows()).length > IDS.length / 2]).toEqual([[], true]);
  });
});
