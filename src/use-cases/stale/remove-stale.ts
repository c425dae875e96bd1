/**
 * Removes cached images that were deleted, deactivated or replaced in Glance: of the nodes of a cloud only the one that
 * served the request takes a deleted image out of its cache by itself.
 */
import { CacheStateError } from '../../errors/cache-error.ts';
import {
  type CachedBytes,
  isFresh,
  isIncredible,
  planStale,
  type SparedImage,
  type StaleImage,
} from '../../plan/stale.ts';
import type { StaleSummary } from '../clean.ts';
import { appliedItems, countUnfreed, errorOf, errorsOf, plannedItems, type ReportItem } from '../report.ts';
import { workOnIndex } from '../work-on-index.ts';
import { type Confirmed, confirmStale, notAdmin } from './confirm.ts';
import { byImageId, cachedImages, type FailedImage, findSuspects, type Suspects } from './find-suspects.ts';
import type { StaleResult, StaleRun } from './stale-run.ts';

/** So many are removed before it is seen whether the answers about the next ones are still fresh. */
const IMAGES_AT_A_TIME = 500;

/**
 * Removes stale images. Glance is asked first, under no lock; what it has not answered about stays.
 *
 * @throws AuthError AUTH_FORBIDDEN for an account without an admin role; CacheStateError CACHE_STALE_LIMIT when too much
 *   seems to be stale; what keeps Glance from being asked: AuthError, ConfigError, RemoteError; CacheStateError, BusyError
 */
export async function removeStale(run: StaleRun): Promise<StaleResult> {
  const asked = await askGlance(run);
  if (asked === undefined) return NOTHING;
  const { found, stale, failed } = asked;
  const removal = new Removal(run);
  removal.noteFailed([...found.failed, ...failed]);
  for (let from = 0; from < stale.length && removal.failure === undefined; from += IMAGES_AT_A_TIME) {
    await removal.remove(stale.slice(from, from + IMAGES_AT_A_TIME));
  }
  return removal.result(found);
}

/** What Glance says; undefined where nothing is cached. */
async function askGlance(run: StaleRun): Promise<(Confirmed & { readonly found: Suspects }) | undefined> {
  const { request } = run;
  const found = await lookAndAsk(run);
  if (found === undefined) return undefined;
  refuseIncredible(run, found);
  const wanted = found.suspects.filter(({ imageId }) => request.imageIds?.has(imageId) !== false);
  return { found, ...(await confirmStale(run, wanted)) };
}

/** The look at the cache is let go when this ends, long before the next one sees as much. */
async function lookAndAsk(run: StaleRun): Promise<Suspects | undefined> {
  const { access, glance } = run;
  const images = await cachedImages(access);
  if (images.length === 0) return undefined;
  if (!(await glance.isAdmin(access.signal))) throw notAdmin();
  return findSuspects(run, images);
}

const NOTHING: StaleResult = {
  items: [],
  errors: [],
  failure: undefined,
  summary: { checkedImages: 0, staleImages: 0, pinnedImages: 0, readImages: 0, readBytes: 0 },
};

function refuseIncredible({ access, request }: StaleRun, { count }: Suspects): void {
  const { limitPercent } = request;
  if (!isIncredible(count, limitPercent)) return;
  const { root } = access.layout;
  const { checked, suspects, known } = count;
  const what =
    known === 0
      ? `Glance knows none of the ${checked} cached images`
      : `${suspects} of ${checked} cached images seem to be deleted, deactivated or replaced in Glance, more than ${limitPercent}%`;
  throw new CacheStateError('CACHE_STALE_LIMIT', `Cannot remove stale images from ${JSON.stringify(root)}: ${what}`, {
    hint: 'See that the credentials are for the cloud and region of this node; if they are, look with "glance-cache-cleaner --stale --stale-limit 100% --dry-run", then run it without --dry-run',
    details: {
      root,
      checked_images: checked,
      stale_images: suspects,
      known_images: known,
      limit_percent: limitPercent,
    },
  });
}

/** The removals of a run, and what became of them. */
class Removal {
  readonly #run: StaleRun;
  readonly #pinned: ReadonlySet<string>;
  readonly #items: ReportItem[] = [];
  readonly #errors: unknown[] = [];
  #stale = 0;
  #unfreed = 0;
  failure: unknown;

  constructor(run: StaleRun) {
    this.#run = run;
    this.#pinned = run.access.pins.list().imageIds;
  }

  noteFailed(failed: readonly FailedImage[]): void {
    for (const { imageId, file, error } of failed) {
      this.#items.push({ ...itemOf({ imageId, file }, 'failed'), error: errorOf(error) });
      this.#errors.push(error);
    }
  }

  /** Removes some images; those about which Glance was asked too long ago are asked about once more. */
  async remove(some: readonly (CachedBytes & StaleImage)[]): Promise<void> {
    const { access, request } = this.#run;
    const isAllFresh = some.every((one) => isFresh(one, access.clock.monotonicSec()));
    const { stale, failed } = isAllFresh ? { stale: some, failed: [] } : await confirmStale(this.#run, some);
    this.noteFailed(failed);
    if (stale.length === 0) return;
    const { plan, outcomes, failure } = await workOnIndex(access, {
      verb: 'remove stale images from',
      dryRun: request.dryRun,
      adopt: false,
      plan: (snapshot) => planStale(snapshot, stale, access.clock.monotonicSec()),
      actions: ({ removals }) => removals,
    });
    this.#stale += stale.length;
    this.#items.push(...(outcomes === undefined ? plannedItems(plan.removals) : appliedItems(outcomes)));
    this.#items.push(...plan.spared.map(sparedItem));
    this.#errors.push(...errorsOf(outcomes ?? []));
    this.#unfreed += countUnfreed(outcomes ?? []);
    this.failure = failure;
  }

  result({ count, readImages, readBytes }: Suspects): StaleResult {
    const items = this.#items.toSorted(byImageId);
    const isGone = ({ result, imageId }: ReportItem): boolean =>
      (result === 'done' || result === 'planned') && this.#pinned.has(imageId);
    const summary: StaleSummary = {
      checkedImages: count.checked,
      staleImages: this.#stale,
      pinnedImages: items.filter(isGone).length,
      readImages,
      readBytes,
    };
    return { items, errors: this.#errors, failure: this.failure, unfreed: this.#unfreed, summary };
  }
}

function sparedItem(image: SparedImage): ReportItem {
  return { ...itemOf(image, 'skipped'), reason: image.spared };
}

function itemOf({ imageId, file }: Pick<CachedBytes, 'imageId' | 'file'>, result: ReportItem['result']): ReportItem {
  return {
    imageId,
    action: 'remove',
    result,
    reason: undefined,
    area: undefined,
    sizeBytes: file.sizeBytes,
    lastUsedSec: file.modifiedSec,
    error: undefined,
  };
}
