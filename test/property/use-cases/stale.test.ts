import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ImageId } from '../../../src/cache/image-id.ts';
import { RemoteError } from '../../../src/errors/cache-error.ts';
import { removeStale } from '../../../src/use-cases/stale/remove-stale.ts';
import { describedImage } from '../../support/described-images.ts';
import { accessTo, createCache, fileIdsOf, imageIdOf, putImage, rowIdsOf } from '../../support/seeded-cache.ts';
import { gone, sound, type Told, watchedRun } from '../../support/stale-runs.ts';
import { useTempDir } from '../../support/temp-dir.ts';

const folder = useTempDir();

const FAILURES = ['REMOTE_UNREACHABLE', 'REMOTE_STALLED', 'REMOTE_STATUS', 'REMOTE_ANSWER'] as const;
const anyFailure = fc.constantFrom(...FAILURES).map((code) => new RemoteError(code, `Cannot get it: ${code}`));

/** What a Glance may be told to say of an image, in its list and when it is asked for this one. */
const anySaying = fc.record({
  list: fc.constantFrom('sound', 'other size', 'other bytes', 'deactivated', 'saving', 'absent'),
  image: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('sound', 'other size', 'other bytes', 'deactivated', 'pending', 'gone') },
    { weight: 1, arbitrary: anyFailure },
  ),
});

type Saying = typeof anySaying extends fc.Arbitrary<infer S> ? S : never;

const OTHER_BYTES = describedImage(imageIdOf(99)).digest;

function said(imageId: ImageId, what: string): Told {
  // A record that was changed after the file came: only the bytes can tell.
  const updatedSec = 1e10;
  switch (what) {
    case 'other size':
      return sound(imageId, { sizeBytes: 7, updatedSec });
    case 'other bytes':
      return sound(imageId, { digest: OTHER_BYTES, updatedSec });
    case 'deactivated':
    case 'saving':
      return sound(imageId, { status: what });
    case 'pending':
      return sound(imageId, { status: 'pending_delete' });
    case 'absent':
    case 'gone':
      return gone(imageId);
    default:
      return sound(imageId, { updatedSec });
  }
}

function toldOf(imageId: ImageId, { list, image }: Saying): Told {
  return { list: said(imageId, list).list, image: image instanceof Error ? image : said(imageId, image).image };
}

/** Whether an image is certainly stale: the list gave reason to ask about this one, and that answer was positive. */
function isCertain({ list, image }: Saying): boolean {
  if (list === 'sound' || list === 'saving' || image instanceof Error || image === 'sound') return false;
  // Bytes are compared with what they were read for: without a reading nobody knows them.
  return image === 'other bytes' ? list === 'other bytes' : true;
}

const anyRun = fc.record({
  sayings: fc.array(anySaying, { maxLength: 14 }),
  isAdmin: fc.oneof({ weight: 8, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  limitPercent: fc.constantFrom(50, 90, 100),
  dryRun: fc.boolean(),
});

test('removeStale() removes nothing without a positive answer about this very image to an admin', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(anyRun, async ({ sayings, isAdmin, ...request }) => {
      const layout = createCache(join(folder(), `cache-${++runs}`));
      const ids = sayings.map((_, place) => imageIdOf(place + 1));
      for (const imageId of ids) putImage(layout, imageId);
      const told = sayings.map((saying, place): [ImageId, Told] => {
        const imageId = imageIdOf(place + 1);
        return [imageId, toldOf(imageId, saying)];
      });
      const { run } = watchedRun(accessTo(layout), { told, isAdmin: () => isAdmin, ...request });
      const result = await removeStale(run).catch(() => undefined);
      const certain = isAdmin
        ? ids.filter((_, place) => sayings[place] !== undefined && isCertain(sayings[place]))
        : [];
      const isGone = (imageId: ImageId): boolean => !fileIdsOf(layout).includes(imageId);
      // What is removed was certain, and is told; what is told was removed.
      expect(certain).toEqual(expect.arrayContaining(ids.filter(isGone)));
      expect(rowIdsOf(layout)).toEqual(fileIdsOf(layout));
      expect(fileIdsOf(layout, 'invalid')).toEqual([]);
      const removed = (result?.items ?? []).filter(({ result }) => result === 'done').map(({ imageId }) => imageId);
      expect(removed).toEqual(ids.filter(isGone));
      const planned = (result?.items ?? []).filter(({ result }) => result === 'planned').map(({ imageId }) => imageId);
      const hasOutage = sayings.some(({ image }) => image instanceof Error);
      // Where nothing stood in the way, all that is certain went.
      if (result !== undefined && !hasOutage) expect(request.dryRun ? planned : removed).toEqual(certain);
      expect(planned.length === 0 || request.dryRun).toBe(true);
    }),
    { numRuns: 40 },
  );
});
