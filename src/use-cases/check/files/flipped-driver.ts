/**
 * Whether the index looks given up: images lie in the cache, and the driver knows none of them.
 */
import { DiskDirectory } from '../../../cache/disk-directory.ts';
import type { IndexDb } from '../../../cache/index/index-db.ts';
import type { CacheLayout } from '../../../cache/layout.ts';
import { DiskParts } from '../../../cache/prefetch/disk-parts.ts';
import { unenteredImages } from '../../../cache/prefetch/parts.ts';
import { readSnapshot } from '../../../cache/snapshot.ts';
import { CacheStateError } from '../../../errors/cache-error.ts';
import { isFlipped } from '../../../plan/grace.ts';
import { quoteValue } from '../../../settings/quote-value.ts';
import type { CheckContext } from '../check.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { GLANCE_API_OPTIONS } from './glance-api-options.ts';
import { usableValue } from './usable-value.ts';

/**
 * A finding where it does.
 *
 * @throws CacheStateError, BusyError, ConfigError, RemoteError
 */
export async function findFlippedDriver(context: CheckContext): Promise<readonly CheckFinding[]> {
  const { layout, index, clock } = context;
  if (layout === undefined || index === undefined) return [];
  let opened: IndexDb;
  try {
    opened = await index.open(false);
  } catch (error) {
    if (hasHotJournal(error)) return [hotJournal(layout)];
    throw error;
  }
  try {
    const snapshot = await readSnapshot(new DiskDirectory(layout), opened, clock.nowSec());
    if (!isFlipped(snapshot) || !isFlipped(snapshot, unenteredImages(new DiskParts(layout).list()))) return [];
    const files = snapshot.images.filter(({ file }) => file !== undefined).length;
    const { state, check } = await index.describeGivenUp();
    return [
      makeFinding({
        check: 'driver-flipped',
        severity: 'error',
        message: `${state}, yet the cache holds ${files === 1 ? 'an image' : `${files} images`}: glance-api keeps its index elsewhere, or has lost it`,
        reason: `${check}.${unmoved(context)} Until then the pruner refuses to work, and the cache only grows`,
        command: 'glance-cache-manage verify --repair --dry-run',
      }),
    ];
  } finally {
    opened.close();
  }
}

/**
 * At its first start with that driver glance-api enters what the index of sqlite has, but not with every flavor: it looks
 * for these letters. https://github.com/openstack/glance/blob/master/glance/sqlite_migration.py
 */
function unmoved({ index, glanceApi }: CheckContext): string {
  const flavor = glanceApi === undefined ? '' : (usableValue(glanceApi.settings, GLANCE_API_OPTIONS.flavor) ?? '');
  if (index?.name !== 'centralized_db' || flavor === '' || flavor.includes('cache')) return '';
  return ` glance-api moves the rows of cache.db into the database only with a flavor that has "cache" in its name, and ${quoteValue(flavor)} has not.`;
}

/** To read it, SQLite would have to mend it, and so to change it: that is not for a check. */
function hasHotJournal(error: unknown): boolean {
  return error instanceof CacheStateError && error.details?.['sqlite'] === 'SQLITE_READONLY_ROLLBACK';
}

function hotJournal({ index }: CacheLayout): CheckFinding {
  return makeFinding({
    check: 'index-journal',
    severity: 'note',
    message: `Beside the index ${quoteValue(index)} lies the journal of a writer that was killed`,
    reason: 'The next program that opens the index puts it right; only then can be told what is in it',
    command: 'glance-cache-manage list-cached',
  });
}
