/**
 * Pins images and takes pins away, and says what an operator should know of the images: a pin alone fetches nothing.
 */
import type { ImageId } from '../../cache/image-id.ts';
import type { NotQueuedReason } from '../../plan/queue.ts';
import { OPTIONS } from '../../settings/options.ts';
import { countOf, exactSize, humanSize } from '../../text/amounts.ts';
import { type PinResult, pinImages, pinnedSize, unpinImages } from '../../use-cases/pins.ts';
import type { OpenRun } from '../open-run.ts';
import type { Call } from '../program.ts';
import { changeUnasked, idleReason, isAbsent } from './change-images.ts';

/** Pins the images that are named. */
export async function pin(call: Call): Promise<void> {
  await changeUnasked(call, {
    done: (imageId) => `Pinned image ${imageId}`,
    idle: (item) => `Nothing to pin: image ${item.imageId} ${idleReason(item)} already`,
    saysDoneWhenIdle: false,
    apply: async (run, imageIds, dryRun) => {
      const result = await pinImages(run.access, imageIds, dryRun);
      return { ...result, notes: [...uncachedNotes(imageIds, result), ...excessNotes(call, run)] };
    },
  });
}

/** Takes the pins of the images that are named. */
export async function unpin(call: Call): Promise<void> {
  await changeUnasked(call, {
    done: (imageId) => `Unpinned image ${imageId}`,
    idle: (item) => {
      const reason = isAbsent(item) ? 'is not pinned' : idleReason(item);
      return `Nothing to unpin: image ${item.imageId} ${reason}`;
    },
    saysDoneWhenIdle: false,
    apply: ({ access }, imageIds, dryRun) => unpinImages(access, imageIds, dryRun),
  });
}

const ON_THEIR_WAY: Readonly<Partial<Record<NotQueuedReason, string>>> = {
  'being-cached': 'is being cached now',
  queued: 'is not cached yet: it is queued, and the prefetcher fetches it in its next run',
};

/** What is said of images that are not cached, with the command that has them fetched. */
function uncachedNotes(imageIds: readonly ImageId[], { whereabouts, items }: PinResult): readonly string[] {
  const failed = new Set(items.flatMap(({ imageId, result }) => (result === 'failed' ? [imageId] : [])));
  const pinned = imageIds.filter((imageId) => !failed.has(imageId));
  const coming = pinned.flatMap((imageId) => {
    const state = ON_THEIR_WAY[whereabouts.get(imageId) ?? 'cached'];
    return state === undefined ? [] : [`Image ${imageId} ${state}`];
  });
  const [first, ...others] = pinned.filter((imageId) => !whereabouts.has(imageId));
  if (first === undefined) return coming;
  const what =
    others.length === 0
      ? `Image ${first} is not cached; to have it fetched`
      : `${others.length + 1} of the images are not cached; to have them fetched`;
  return [...coming, `${what}: glance-cache-manage queue-image ${[first, ...others].join(' ')}`];
}

/** Pins beyond the maximum are kept all the same: then no prune comes down to it. */
function excessNotes({ invocation }: Call, { access, settings }: OpenRun): readonly string[] {
  const maxSizeBytes = settings.get(OPTIONS.imageCacheMaxSize);
  const { images, bytes } = pinnedSize(access);
  if (bytes <= maxSizeBytes) return [];
  const size = invocation.stderr.isTerminal ? humanSize : exactSize;
  return [
    `Pinned are ${countOf(images, 'cached image')} of ${size(bytes)}, more than image_cache_max_size of ${size(maxSizeBytes)}: ` +
      'no prune can reach that. See: glance-cache-manage list-pinned',
  ];
}
