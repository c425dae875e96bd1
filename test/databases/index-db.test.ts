import { beforeEach, describe, expect, inject, test } from 'vitest';
import type { IndexRow } from '../../src/cache/index/index-db.ts';
import { indexDbContract } from '../contract/index-db.ts';
import { imageIdOf } from '../support/seeded-cache.ts';
import { type GlanceDatabase, useDatabases } from './support/glance-database.ts';
import { useIndexes } from './support/open-index.ts';
import { useOwnServers } from './support/own-servers.ts';
import { ENGINES, type Engine } from './support/server-address.ts';

const startServer = useOwnServers();
const makeDatabase = useDatabases();
const openIndex = useIndexes();
const NODE = 'http://node-1.test:9292';

/** What becomes of a time: MariaDB's DATETIME has whole seconds, and cuts the rest off. */
const STORED: Readonly<Record<Engine, (timeSec: number) => number>> = {
  mariadb: Math.floor,
  postgresql: (timeSec) => timeSec,
};

describe.each(ENGINES)('centralized_db over %s', (engine) => {
  let database: GlanceDatabase;
  beforeEach(async () => {
    database = await makeDatabase(inject('servers')[engine]);
  });

  indexDbContract(`centralized_db over ${engine}`, {
    open: () => openIndex(database.url(), NODE),
    stored: STORED[engine],
  });
});

const UNUSUAL: readonly { readonly engine: Engine; readonly what: string; readonly more: readonly string[] }[] = [
  { engine: 'mariadb', what: 'what oslo.db sets', more: ['--sql-mode=TRADITIONAL'] },
  { engine: 'mariadb', what: 'no strictness', more: ['--sql-mode='] },
  {
    engine: 'mariadb',
    what: 'the habits of other databases',
    more: ['--sql-mode=ANSI,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,TIME_ROUND_FRACTIONAL'],
  },
  { engine: 'mariadb', what: 'serializable transactions', more: ['--transaction-isolation=SERIALIZABLE'] },
  {
    engine: 'mariadb',
    what: 'a log of statements',
    more: ['--log-bin=log', '--server-id=1', '--binlog-format=STATEMENT'],
  },
  { engine: 'mariadb', what: 'no commits by itself', more: ['--autocommit=0'] },
  { engine: 'mariadb', what: 'completion', more: ['--completion-type=RELEASE'] },
  {
    engine: 'mariadb',
    what: 'an old character set',
    more: ['--character-set-server=latin1', '--skip-character-set-client-handshake'],
  },
  { engine: 'mariadb', what: 'small packets', more: ['--max-allowed-packet=1M'] },
  {
    engine: 'postgresql',
    what: 'serializable transactions',
    more: ['-c', 'default_transaction_isolation=serializable'],
  },
  {
    engine: 'postgresql',
    what: 'dates as in Germany',
    more: ['-c', 'datestyle=German', '-c', 'intervalstyle=sql_standard'],
  },
  {
    engine: 'postgresql',
    what: 'old literals',
    more: ['-c', 'standard_conforming_strings=off', '-c', 'backslash_quote=on'],
  },
  {
    engine: 'postgresql',
    what: 'an old character set',
    more: ['-c', 'client_encoding=LATIN1', '-c', 'bytea_output=escape'],
  },
  { engine: 'postgresql', what: 'MD5 passwords', more: ['-c', 'password_encryption=md5'] },
];

describe.each(UNUSUAL)('$engine, set to $what', ({ engine, more }) => {
  test('the rows of a node are written and read as ever', async () => {
    const server = await startServer(engine, more);
    const database = await makeDatabase(server.address);
    const row = (number: number, hits = 3): IndexRow => ({
      imageId: imageIdOf(number),
      lastAccessedSec: STORED[engine](1_700_000_000.75),
      lastModifiedSec: STORED[engine](1_699_999_999.25),
      sizeBytes: 2 ** 40,
      hits,
    });
    const writer = await openIndex(database.url(), NODE);
    const rows = Array.from({ length: 600 }, (_, i) => row(i));
    await writer.transaction(async (changes) => {
      for (const each of rows) await changes.insert(each);
      await changes.insert({ ...row(700), imageId: `it's a \\"row\\"` });
    });
    const reader = await openIndex(database.url(), NODE);
    await writer.transaction(async (changes) => {
      await changes.remove(imageIdOf(0));
      await changes.remove(`it's a \\"row\\"`);
      await changes.put(row(1, 7));
      await changes.insert(row(1, 9));
      await changes.setSize(imageIdOf(2), 5);
    });
    const expected = [row(1, 7), { ...row(2), sizeBytes: 5 }, ...rows.slice(3)];
    expect(await reader.rows()).toEqual(expected);
    expect(await (await openIndex(database.url(), NODE)).rows()).toEqual(expected);
    // Another node, entered by looking at it, is there for everybody.
    await openIndex(database.url(), 'http://another.test');
    expect(await database.run('SELECT node_reference_url FROM node_reference ORDER BY 1')).toHaveLength(2);
  });
});
