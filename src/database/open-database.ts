/**
 * Opens a database, whichever engine it is; what an engine needs is loaded only with it.
 */
import type { Patience } from '../sqlite/retry-busy.ts';
import type { Database } from './database.ts';
import type { DatabaseTarget } from './database-target.ts';

/** The database of a URL. Nothing is connected before the first statement. */
export async function openDatabase(target: DatabaseTarget, patience: Patience): Promise<Database> {
  if (target.dialect === 'sqlite') {
    const { SqliteDatabase } = await import('./sqlite-database.ts');
    return new SqliteDatabase(target, patience);
  }
  const { ServerDatabase } = await import('./server-database.ts');
  const { timeoutSec: lockTimeoutSec, signal } = patience;
  if (target.dialect === 'mysql') {
    const [{ mysql }, { mysqlTrouble }] = await Promise.all([import('./mysql.ts'), import('./mysql-trouble.ts')]);
    return new ServerDatabase({ target, engine: mysql, troubleOf: mysqlTrouble, lockTimeoutSec, signal });
  }
  const [{ postgresql }, { postgresqlTrouble }] = await Promise.all([
    import('./postgresql.ts'),
    import('./postgresql-trouble.ts'),
  ]);
  return new ServerDatabase({ target, engine: postgresql, troubleOf: postgresqlTrouble, lockTimeoutSec, signal });
}
