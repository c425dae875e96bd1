/**
 * The index of the driver sqlite, as a file. What is in it is not looked at here, and nothing opens it as a database:
 * whoever does, and finds a journal, rolls back.
 */
import { type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CacheLayout } from '../../../cache/layout.ts';
import { hasErrno, unlessAbsent } from '../../../errors/errno.ts';
import { shellWord } from '../../../errors/next-step.ts';
import { OPTIONS } from '../../../settings/options.ts';
import type { Check, CheckContext } from '../check.ts';
import { usableValue } from '../files/usable-value.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { Accounts } from './look/accounts.ts';
import { isOpen, lookAt } from './look/entries.ts';
import { findGlanceUser } from './look/glance-user.ts';
import { closedFolder, may, modeText, READ, SEARCH, WRITE } from './look/rights-of.ts';
import { isWriteAhead } from './look/write-ahead.ts';

/** Looks at the index and what SQLite keeps beside it. */
export const INDEX_FILE: Check = {
  name: 'index',
  run(context) {
    const { layout, settings } = context;
    if (layout === undefined || usableValue(settings, OPTIONS.imageCacheDriver) !== 'sqlite') return [];
    const folder = lockedFolder(context, layout);
    if (folder !== undefined) return [folder];
    // Whoever may not look there knows nothing about it, and is told so.
    if (!isOpen(layout.root)) return [];
    const stats = reached(layout.index);
    if (stats === 'hidden') return [hidden(layout)];
    if (stats === undefined) return lookAt(layout.root) === undefined ? [] : [missing(layout)];
    if (!stats.isFile()) return [noFile(layout)];
    return writeAhead(layout);
  },
};

/** SQLite makes a journal beside the index, wherever that is. */
function lockedFolder(context: CheckContext, { index, root }: CacheLayout): CheckFinding | undefined {
  const folder = dirname(index);
  const user = folder === root ? undefined : findGlanceUser(context);
  if (user === undefined) return undefined;
  const stats = context.asStarted(() => lookAt(folder));
  const closed = context.asStarted(() => closedFolder(user, folder));
  if (closed === undefined && (stats === undefined || may(user, stats, READ | WRITE | SEARCH))) return undefined;
  const where = closed ?? { path: folder, stats };
  const accounts = new Accounts(context.root);
  const owner = `${user.name}:${accounts.groupName(user.gids[0] ?? user.uid)}`;
  const mode =
    where.stats === undefined ? '' : ` (${accounts.userName(where.stats.uid)}, mode ${modeText(where.stats)})`;
  return makeFinding({
    check: 'locked-out',
    severity: 'error',
    message: `User ${JSON.stringify(user.name)}, as which glance-api runs (${user.because}), may not work in ${JSON.stringify(where.path)}${mode}, on which the index ${JSON.stringify(index)} depends`,
    reason: 'SQLite makes a journal beside the index for every change',
    command:
      closed === undefined ? `chown ${shellWord(owner)} ${shellWord(folder)}` : `chmod o+x ${shellWord(closed.path)}`,
  });
}

/** The index may be a link: what it leads to counts, as far as the owner of the cache gets. */
function reached(path: string): Stats | 'hidden' | undefined {
  try {
    return unlessAbsent(() => statSync(path));
  } catch (error) {
    if (hasErrno(error, 'EACCES', 'ELOOP')) return 'hidden';
    throw error;
  }
}

function hidden({ index }: CacheLayout): CheckFinding {
  return makeFinding({
    check: 'locked-out',
    severity: 'error',
    message: `The index ${JSON.stringify(index)} cannot be reached with the rights of this run`,
    reason: 'glance-api, as owner of the cache, has hardly any others',
    command: `namei -l ${shellWord(index)}`,
  });
}

function missing({ index }: CacheLayout): CheckFinding {
  return makeFinding({
    check: 'index-missing',
    severity: 'note',
    message: `The index ${JSON.stringify(index)} does not exist`,
    reason:
      'glance-api makes it when it starts with image_cache_driver = sqlite: it has not, or uses another driver or directory',
    command: 'glance-cache-manage config | grep image_cache',
  });
}

function noFile({ index }: CacheLayout): CheckFinding {
  return makeFinding({
    check: 'index-no-file',
    severity: 'error',
    message: `${JSON.stringify(index)}, where the index is to be, is no file`,
    reason: 'Neither glance-api nor these programs can keep hits and times',
    command: `ls -ld ${shellWord(index)}`,
  });
}

function writeAhead({ index, root }: CacheLayout): readonly CheckFinding[] {
  const isOn = isWriteAhead(index);
  const beside = ['-wal', '-shm'].map((suffix) => `${index}${suffix}`).filter((path) => lookAt(path) !== undefined);
  if (!isOn && beside.length === 0) return [];
  const files =
    beside.length === 0 ? '' : `, with ${beside.map((path) => JSON.stringify(path)).join(' and ')} beside it`;
  return [
    makeFinding({
      check: 'index-write-ahead',
      severity: 'warning',
      message: `The index ${JSON.stringify(index)} is in SQLite's WAL mode${files}`,
      reason:
        dirname(index) === root
          ? 'Glance counts the files of that mode as images and deletes them with all others, and what was only in them is lost'
          : 'Glance expects the rollback journal it made the index with',
      command: `sqlite3 ${shellWord(index)} 'PRAGMA journal_mode = DELETE'`,
    }),
  ];
}
