/**
 * What a prefetch would do about every wanted image: asks Glance about each and reckons the room jointly. A dry run
 * shows what this finds; a real one goes by it.
 */
import type { CacheFile } from '../../cache/directory.ts';
import { NotFoundError } from '../../errors/cache-error.ts';
import { presentBytes } from '../../execute/prefetch/present-bytes.ts';
import { rivalOf } from '../../execute/prefetch/publish-image.ts';
import { RoomKeeper } from '../../execute/prefetch/room-keeper.ts';
import { findInStore } from '../../glance/file-store.ts';
import type { Image } from '../../glance/image.ts';
import { isBackingOff, judgeStatus, type Verdict, type WantedImage, wantedImages } from '../../plan/prefetch.ts';
import { inParallel } from '../in-parallel.ts';
import { Outage } from '../outage.ts';
import type { BoundedRun, PrefetchRun } from './prefetch-run.ts';
import { roomError } from './room-error.ts';

/** An image that is to be fetched. */
export interface PlannedFetch {
  readonly kind: 'fetch';
  readonly wanted: WantedImage;
  readonly image: Image;
  /** Its file in Glance's store; undefined for a download. */
  readonly storePath: string | undefined;
  /** What an earlier run has left of it, bytes. */
  readonly presentBytes: number;
}

/** An image that is not. */
export interface NotFetched {
  readonly kind: 'not-yet' | 'settled' | 'failed';
  readonly wanted: WantedImage;
  readonly image: Image | undefined;
  readonly reason: Exclude<Verdict, { kind: 'fetch' }>['reason'] | undefined;
  readonly error: unknown;
}

/** What is to be done about one wanted image. */
export type Prospect = PlannedFetch | NotFetched;

/**
 * Looks at the queue and at Glance. Nothing is changed.
 *
 * @returns one prospect per wanted image, in the order of the queue
 * @throws what concerns all images alike: AuthError when Keystone refuses the credentials, ConfigError, RemoteError when
 *   Keystone does not answer
 */
export async function lookAhead(run: BoundedRun): Promise<readonly Prospect[]> {
  const { access, request, glance } = run;
  const nowSec = access.clock.nowSec();
  const wanted = wantedImages(queueOf(run), request.imageIds, nowSec);
  const local = wanted.map((image) => lookLocally(run, image, nowSec));
  if (local.every((prospect) => prospect !== undefined)) return local;
  // Whatever is wrong with the login is wrong for all: it is to be told once, not for every image.
  await glance.isAdmin(access.signal);
  const outage = new Outage();
  const seen = await inParallel([...wanted.entries()], request.jobs, async ([place, image]) => {
    return local[place] ?? (await unlessOut(outage, image, () => askGlance(run, image)));
  });
  access.signal.throwIfAborted();
  return withRoom(run, seen);
}

function queueOf({ access }: PrefetchRun): readonly CacheFile[] {
  return access.directory.list('queue').files;
}

/** What can be said without asking anybody; that the disk fails is this image's own trouble. */
function lookLocally(run: PrefetchRun, wanted: WantedImage, nowSec: number): NotFetched | undefined {
  const nothing = { wanted, image: undefined, error: undefined } as const;
  try {
    const verdict = localVerdict(run, wanted, nowSec);
    return verdict === undefined ? undefined : { ...nothing, ...verdict };
  } catch (error) {
    return { ...nothing, kind: 'failed', reason: undefined, error };
  }
}

function localVerdict(
  { access, ports }: PrefetchRun,
  { imageId, isUrgent }: WantedImage,
  nowSec: number,
): Exclude<Verdict, { readonly kind: 'fetch' }> | undefined {
  const rival = rivalOf(access.directory, imageId);
  if (rival === 'cached') return { kind: 'settled', reason: rival };
  if (rival === 'being-cached') return { kind: 'not-yet', reason: rival };
  const isPutOff = !isUrgent && isBackingOff(ports.parts.journal(imageId), nowSec);
  return isPutOff ? { kind: 'not-yet', reason: 'backing-off' } : undefined;
}

async function askGlance(run: PrefetchRun, wanted: WantedImage): Promise<Prospect> {
  const { access, glance, ports, request } = run;
  try {
    const image = await glance.image(wanted.imageId, access.signal);
    const verdict = judgeStatus(image);
    if (verdict.reason === 'deleted' && isOnlyNamed(wanted)) throw deletedError(wanted);
    if (verdict.kind !== 'fetch') return { ...verdict, wanted, image, error: undefined };
    const storePath = findInStore(request.storeFolders, image);
    const present = storePath === undefined ? presentBytes(ports.parts, image) : 0;
    return { kind: 'fetch', wanted, image, storePath, presentBytes: present };
  } catch (error) {
    // Without knowing, it counts as hidden: its marker stays.
    const isAdmin = await glance.isAdmin(access.signal).catch(() => false);
    if (error instanceof NotFoundError && isAdmin && !isOnlyNamed(wanted)) {
      return { kind: 'settled', reason: 'deleted', wanted, image: undefined, error: undefined };
    }
    return { kind: 'failed', reason: undefined, wanted, image: undefined, error };
  }
}

/** Whoever names an image wants it now: that it does not exist is a failure then, and not just the end of a marker. */
function isOnlyNamed({ markers }: WantedImage): boolean {
  return markers.length === 0;
}

function deletedError({ imageId }: WantedImage): NotFoundError {
  return new NotFoundError('NOT_FOUND_IMAGE', `Cannot fetch image ${imageId}: it is deleted in Glance`, {
    hint: 'See what there is with "openstack image list --all"',
    details: { image_id: imageId },
  });
}

async function unlessOut(outage: Outage, wanted: WantedImage, ask: () => Promise<Prospect>): Promise<Prospect> {
  const { error } = outage;
  if (error !== undefined) return { kind: 'failed', reason: undefined, wanted, image: undefined, error };
  const prospect = await ask();
  if (prospect.kind === 'failed') outage.note(prospect.error);
  return prospect;
}

/** Gives room in the order of the queue: who comes first is fetched first. */
function withRoom({ access, limits }: BoundedRun, prospects: readonly Prospect[]): readonly Prospect[] {
  const keeper = new RoomKeeper(limits, () => access.directory.space());
  return prospects.map((prospect): Prospect => {
    if (prospect.kind !== 'fetch') return prospect;
    const { image, wanted } = prospect;
    // An image of unknown size is bounded while it comes.
    const asked = { sizeBytes: image.sizeBytes ?? 0, presentBytes: prospect.presentBytes };
    const room = keeper.judge(asked);
    if (room.kind === 'fits') {
      keeper.take(asked);
      return prospect;
    }
    if (room.kind === 'run-limit') {
      return { kind: 'not-yet', reason: 'run-limit', wanted, image, error: undefined };
    }
    return { kind: 'failed', reason: undefined, wanted, image, error: roomError(image, room, limits) };
  });
}
