import Database from 'better-sqlite3';

/**
 * Puts a database of Keystone or Glance (never the index of a cache) into write-ahead logging. With the rollback journal
 * a reader in one worker keeps the other's commit waiting until that fails with "database is locked".
 */
export function useWriteAheadLog(file: string): void {
  const database = new Database(file, { fileMustExist: true });
  database.pragma('journal_mode = WAL');
  database.close();
}
