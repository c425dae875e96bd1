/**
 * What glance-api and the stock tools do beside the toolkit, by the stand-in on the disk and retold for the model.
 */
import { expect } from 'vitest';
import type { ImageId } from '../../../src/cache/image-id.ts';
import { contentOf } from '../../support/seeded-cache.ts';
import {
  beginDownload,
  beginHit,
  clearCache,
  clearQueue,
  deleteCachedImage,
  dequeueImage,
  download,
  queueImage,
} from '../../support/stand-in/glance-api.ts';
import { stockClean, stockPrune } from '../../support/stand-in/stock-tools.ts';
import { type Model, SIZES } from '../model.ts';
import type { World } from '../world.ts';
import { type Act, shortName } from './act.ts';

/** A client downloads an image: through the cache, from it, or past it. */
export function downloads(imageId: ImageId): Act {
  return {
    name: `glance-api serves ${shortName(imageId)}`,
    happen(model, world) {
      const cached = model.files.cached.get(imageId);
      const isWritten = model.files.incomplete.has(imageId);
      const content = bytesOf(imageId, cached?.sizeBytes);
      const { result } = download(world.layout, imageId, content, model.nowSec);
      expect(result).toBe(cached !== undefined ? 'hit' : isWritten ? 'uncached' : 'cached');
      if (cached !== undefined) countHit(model, world, imageId);
      else if (!isWritten) {
        model.files.incomplete.set(imageId, model.newFile(content.length));
        publish(model, imageId);
      }
    },
  };
}

/** A client begins a download through the cache, which goes slowly. */
export function beginsDownload(imageId: ImageId): Act {
  return {
    name: `glance-api begins to write ${shortName(imageId)}`,
    isPossible: (model) => !model.writers.has(imageId),
    happen(model, world) {
      const isThere = model.files.cached.has(imageId) || model.files.incomplete.has(imageId);
      const content = bytesOf(imageId);
      const begun = beginDownload(world.layout, imageId, content);
      expect(begun === undefined).toBe(isThere);
      if (begun === undefined) return;
      begun.write(Math.floor(content.length / 2));
      world.downloads.set(imageId, begun);
      model.writers.add(imageId);
      model.files.incomplete.set(imageId, model.newFile(begun.writtenBytes));
    },
  };
}

/** Its last bytes come. */
export function finishesDownload(imageId: ImageId): Act {
  return {
    name: `glance-api finishes ${shortName(imageId)}`,
    isPossible: (model) => model.writers.has(imageId),
    happen(model, world) {
      const begun = takeDownload(model, world, imageId);
      while (begun.write(1000));
      begun.finish(model.nowSec);
      const file = model.files.incomplete.get(imageId);
      if (file === undefined) throw new Error('Somebody has removed a file that is being written');
      const isWritten = begun.writtenBytes > file.sizeBytes;
      const modifiedSec = isWritten ? model.nowSec : file.modifiedSec;
      model.files.incomplete.set(imageId, { ...file, sizeBytes: begun.writtenBytes, modifiedSec });
      publish(model, imageId);
    },
  };
}

/** Its client goes away. */
export function abortsDownload(imageId: ImageId): Act {
  return {
    name: `glance-api gives ${shortName(imageId)} up`,
    isPossible: (model) => model.writers.has(imageId),
    happen(model, world) {
      takeDownload(model, world, imageId).abort();
      model.rename(imageId, model.files.incomplete, model.files.invalid);
      model.rows.delete(imageId);
    },
  };
}

/** glance-api is killed half way: what it has written stays. */
export function diesDownloading(imageId: ImageId): Act {
  return {
    name: `glance-api dies writing ${shortName(imageId)}`,
    isPossible: (model) => model.writers.has(imageId),
    happen: (model, world) => takeDownload(model, world, imageId).die(),
  };
}

/** A client begins to read a cached image. */
export function beginsHit(imageId: ImageId): Act {
  return {
    name: `a client begins to read ${shortName(imageId)}`,
    isPossible: (model) => !model.readers.has(imageId),
    happen(model, world) {
      const file = model.files.cached.get(imageId);
      const hit = beginHit(world.layout, imageId, bytesOf(imageId, file?.sizeBytes));
      expect(hit === undefined).toBe(file === undefined);
      if (hit === undefined) return;
      world.hits.set(imageId, hit);
      model.readers.add(imageId);
    },
  };
}

/** It gets all of it, whatever has become of the image meanwhile. */
export function finishesHit(imageId: ImageId): Act {
  return {
    name: `a client has read ${shortName(imageId)}`,
    isPossible: (model) => model.readers.has(imageId),
    happen(model, world) {
      model.readers.delete(imageId);
      const hit = world.hits.get(imageId);
      world.hits.delete(imageId);
      expect(hit?.finish(model.nowSec).result).toBe('hit');
      countHit(model, world, imageId);
    },
  };
}

/** An image is deleted in Glance. */
export function deletes(imageId: ImageId): Act {
  return {
    name: `glance-api deletes ${shortName(imageId)}`,
    happen(model, world) {
      deleteCachedImage(world.layout, imageId);
      model.files.cached.delete(imageId);
      model.rows.delete(imageId);
    },
  };
}

/** glance-api clears the cache, lock files of its own included. */
export const CLEARS: Act = {
  name: 'glance-api clears the cache',
  happen(model, world) {
    clearCache(world.layout);
    model.files.cached.clear();
    model.rows.clear();
    for (const name of ['glance-cache', 'glance-cache-prune', 'glance-cache-clean'] as const) model.locks.delete(name);
  },
};

/** Somebody queues an image through glance-api. */
export function queues(imageId: ImageId): Act {
  return {
    name: `glance-api queues ${shortName(imageId)}`,
    happen(model, world) {
      const { cached, incomplete } = model.files;
      const isThere = cached.has(imageId) || incomplete.has(imageId) || model.queue.has(imageId);
      expect(queueImage(world.layout, imageId)).toBe(!isThere);
      if (!isThere) model.queue.set(imageId, model.nowSec);
    },
  };
}

/** Somebody takes an image out of the queue through glance-api. */
export function dequeues(imageId: ImageId): Act {
  return {
    name: `glance-api takes ${shortName(imageId)} out of the queue`,
    happen(model, world) {
      dequeueImage(world.layout, imageId);
      model.queue.delete(imageId);
    },
  };
}

/** Somebody empties the queue through glance-api. */
export const CLEARS_QUEUE: Act = {
  name: 'glance-api clears the queue',
  happen(model, world) {
    clearQueue(world.layout);
    model.queue.clear();
  },
};

/** The stock pruner; which of two images with the same time it takes is its own affair. */
export function prunesAsStock(maxSizeBytes: number): Act {
  return {
    name: `the stock pruner prunes to ${maxSizeBytes} B`,
    happen(model, world) {
      const removed = new Set<string>(stockPrune(world.layout, maxSizeBytes));
      for (const imageId of SIZES.keys()) {
        if (!removed.has(imageId)) continue;
        model.files.cached.delete(imageId);
        model.rows.delete(imageId);
      }
    },
  };
}

/** The stock cleaner, with a stall time that nothing here reaches. */
export const CLEANS_AS_STOCK: Act = {
  name: 'the stock cleaner cleans',
  happen(model, world) {
    stockClean(world.layout, 1e9, model.nowSec);
    model.files.invalid.clear();
  },
};

function takeDownload(model: Model, world: World, imageId: ImageId) {
  const begun = world.downloads.get(imageId);
  if (begun === undefined) throw new Error(`Nobody writes ${imageId}`);
  world.downloads.delete(imageId);
  model.writers.delete(imageId);
  return begun;
}

/** The file first; the row only where there is none, whatever that one says: the insertion of a second one fails. */
function publish(model: Model, imageId: ImageId): void {
  model.rename(imageId, model.files.incomplete, model.files.cached);
  model.queue.delete(imageId);
  if (model.rows.has(imageId)) return;
  const { nowSec } = model;
  const sizeBytes = model.files.cached.get(imageId)?.sizeBytes ?? 0;
  model.rows.set(imageId, { accessedSec: nowSec, modifiedSec: nowSec, sizeBytes, hits: 0 });
}

function countHit(model: Model, world: World, imageId: ImageId): void {
  const row = model.rows.get(imageId);
  if (row !== undefined) model.rows.set(imageId, { ...row, accessedSec: model.nowSec, hits: row.hits + 1 });
  const file = model.files.cached.get(imageId);
  // Whether a file system notes every reading is not the model's affair.
  if (file !== undefined) model.files.cached.set(imageId, { ...file, accessedSec: world.accessedSec(imageId) });
}

function bytesOf(imageId: ImageId, sizeBytes = SIZES.get(imageId) ?? 0): Uint8Array {
  return Buffer.from(contentOf(imageId, sizeBytes));
}
