import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach } from 'vitest';
import { createCentralizedDriver } from '../../src/cache/index/centralized/centralized-driver.ts';
import type { IndexDb } from '../../src/cache/index/index-db.ts';
import { cacheLayout } from '../../src/cache/layout.ts';
import { CENTRAL_SCHEMA } from '../support/central-schema.ts';
import { FakeClock } from '../support/clocks.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { indexDbContract } from './index-db.ts';

const folder = useTempDir();
const opened: IndexDb[] = [];

beforeEach(() => {
  const db = new Database(join(folder(), 'glance.sqlite'));
  for (const statement of CENTRAL_SCHEMA.sqlite) db.exec(statement);
  db.close();
});

afterEach(() => {
  for (const index of opened.splice(0)) index.close();
});

async function open(): Promise<IndexDb> {
  const settings = {
    connection: `sqlite:///${join(folder(), 'glance.sqlite')}`,
    connectionParameters: '',
    origin: 'a test',
    nodeUrl: 'http://node1:9292',
  };
  const patience = { clock: new FakeClock(), timeoutSec: 0, signal: new AbortController().signal };
  const driver = createCentralizedDriver(settings, cacheLayout(folder(), 'cache.db'), patience);
  const index = await driver.open(true);
  opened.push(index);
  return index;
}

indexDbContract('centralized_db on SQLite', { open });
