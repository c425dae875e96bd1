/**
 * Puts a new index in the place of a damaged one, which is set aside. The new one is whole before it appears, and at no
 * moment is there none: glance-api would begin an empty one of its own, without the table.
 */
import { linkSync, lstatSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BusyError } from '../../../errors/cache-error.ts';
import { hasErrno, unlessAbsent } from '../../../errors/errno.ts';
import { onPath } from '../../../errors/from-errno.ts';
import { type Connection, openConnection } from '../../../sqlite/connection.ts';
import { type Patience, retryBusy } from '../../../sqlite/retry-busy.ts';
import { fromSqlite } from '../../../sqlite/sqlite-error.ts';
import type { CacheLayout } from '../../layout.ts';
import { makeFolders } from '../../make-folders.ts';
import { FOLDER_MODE } from '../../own-modes.ts';
import { syncFolder } from '../../sync-folder.ts';
import type { IndexRow } from '../index-db.ts';
import { openSqliteIndex } from './sqlite-index.ts';

/**
 * Replaces the index.
 *
 * @param rows what the new one begins with
 * @returns the path under which the old one lies now
 * @throws BusyError BUSY_INDEX when somebody is writing to the old one; CacheStateError
 */
export async function replaceSqliteIndex(
  layout: CacheLayout,
  rows: readonly IndexRow[],
  patience: Patience,
): Promise<string> {
  // An index that lies elsewhere may be linked here: the link stays.
  const path = onPath('look at', layout.index, () => realpathSync(layout.index));
  // Beside the images Glance would take it for one of them, and delete it with them. A rename works within a file system.
  const folder = dirname(path) === layout.root ? layout.setAside : dirname(path);
  onPath('create', folder, () => makeFolders(folder, FOLDER_MODE));
  const fresh = join(folder, `${basename(path)}.new`);
  for (const leftover of [fresh, `${fresh}-journal`])
    onPath('remove', leftover, () => rmSync(leftover, { force: true }));
  await fill(fresh, rows, patience);
  const old = await lockIfPossible(path, patience);
  try {
    return await swap({ path, fresh, aside: freeName(folder, path, patience.clock.nowSec()) });
  } finally {
    old?.close();
  }
}

async function fill(path: string, rows: readonly IndexRow[], patience: Patience): Promise<void> {
  const index = await openSqliteIndex(path, { create: true, patience });
  try {
    await index.transaction(async (changes) => {
      for (const row of rows) await changes.insert(row);
    });
  } finally {
    index.close();
  }
}

/**
 * Keeps others from writing to the old index while it is replaced: their journal would be taken for the new one's. Where
 * not even its lock can be had for the damage, nobody else can write to it either.
 */
async function lockIfPossible(path: string, patience: Patience): Promise<Connection | undefined> {
  let connection: Connection | undefined;
  try {
    connection = openConnection(path, false);
    const opened = connection;
    await retryBusy(patience, () => opened.exec('BEGIN IMMEDIATE'));
    return opened;
  } catch (error) {
    const told = fromSqlite('write to', path, error);
    if (told instanceof BusyError || patience.signal.aborted) {
      connection?.close();
      throw told;
    }
    return connection;
  }
}

async function swap(names: { readonly path: string; readonly fresh: string; readonly aside: string }): Promise<string> {
  const { path, fresh, aside } = names;
  // Its journal first: beside the new index it would be played back into that one.
  onPath('set aside', `${path}-journal`, () => unlessAbsent(() => renameSync(`${path}-journal`, `${aside}-journal`)));
  onPath('set aside', path, () => {
    try {
      linkSync(path, aside);
    } catch (error) {
      if (!hasErrno(error, 'EPERM', 'EOPNOTSUPP', 'EMLINK')) throw error;
      // No hard links here: the moment until the next rename is the price.
      renameSync(path, aside);
    }
    renameSync(fresh, path);
  });
  await syncFolder(dirname(path));
  return aside;
}

/** A name that says when, and that nothing has yet. */
function freeName(folder: string, path: string, nowSec: number): string {
  const stamp = new Date(nowSec * 1000).toISOString().replace(/[-:]|\.\d+/g, '');
  const stem = join(folder, `${basename(path)}-${stamp}`);
  const isFree = (name: string): boolean => unlessAbsent(() => lstatSync(name)) === undefined;
  let name = stem;
  for (let count = 2; !isFree(name); count++) name = `${stem}-${count}`;
  return name;
}
