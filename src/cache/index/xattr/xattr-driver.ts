/**
 * The `xattr` driver: its index are the image files themselves, so that it is never missing and cannot be damaged as a
 * whole.
 */
import { statSync } from 'node:fs';
import { unlessAbsent } from '../../../errors/errno.ts';
import { onPath } from '../../../errors/from-errno.ts';
import type { Patience } from '../../../sqlite/retry-busy.ts';
import type { ImageId } from '../../image-id.ts';
import type { CacheLayout } from '../../layout.ts';
import type { GivenUpIndex, IndexDriver } from '../index-driver.ts';
import { NO_INDEX } from '../no-index.ts';
import { imagesInSqlite } from '../sqlite/count-images.ts';
import { ImageFiles } from './image-files.ts';
import { refuseNoatime, refuseWithoutAttributes } from './refuse-unfit.ts';
import { loadUserAttributes } from './user-attributes.ts';
import { XattrIndex } from './xattr-index.ts';

/** The driver on one cache. */
export function createXattrDriver(layout: CacheLayout, patience: Patience): IndexDriver {
  const { root } = layout;
  return {
    name: 'xattr',
    exists: () => true,
    async open(create) {
      const stats = onPath('look at', root, () => unlessAbsent(() => statSync(root)));
      if (stats === undefined && !create) return NO_INDEX;
      refuseNoatime(root);
      const attributes = await loadUserAttributes();
      refuseWithoutAttributes(root, attributes);
      return new XattrIndex(layout, patience, attributes);
    },
    async replace() {
      throw new TypeError('An index of attributes is never damaged as a whole');
    },
    describeGivenUp: () => describeGivenUp(layout),
    explainInvalid: (imageIds) => explainInvalid(layout, imageIds),
  };
}

async function describeGivenUp(layout: CacheLayout): Promise<GivenUpIndex> {
  const { root, index } = layout;
  const images = await imagesInSqlite(layout);
  const found =
    images === undefined
      ? 'it may use another one, and falls back to sqlite where it cannot use this one'
      : `it uses sqlite, or did before, as ${JSON.stringify(index)} lists ${images}`;
  return {
    state: `no image in ${JSON.stringify(root)} has the attribute user.hits`,
    check: `Check image_cache_driver in glance-api.conf, and what glance-api logs of it when it starts: ${found}`,
  };
}

async function explainInvalid(
  layout: CacheLayout,
  imageIds: readonly ImageId[],
): Promise<ReadonlyMap<ImageId, string>> {
  const notes = new Map<ImageId, string>();
  if (imageIds.length === 0) return notes;
  try {
    const files = new ImageFiles(layout, await loadUserAttributes());
    try {
      for (const imageId of imageIds) {
        const note = files.error(imageId);
        if (note !== undefined) notes.set(imageId, note);
      }
    } finally {
      files.close();
    }
  } catch {
    // A list is worth showing without its remarks.
  }
  return notes;
}
