/**
 * A pruner that a test holds in the middle of its transaction, to see what becomes of it.
 */
import { afterEach, expect } from 'vitest';
import { type RunResult, success } from '../../support/run-program.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import type { AdminSession } from './admin.ts';
import type { CentralNode } from './central-node.ts';

/** The images of its node; it is to remove all of them. */
export const DOOMED = Array.from({ length: 30 }, (_, i) => imageIdOf(i));

/** One that waits for the row of the first image: that one is in its first transaction, however slow the machine. */
export interface BlockedPruner {
  readonly ended: Promise<RunResult>;
  /** Who has locked that row. */
  readonly holder: AdminSession;
}

/**
 * Starts such pruners; what locks their rows ends with the test.
 *
 * @returns takes a node without images, and what its URL says beside the database
 */
export function useBlockedPruner(): (
  node: CentralNode,
  query?: Readonly<Record<string, string>>,
) => Promise<BlockedPruner> {
  const holders: AdminSession[] = [];
  afterEach(async () => {
    await Promise.all(holders.splice(0).map((holder) => holder.close().catch(() => undefined)));
  });
  return async (node, query = {}) => {
    await node.addImages(DOOMED);
    node.configure({ connection: node.database.url({ query }) });
    const holder = await node.database.lock(DOOMED[0] ?? '');
    holders.push(holder);
    const { ended } = node.start('pruner', ['--lock-timeout', '2', '--max-size', '0']);
    await node.database.untilBlocked();
    return { ended, holder };
  };
}

/** Whatever the end of a run was, it was told, and nothing is lost: what is left is whole, and the next run takes it. */
export async function expectNothingLost(node: CentralNode, { code, stderr }: RunResult): Promise<void> {
  if (code !== 0) {
    expect([4, 8]).toContain(code);
    expect(stderr).toMatch(/^ERROR: Cannot .*\nhint: .*\n$/);
  }
  expect(node.cache.names('invalid')).toEqual([]);
  node.configure();
  expect(await node.run('pruner', ['--max-size', '1000000'])).toEqual(success());
  expect(await node.disagreement()).toEqual([]);
  expect(await node.run('pruner', ['--max-size', '0'])).toEqual(success());
  expect([node.cache.names('cached'), await node.rows()]).toEqual([[], []]);
}
