/**
 * The index of a node, opened within the tests' own process.
 */
import { afterEach } from 'vitest';
import { createCentralizedDriver } from '../../../src/cache/index/centralized/centralized-driver.ts';
import type { IndexDb } from '../../../src/cache/index/index-db.ts';
import { cacheLayout } from '../../../src/cache/layout.ts';
import { systemClock } from '../../../src/time/system-clock.ts';
import { useTempDir } from '../../support/temp-dir.ts';

/** Opens indexes as the programs do; they are closed after the test. */
export function useIndexes(): (connection: string, nodeUrl: string) => Promise<IndexDb> {
  const folder = useTempDir();
  const opened: IndexDb[] = [];
  afterEach(() => {
    for (const index of opened.splice(0)) index.close();
  });
  return async (connection, nodeUrl) => {
    const settings = { connection, connectionParameters: '', origin: 'a test', nodeUrl };
    const patience = { clock: systemClock, timeoutSec: 5, signal: new AbortController().signal };
    const index = await createCentralizedDriver(settings, cacheLayout(folder(), 'cache.db'), patience).open(true);
    opened.push(index);
    return index;
  };
}
