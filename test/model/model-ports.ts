/**
 * The ports of a run that lives in the model's time, and that somebody else can interrupt: once, when it has a plan and
 * is about to change the first thing.
 */
import type { CacheAccess } from '../../src/cache/access.ts';
import type { AreaListing, Directory, FileSystemSpace } from '../../src/cache/directory.ts';
import type { FileFacts } from '../../src/cache/file-facts.ts';
import type { ImageId } from '../../src/cache/image-id.ts';
import type { Area } from '../../src/cache/layout.ts';
import type { Pins } from '../../src/cache/pins/pins.ts';
import type { Parts } from '../../src/cache/prefetch/parts.ts';
import type { ModelTime } from './model-time.ts';

/** Where a run is interrupted: when it opens the index to write, or at the first look, marker or pin of its own. */
export type StrikePoint = 'index' | 'look' | 'marker' | 'pin';

/** An access in the model's time. */
export function modelAccess(
  access: CacheAccess,
  time: ModelTime,
  strike: { readonly at: StrikePoint; readonly now: () => void },
): CacheAccess {
  let isStruck = false;
  const reach = (point: StrikePoint): void => {
    if (isStruck || point !== strike.at) return;
    isStruck = true;
    strike.now();
  };
  return {
    ...access,
    directory: new ModelDirectory(access.directory, time, reach),
    parts: modelParts(access.parts, time),
    pins: modelPins(access.pins, reach),
    index: {
      ...access.index,
      open: (create) => {
        if (create) reach('index');
        return access.index.open(create);
      },
    },
  };
}

class ModelDirectory implements Directory {
  readonly #inner: Directory;
  readonly #time: ModelTime;
  readonly #reach: (point: StrikePoint) => void;

  constructor(inner: Directory, time: ModelTime, reach: (point: StrikePoint) => void) {
    this.#inner = inner;
    this.#time = time;
    this.#reach = reach;
  }

  exists(): boolean {
    return this.#inner.exists();
  }

  list(area: Area): AreaListing {
    const { files, foreign } = this.#inner.list(area);
    return { files: files.map((file) => ({ ...file, facts: this.#time.ofFacts(file.facts) })), foreign };
  }

  look(area: Area, name: string): FileFacts | undefined {
    this.#reach('look');
    const facts = this.#inner.look(area, name);
    return facts === undefined ? undefined : this.#time.ofFacts(facts);
  }

  ensureFolders(): void {
    this.#inner.ensureFolders();
  }

  retire(imageId: ImageId): void {
    this.#inner.retire(imageId);
  }

  restore(imageId: ImageId): void {
    this.#inner.restore(imageId);
  }

  unlink(area: Area, name: string): void {
    this.#inner.unlink(area, name);
  }

  createMarker(imageId: ImageId, queuedSec: number): boolean {
    this.#reach('marker');
    return this.#inner.createMarker(imageId, queuedSec);
  }

  space(): FileSystemSpace {
    return this.#inner.space();
  }
}

function modelPins(pins: Pins, reach: (point: StrikePoint) => void): Pins {
  return {
    list: () => pins.list(),
    has: (imageId) => pins.has(imageId),
    since: (imageId) => pins.since(imageId),
    add(imageId) {
      reach('pin');
      return pins.add(imageId);
    },
    remove(imageId) {
      reach('pin');
      return pins.remove(imageId);
    },
    // Nothing here is about what a disk keeps.
    sync: () => Promise.resolve(),
  };
}

function modelParts(parts: Parts, time: ModelTime): Parts {
  const told = (facts: FileFacts | undefined): FileFacts | undefined => facts && time.ofFacts(facts);
  return {
    list() {
      const { entries, ...others } = parts.list();
      const timed = entries.map((entry) => ({ ...entry, part: told(entry.part), journal: told(entry.journal) }));
      return { entries: timed, ...others };
    },
    look: (imageId) => told(parts.look(imageId)),
    path: (imageId) => parts.path(imageId),
    open: (imageId) => parts.open(imageId),
    journal: (imageId) => parts.journal(imageId),
    writeJournal: (journal) => parts.writeJournal(journal),
    removePart: (imageId) => parts.removePart(imageId),
    remove: (imageId) => parts.remove(imageId),
    removeTorn: (name) => parts.removeTorn(name),
    publish: (imageId) => parts.publish(imageId),
    unpublish: (imageId, published) => parts.unpublish(imageId, published),
    syncFolder: () => parts.syncFolder(),
  };
}
