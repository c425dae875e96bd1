/**
 * Loads whatever is otherwise loaded where it is used. For a program installed where the owner of the cache may not
 * read, such as below root's home: after stepping down it would be too late.
 */
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hasErrno } from '../errors/errno.ts';

/** Whether this process may read the program's own files. */
export function canReadProgram(): boolean {
  try {
    closeSync(openSync(fileURLToPath(import.meta.url), 'r'));
    return true;
  } catch (error) {
    if (hasErrno(error, 'EACCES')) return false;
    throw error;
  }
}

/** Loads everything. */
export async function loadAll(): Promise<void> {
  const [{ loadNativeModule }] = await Promise.all([
    import('../sqlite/connection.ts'),
    import('../cache/index/sqlite.ts'),
    import('../cache/locks/run-lock.ts'),
    import('../log/file-sink.ts'),
    import('../log/json-format.ts'),
    import('../log/syslog-facility.ts'),
    import('../log/system-sinks.ts'),
    import('../log/timestamp.ts').then(({ createTimestamp }) => createTimestamp('%Y')),
    import('../present/csv-text.ts'),
    import('../present/paint.ts').then(({ loadPaint }) => loadPaint(true)),
    import('../present/report.ts'),
    import('../present/reports/item-columns.ts'),
    import('../present/reports/report-text.ts'),
    import('../present/value-text.ts'),
    import('../present/yaml-text.ts'),
    import('./open-log-file.ts'),
  ]);
  loadNativeModule();
}
