import { describe, expect, inject, test } from 'vitest';
import { useDatabases } from './support/glance-database.ts';
import { useGlanceDb } from './support/glance-db.ts';
import { ENGINES } from './support/server-address.ts';

const servers = inject('servers');
const makeDatabase = useDatabases();
const glanceDb = useGlanceDb();

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
