/**
 * Fetches one image and makes it the cached one. Whatever goes wrong is this image's own: the others go on.
 */
import { isSameContent } from '../../cache/prefetch/journal.ts';
import { IntegrityError, NotFoundError } from '../../errors/cache-error.ts';
import { type FetchedPart, fetchPart } from '../../execute/prefetch/fetch-part.ts';
import { type Published, publishImage, rivalOf } from '../../execute/prefetch/publish-image.ts';
import type { Place, RoomKeeper } from '../../execute/prefetch/room-keeper.ts';
import type { Image } from '../../glance/image.ts';
import { judgeStatus, type Verdict } from '../../plan/prefetch.ts';
import { mostOfCache } from '../../plan/room.ts';
import { askOnceMore } from './ask-once-more.ts';
import { failedItem, hasCode, itemOf } from './items.ts';
import type { PlannedFetch } from './look-ahead.ts';
import { Meter } from './meter.ts';
import type { PrefetchItem } from './prefetch-report.ts';
import type { BoundedRun } from './prefetch-run.ts';
import { roomError } from './room-error.ts';
import type { Serial } from './serial.ts';
import { settle } from './settle.ts';

/** What the images of a run share while they are fetched. */
export interface Fetching extends BoundedRun {
  readonly keeper: RoomKeeper;
  /** Glance's lock is taken by one image at a time. */
  readonly publishing: Serial;
}

/** What came of fetching the bytes: them, or the news that the image is not to be had any more. */
type Obtained =
  | { readonly kind: 'fetched'; readonly part: FetchedPart; readonly image: Image }
  | Exclude<Verdict, { readonly kind: 'fetch' }>;

/** How an image ended; the error is in the item as well, in words. */
export interface Ended {
  readonly item: PrefetchItem;
  readonly error?: unknown;
}

/** Fetches one image. Never throws. */
export async function fetchOne(fetching: Fetching, planned: PlannedFetch): Promise<Ended> {
  const { access, watch } = fetching;
  const { wanted, image } = planned;
  const startSec = access.clock.monotonicSec();
  const meter = new Meter(planned, (bytes) => watch.advanced(wanted.imageId, bytes));
  watch.started({ imageId: wanted.imageId, name: image.name, sizeBytes: image.sizeBytes });
  const ended = await attempt(fetching, planned, meter);
  const elapsedSec = access.clock.monotonicSec() - startSec;
  return { ...ended, item: { ...ended.item, fetchedBytes: meter.fetchedBytes, elapsedSec } };
}

async function attempt(fetching: Fetching, planned: PlannedFetch, meter: Meter): Promise<Ended> {
  const { access, glance, keeper } = fetching;
  const { wanted, image } = planned;
  const item = itemOf(wanted, image);
  let place: Place | undefined;
  let fetchedBytes = 0;
  try {
    access.signal.throwIfAborted();
    // A client may have had it cached while others were fetched.
    const rival = rivalOf(access.directory, wanted.imageId);
    if (rival === 'cached') return { item: unwanted(fetching, planned, { kind: 'settled', reason: rival }) };
    if (rival === 'being-cached') return { item: unwanted(fetching, planned, { kind: 'not-yet', reason: rival }) };
    const asked = { sizeBytes: image.sizeBytes ?? 0, presentBytes: planned.presentBytes };
    const room = keeper.judge(asked);
    // The disk has filled up since the plan was made.
    if (room.kind === 'run-limit') return { item: { ...item, reason: 'run-limit' } };
    if (room.kind !== 'fits') throw roomError(image, room, fetching.limits);
    place = keeper.take(asked);
    meter.fill(place);
    const obtained = await obtain(fetching, planned, meter);
    if (obtained.kind !== 'fetched') return { item: unwanted(fetching, planned, obtained) };
    fetchedBytes = obtained.part.sizeBytes;
    return { item: await publish(fetching, planned, obtained) };
  } catch (error) {
    if (access.signal.aborted) return { item: { ...item, reason: 'stopped' } };
    const isGone = error instanceof NotFoundError && wanted.markers.length > 0;
    if (isGone && (await glance.isAdmin(access.signal).catch(() => false))) {
      return { item: unwanted(fetching, planned, { kind: 'settled', reason: 'deleted' }) };
    }
    const told = rememberFailure(fetching, planned, error);
    return { item: failedItem(item, told), error: told };
  } finally {
    place?.release(fetchedBytes);
  }
}

/**
 * Fetches the bytes. When they are not those of the image, it is asked about anew: an image that has changed, or a part
 * that was put together from several answers, is fetched once more from its start.
 */
async function obtain(fetching: Fetching, planned: PlannedFetch, meter: Meter): Promise<Obtained> {
  const { ports, glance, access } = fetching;
  const { imageId } = planned.wanted;
  try {
    return await fetchBytes(fetching, planned, meter);
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    ports.parts.removePart(imageId);
    const image = await glance.image(imageId, access.signal);
    const verdict = judgeStatus(image);
    if (verdict.kind !== 'fetch') return verdict;
    if (isUnchanged(image, planned.image) && !meter.isStitched) throw error;
    fetching.watch.noted(imageId, `${error.message}; starting over`);
    refuseGrown(fetching, planned.image, image);
    meter.restart();
    return fetchBytes(fetching, { ...planned, image, storePath: undefined, presentBytes: 0 }, meter);
  }
}

function isUnchanged(now: Image, before: Image): boolean {
  return isSameContent(now, before) || (now.digest === before.digest && now.sizeBytes === before.sizeBytes);
}

/** The room that was given is that of the image as it was. */
function refuseGrown({ keeper, limits }: Fetching, { sizeBytes: wasBytes = 0 }: Image, image: Image): void {
  const moreBytes = (image.sizeBytes ?? 0) - wasBytes;
  if (moreBytes <= 0) return;
  const room = keeper.judge({ sizeBytes: moreBytes, presentBytes: 0 });
  if (room.kind === 'fits') return;
  const kind = room.kind === 'run-limit' ? 'too-large' : room.kind;
  throw roomError(image, { kind, lackingBytes: room.lackingBytes }, limits);
}

async function fetchBytes(fetching: Fetching, planned: PlannedFetch, meter: Meter): Promise<Obtained> {
  const { ports, keeper, watch, limits } = fetching;
  const { image, storePath } = planned;
  const maxBytes = image.sizeBytes ?? keeper.mostBytes();
  try {
    const part = await fetchPart(ports, {
      image,
      storePath,
      growth: { maxBytes, onLength: (atBytes) => meter.at(atBytes) },
      onRetry: (error, delaySec) => {
        meter.stitch();
        watch.retrying(image.imageId, error, delaySec);
      },
      onNote: (message) => watch.noted(image.imageId, message),
    });
    return { kind: 'fetched', part, image };
  } catch (error) {
    if (image.sizeBytes !== undefined || !hasCode(error, 'INTEGRITY_SIZE') || meter.atBytes < maxBytes) throw error;
    ports.parts.remove(image.imageId);
    const isWholeCache = maxBytes === mostOfCache(limits);
    throw roomError(image, { kind: isWholeCache ? 'too-large' : 'no-space', lackingBytes: 1 }, limits);
  }
}

async function publish(
  fetching: Fetching,
  planned: PlannedFetch,
  { part, image }: Extract<Obtained, { readonly kind: 'fetched' }>,
): Promise<PrefetchItem> {
  const { access, publishing } = fetching;
  const { wanted } = planned;
  const { source, sizeBytes, resumedBytes } = part;
  const item = { ...itemOf(wanted, image), source, sizeBytes, resumedBytes };
  const published: Published = await publishing.run(() =>
    access.withGlanceLock('glance-cache', () =>
      publishImage({ ...access, openIndex: () => access.index.open(true) }, wanted.imageId),
    ),
  );
  if (published === 'being-cached') {
    access.parts.remove(wanted.imageId);
    return { ...item, reason: 'being-cached' };
  }
  settle(access, wanted);
  if (published === 'cached') return { ...item, result: 'done', reason: 'cached' };
  return askOnceMore(fetching, wanted, { ...item, result: 'done' });
}

/** Glance has told meanwhile that the image is not to be had: settled for good, or left in the queue. */
function unwanted(
  { access }: Fetching,
  { wanted, image }: PlannedFetch,
  { kind, reason }: Exclude<Verdict, { readonly kind: 'fetch' }>,
): PrefetchItem {
  const item = { ...itemOf(wanted, image), reason };
  if (kind === 'not-yet') return item;
  settle(access, wanted);
  return wanted.markers.length === 0 ? item : { ...item, action: 'unqueue', result: 'done', area: 'queue' };
}

/** Keeps what the next run has to know of a failure, and nothing that would only be in its way. */
function rememberFailure({ access, ports }: Fetching, { wanted, image }: PlannedFetch, error: unknown): unknown {
  const { imageId } = wanted;
  try {
    if (error instanceof IntegrityError) {
      const earlier = ports.parts.journal(imageId)?.mismatches ?? 0;
      ports.parts.removePart(imageId);
      const lastMismatchSec = access.clock.nowSec();
      ports.parts.writeJournal({ imageId, content: image, mismatches: earlier + 1, lastMismatchSec });
    } else if (hasCode(error, 'CACHE_NO_SPACE')) {
      // A disk that is full is everybody's trouble: the part does not stay on it until the next run.
      ports.parts.remove(imageId);
    }
    return error;
  } catch (second) {
    return second;
  }
}
