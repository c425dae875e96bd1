import { describe, expect, inject, test } from 'vitest';
import type { IndexRow } from '../../src/cache/index/index-db.ts';
import { imageIdOf } from '../support/seeded-cache.ts';
import { useDatabases } from './support/glance-database.ts';
import { useGlanceDb } from './support/glance-db.ts';
import { useIndexes } from './support/open-index.ts';
import { ENGINES, type Engine } from './support/server-address.ts';

const servers = inject('servers');
const makeDatabase = useDatabases();
const glanceDb = useGlanceDb();
const openIndex = useIndexes();
const NODE = 'http://node-1.test:9292';
const OTHER = 'http://node-2.test:9292';

/** Times that somebody with a local time zone in mind would get wrong: the server's clocks skip one, and have one twice. */
const TIMES = [
  '2024-03-10T02:30:00.500000',
  '2024-11-03T01:30:00.000001',
  '2024-02-29T23:59:59.999999',
  '1970-01-01T00:00:01',
  '2038-01-19T03:14:08',
];

/** As a column has it. */
function stored(time: string, engine: Engine): string {
  return engine === 'mariadb' ? time.slice(0, 19) : time;
}

/** Epoch seconds of a time in UTC. */
function secondsOf(time: string): number {
  return Date.parse(`${time.slice(0, 19)}Z`) / 1000 + Number(`0${time.slice(19)}`);
}

describe.each(ENGINES)('tables of Glance in %s', (engine) => {
  const QUERIES = [
    `SELECT table_name, column_name, data_type, is_nullable, character_maximum_length
     FROM information_schema.columns WHERE table_schema IN ('public', 'SCHEMA') ORDER BY table_name, column_name`,
    `SELECT table_name, constraint_type, COALESCE(NULLIF(constraint_type, 'UNIQUE'), constraint_name) AS name
     FROM information_schema.table_constraints WHERE table_schema IN ('public', 'SCHEMA') AND constraint_type <> 'CHECK'
     ORDER BY table_name, constraint_type`,
  ];

  test('CENTRAL_SCHEMA makes what SQLAlchemy makes', async () => {
    const [ours, glances] = [
      await makeDatabase(servers[engine]),
      await makeDatabase(servers[engine], { tables: false }),
    ];
    await glanceDb(glances.url()).makeTables();
    for (const query of QUERIES) {
      const [expected, got] = await Promise.all([glances, ours].map((db) => db.run(query.replace('SCHEMA', db.name))));
      expect(got).toEqual(expected);
      expect(got?.length).toBeGreaterThan(3);
    }
  });
});

describe.each(ENGINES)('rows of Glance in %s', (engine) => {
  test('rows() reads what SQLAlchemy has written', async () => {
    const database = await makeDatabase(servers[engine]);
    const glance = glanceDb(database.url());
    for (const node of [NODE, OTHER]) await glance.start(node);
    const expected: IndexRow[] = [];
    for (const [i, time] of TIMES.entries()) {
      const sizeBytes = 2 ** (10 * i);
      await glance.insert(NODE, imageIdOf(i), sizeBytes, [time, TIMES[0] ?? '']);
      expected.push({
        imageId: imageIdOf(i),
        lastAccessedSec: secondsOf(stored(time, engine)),
        lastModifiedSec: secondsOf(stored(TIMES[0] ?? '', engine)),
        sizeBytes,
        hits: 0,
      });
    }
    await glance.insert(OTHER, imageIdOf(0), 7);
    const index = await openIndex(database.url(), NODE);
    expect(await index.rows()).toEqual(expected);
    expect(await index.check()).toEqual({ damage: undefined, oddRows: new Set() });
  });

  test('rows() has the hits that Glance counts, used when it counted them', async () => {
    const database = await makeDatabase(servers[engine]);
    const glance = glanceDb(database.url());
    await glance.start(NODE);
    await glance.insert(NODE, imageIdOf(1), 1000, ['2024-01-01T00:00:00', '2024-01-01T00:00:00']);
    const beforeSec = Math.floor(Date.now() / 1000);
    await glance.hit(NODE, imageIdOf(1), 3);
    const [row] = await (await openIndex(database.url(), NODE)).rows();
    expect(row).toMatchObject({ hits: 3, lastModifiedSec: secondsOf('2024-01-01T00:00:00') });
    expect(row?.lastAccessedSec).toBeGreaterThanOrEqual(beforeSec);
    expect(row?.lastAccessedSec).toBeLessThanOrEqual(Date.now() / 1000);
  });

  test('SQLAlchemy reads what transaction() has written, and goes on with it', async () => {
    const database = await makeDatabase(servers[engine]);
    const glance = glanceDb(database.url());
    const index = await openIndex(database.url(), NODE);
    await glance.start(NODE);
    await index.transaction(async (changes) => {
      for (const [i, time] of TIMES.entries()) {
        const timeSec = secondsOf(time);
        const row = {
          imageId: imageIdOf(i),
          lastAccessedSec: timeSec,
          lastModifiedSec: timeSec,
          sizeBytes: i,
          hits: i,
        };
        await (i % 2 === 0 ? changes.insert(row) : changes.put(row));
      }
    });
    expect(await glance.rows(NODE)).toEqual(
      TIMES.map((time, i) => ({
        image_id: imageIdOf(i),
        last_accessed: stored(time, engine),
        last_modified: stored(time, engine),
        size: i,
        hits: i,
        checksum: null,
      })),
    );
    expect(await glance.leastRecentlyUsed(NODE)).toBe(imageIdOf(3));
    expect(await glance.insert(NODE, imageIdOf(3), 99)).toBe(false);
    await glance.hit(NODE, imageIdOf(3));
    await index.transaction(async (changes) => {
      expect(await changes.row(imageIdOf(3))).toMatchObject({ hits: 4, sizeBytes: 3 });
      await changes.remove(imageIdOf(2));
    });
    expect(await glance.leastRecentlyUsed(NODE)).toBe(imageIdOf(0));
    expect(await glance.rows(NODE)).toHaveLength(4);
  });

  test.each([
    ['capital letters', 'HTTP://Node-1.TEST:9292'],
    ['a slash at its end', `${NODE}/`],
    ['a space at its end', `${NODE} `],
    ['other letters', 'http://nöde-1.test:9292'],
    ['a quote', "http://o'node-1.test:9292"],
  ])('open() means the node that Glance means when its URL has %s', async (_what, url) => {
    const database = await makeDatabase(servers[engine]);
    const glance = glanceDb(database.url());
    await glance.start(NODE);
    await glance.insert(NODE, imageIdOf(1), 1000);
    await glance.start(url);
    await glance.insert(url, imageIdOf(2), 1000);
    const index = await openIndex(database.url(), url);
    const expected = (await glance.rows(url)).map(({ image_id: id }) => id);
    expect((await index.rows()).map(({ imageId }) => imageId)).toEqual(expected);
    expect(expected).toContain(imageIdOf(2));
    expect(await database.run('SELECT node_reference_url FROM node_reference')).toHaveLength(3 - expected.length);
  });
});
