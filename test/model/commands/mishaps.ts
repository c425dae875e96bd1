/**
 * What befalls a cache beside all commands: time that passes, files and rows that come and go, what killed runs leave,
 * locks that somebody holds.
 */
import { closeSync, existsSync, openSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageId } from '../../../src/cache/image-id.ts';
import { type PartKind, partPath, putJournal, putPart, putTornJournal } from '../../support/parts.ts';
import { inIndex, putFile, putPin, putRow } from '../../support/seeded-cache.ts';
import { type Folder, type LockName, type ModelRow, SIZES } from '../model.ts';
import { type Act, shortName } from './act.ts';

/** Time passes; a negative span is a clock that is set back. */
export function passes(seconds: number): Act {
  return {
    name: `${seconds} s pass`,
    happen(model, world) {
      world.time.pass(seconds);
      model.nowSec += seconds;
    },
  };
}

/** A file appears, such as somebody copies it, with times of its own. */
export function fileAppears(
  imageId: ImageId,
  folder: Folder,
  { ageSec, sizeBytes = SIZES.get(imageId) ?? 0 }: { readonly ageSec: number; readonly sizeBytes?: number | undefined },
): Act {
  return {
    name: `a file of ${shortName(imageId)} appears in ${folder}, ${sizeBytes} B, ${ageSec} s old`,
    isPossible: (model) => folder !== 'incomplete' || !model.writers.has(imageId),
    happen(model, world) {
      const path = join(world.layout.areas[folder], imageId);
      // Another file: whoever reads the one before is not disturbed, and its inode is not given to this one.
      const before = existsSync(path) ? openSync(path, 'r') : undefined;
      rmSync(path, { force: true });
      putFile(world.layout, folder, imageId, { size: sizeBytes });
      if (before !== undefined) closeSync(before);
      const timeSec = model.nowSec - ageSec;
      utimesSync(path, timeSec, timeSec);
      model.files[folder].set(imageId, model.newFile(sizeBytes, { modifiedSec: timeSec, accessedSec: timeSec }));
    },
  };
}

/** Somebody else pins an image. */
export function isPinned(imageId: ImageId): Act {
  return {
    name: `somebody pins ${shortName(imageId)}`,
    happen(model, world) {
      putPin(world.layout, imageId);
      model.pins.add(imageId);
    },
  };
}

/** Somebody else takes a pin away. */
export function isUnpinned(imageId: ImageId): Act {
  return {
    name: `somebody unpins ${shortName(imageId)}`,
    happen(model, world) {
      rmSync(join(world.layout.pinned, imageId), { force: true });
      model.pins.delete(imageId);
    },
  };
}

/** A cached file disappears, its row stays. */
export function fileDisappears(imageId: ImageId): Act {
  return {
    name: `the file of ${shortName(imageId)} disappears`,
    happen(model, world) {
      rmSync(join(world.layout.root, imageId), { force: true });
      model.files.cached.delete(imageId);
    },
  };
}

/** A row appears or changes. */
export function rowAppears(imageId: ImageId, { accessedAgeSec, modifiedAgeSec, sizeBytes }: RowTraits): Act {
  return {
    name: `a row of ${shortName(imageId)} appears, ${sizeBytes} B, used ${accessedAgeSec ?? 'never'}, entered ${modifiedAgeSec}`,
    happen(model, world) {
      const row: ModelRow = {
        accessedSec: accessedAgeSec === undefined ? 0 : model.nowSec - accessedAgeSec,
        modifiedSec: model.nowSec - modifiedAgeSec,
        sizeBytes,
        hits: 3,
      };
      removeRow(world.layout, imageId);
      const { accessedSec, modifiedSec, hits } = row;
      putRow(world.layout, imageId, {
        last_accessed: accessedSec,
        last_modified: modifiedSec,
        size: sizeBytes,
        hits,
      });
      model.rows.set(imageId, row);
    },
  };
}

/** What a row is to be; ages in seconds, undefined for never. */
export interface RowTraits {
  readonly accessedAgeSec: number | undefined;
  readonly modifiedAgeSec: number;
  readonly sizeBytes: number;
}

/** A row disappears, its file stays. */
export function rowDisappears(imageId: ImageId): Act {
  return {
    name: `the row of ${shortName(imageId)} disappears`,
    happen(model, world) {
      removeRow(world.layout, imageId);
      model.rows.delete(imageId);
    },
  };
}

/** A marker comes into the queue, or comes anew, whether the image is cached or not. */
export function markerAppears(imageId: ImageId): Act {
  return {
    name: `a marker of ${shortName(imageId)} appears`,
    happen(model, world) {
      putFile(world.layout, 'queue', imageId, { size: 0 });
      model.queue.set(imageId, model.nowSec);
    },
  };
}

/** glance-api starts with another driver: it empties the index and leaves the files. */
export const INDEX_IS_GIVEN_UP: Act = {
  name: 'the index is given up',
  happen(model, world) {
    inIndex(world.layout, (db) => db.exec('DELETE FROM cached_images'));
    model.rows.clear();
  },
};

/** A prefetch is killed, and leaves that much of itself. */
export function prefetchDies(imageId: ImageId, kinds: readonly PartKind[], mismatches: number): Act {
  return {
    name: `a prefetch of ${shortName(imageId)} dies and leaves ${kinds.join(' and ')}, ${mismatches} mismatches`,
    happen(model, { layout }) {
      for (const kind of ['part', 'json', 'json.new'] as const)
        rmSync(partPath(layout, imageId, kind), { force: true });
      const [part, journal, torn] = (['part', 'json', 'json.new'] as const).map((kind) => kinds.includes(kind));
      model.parts.delete(imageId);
      model.journals.delete(imageId);
      model.tornJournals.delete(imageId);
      if (part === true) {
        putPart(layout, imageId, { size: 7 });
        model.parts.set(imageId, model.newFile(7));
      }
      if (journal === true) {
        putJournal(layout, imageId, { mismatches });
        model.journals.set(imageId, { file: model.newFile(0), remembersMismatch: mismatches > 0 });
      }
      if (torn === true) {
        putTornJournal(layout, imageId);
        model.tornJournals.add(imageId);
      }
    },
  };
}

/** Somebody takes a lock. */
export function lockIsTaken(name: LockName): Act {
  return {
    name: `somebody takes the lock ${name}`,
    isPossible: (model) => !model.locks.has(name),
    happen(model, world) {
      // That of a file which Glance has removed meanwhile.
      world.unlock(name);
      world.lock(name);
      model.locks.add(name);
    },
  };
}

/** All locks are given back. */
export const LOCKS_ARE_GIVEN_BACK: Act = {
  name: 'all locks are given back',
  happen(model, world) {
    for (const name of model.locks) world.unlock(name);
    model.locks.clear();
  },
};

/** Somebody begins a transaction on the index, which outlasts the command that it comes in the middle of. */
export const INDEX_IS_LOCKED: Act = {
  name: 'somebody is in the middle of a transaction',
  happen(model, world) {
    world.lock('index');
    model.isIndexLocked = true;
  },
};

function removeRow(layout: Parameters<typeof inIndex>[0], imageId: ImageId): void {
  inIndex(layout, (db) => db.prepare('DELETE FROM cached_images WHERE image_id = ?').run(imageId));
}
