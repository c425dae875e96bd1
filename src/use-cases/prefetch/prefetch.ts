/**
 * Fetches the queue into the cache.
 */
import { readSnapshot } from '../../cache/snapshot.ts';
import type { CacheError } from '../../errors/cache-error.ts';
import { RoomKeeper } from '../../execute/prefetch/room-keeper.ts';
import { inParallel } from '../in-parallel.ts';
import { Outage } from '../outage.ts';
import { refuseFlipped } from '../refuse-flipped.ts';
import { type Ended, type Fetching, fetchOne } from './fetch-one.ts';
import { failedItem, itemOf, notFetchedItem, plannedItem } from './items.ts';
import { lookAhead, type NotFetched, type PlannedFetch, type Prospect } from './look-ahead.ts';
import type { PrefetchItem, PrefetchReport } from './prefetch-report.ts';
import { type BoundedRun, bounded, type PrefetchRun } from './prefetch-run.ts';
import { Serial } from './serial.ts';
import { settle, unqueue } from './settle.ts';

/**
 * Prefetches. A missing cache directory is an empty cache, and is created when something is to be fetched.
 *
 * @returns what became of every wanted image, in the order of the queue
 * @throws what concerns all images alike: AuthError, ConfigError, RemoteError, CacheStateError, BusyError
 */
export async function prefetch(run: PrefetchRun): Promise<PrefetchReport> {
  const { access, request } = run;
  const startSec = access.clock.monotonicSec();
  if (request.dryRun) {
    await refuseGivenUpIndex(run);
    const prospects = await lookAhead(bounded(run));
    const items = prospects.map((prospect) =>
      prospect.kind === 'fetch' ? plannedItem(prospect) : notFetchedItem(prospect, 'planned'),
    );
    return reportOf(run, { items, errors: errorsOf(prospects), startSec });
  }
  // The directory comes first: the lock file lies in it.
  access.directory.ensureFolders();
  return access.withLocks(undefined, async () => {
    const isIndexEmpty = await refuseGivenUpIndex(run);
    const boundedRun = bounded(run);
    const { items, errors } = await fetchAll(boundedRun, await lookAhead(boundedRun), isIndexEmpty);
    return reportOf(run, { items, errors, startSec });
  });
}

/**
 * A row of ours would make an index that glance-api has given up look as if it were in use.
 *
 * @returns whether the index has no rows
 */
async function refuseGivenUpIndex({ access }: PrefetchRun): Promise<boolean> {
  const index = await access.index.open(false);
  try {
    // With a row it is in use: the directory, which may be large, need not be looked at.
    if ((await index.rows()).length > 0) return false;
    await refuseFlipped(access, 'prefetch into', await readSnapshot(access.directory, index, access.clock.nowSec()));
    return true;
  } finally {
    index.close();
  }
}

async function fetchAll(
  run: BoundedRun,
  prospects: readonly Prospect[],
  isIndexEmpty: boolean,
): Promise<{ readonly items: readonly PrefetchItem[]; readonly errors: readonly unknown[] }> {
  const { access, limits, request, watch } = run;
  const fetches = prospects.filter((prospect): prospect is PlannedFetch => prospect.kind === 'fetch');
  watch.planned(fetches.map(({ image: { imageId, name, sizeBytes } }) => ({ imageId, name, sizeBytes })));
  const fetching: Fetching = {
    ...run,
    keeper: new RoomKeeper(limits, () => access.directory.space()),
    publishing: new Serial(),
  };
  const errors = [...errorsOf(prospects)];
  const outage = new Outage();
  const ended = new Map<Prospect, PrefetchItem>();
  const end = (prospect: Prospect, item: PrefetchItem): void => {
    ended.set(prospect, item);
    watch.ended(item);
  };
  for (const prospect of prospects)
    if (prospect.kind !== 'fetch') end(prospect, endWithoutFetch(run, prospect, { isIndexEmpty, errors }));
  await inParallel(fetches, request.jobs, async (planned) => {
    const { item, error } =
      outage.error === undefined ? await fetchOne(fetching, planned) : notTried(planned, outage.error);
    if (error !== undefined) errors.push(error);
    outage.note(error);
    end(planned, item);
  });
  return { items: prospects.flatMap((prospect) => ended.get(prospect) ?? []), errors };
}

function notTried({ wanted, image }: PlannedFetch, error: CacheError): Ended {
  return { item: failedItem(itemOf(wanted, image), error), error };
}

function endWithoutFetch(
  { access }: PrefetchRun,
  prospect: NotFetched,
  { isIndexEmpty, errors }: { readonly isIndexEmpty: boolean; readonly errors: unknown[] },
): PrefetchItem {
  const item = notFetchedItem(prospect, 'done');
  if (prospect.kind !== 'settled') return item;
  try {
    // Without a row anywhere, the journal of an image that a killed run has published is what vouches for it until the
    // pruner enters it.
    if (isIndexEmpty && prospect.reason === 'cached') unqueue(access, prospect.wanted);
    else settle(access, prospect.wanted);
    return item;
  } catch (error) {
    errors.push(error);
    return failedItem(item, error);
  }
}

function errorsOf(prospects: readonly Prospect[]): readonly unknown[] {
  return prospects.flatMap((prospect) => (prospect.kind === 'failed' ? [prospect.error] : []));
}

function reportOf(
  { access, request }: PrefetchRun,
  found: { readonly items: readonly PrefetchItem[]; readonly errors: readonly unknown[]; readonly startSec: number },
): PrefetchReport {
  const { items, errors, startSec } = found;
  const fetched = items.filter(
    ({ action, result }) => action === 'fetch' && (result === 'done' || result === 'planned'),
  );
  return {
    dryRun: request.dryRun,
    cacheDir: access.layout.root,
    items,
    errors,
    failure: undefined,
    fetchedImages: fetched.length,
    fetchedBytes: items.reduce((sum, { fetchedBytes }) => sum + (fetchedBytes ?? 0), 0),
    elapsedSec: access.clock.monotonicSec() - startSec,
  };
}
