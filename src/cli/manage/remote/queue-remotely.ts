/**
 * queue-image on other nodes. Names, tags and properties are looked up in the Glance of the catalog, once for all nodes.
 */
import { UsageError } from '../../../errors/cache-error.ts';
import { resolveImages } from '../../../use-cases/resolve-images.ts';
import { withGlance } from '../../cloud/open-cloud.ts';
import type { Call } from '../../program.ts';
import type { ImageWords } from '../change-images.ts';
import type { Selection } from '../queue-command.ts';
import { timed } from '../show-list.ts';
import { changeOnNodes } from './change-remotely.ts';
import { withNodes } from './open-nodes.ts';

/** Which images to queue, and how that is told. */
export interface RemoteQueueing {
  readonly selection: Selection;
  readonly words: ImageWords;
  /** Whether they are to be fetched here and now. */
  readonly isNow: boolean;
}

/** Queues images. */
export async function queueRemotely(call: Call, { selection, words, isNow }: RemoteQueueing): Promise<void> {
  if (isNow) throw notNow();
  await withNodes(call, (run) =>
    timed(call, async () => {
      const named = selection.needsGlance
        ? await withGlance(call, run, run.login, (glance) => resolveImages(glance, selection, run.signal))
        : [];
      const imageIds = [...new Set([...selection.imageIds, ...named])];
      await changeOnNodes(call, run, { imageIds, change: { work: 'queue', words } });
    }),
  );
}

function notNow(): UsageError {
  return new UsageError(
    'USAGE_NOT_AVAILABLE',
    'Cannot use --now with --host: a node fetches what it queues by itself',
    {
      hint: 'Leave --now out: from release Zed on a node fetches a queued image at once, others with their next prefetch',
    },
  );
}
