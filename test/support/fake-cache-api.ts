import type { ImageId } from '../../src/cache/image-id.ts';
import type { IndexRow } from '../../src/cache/index/index-db.ts';
import type { CacheApi, RemotePruned, RemoteState } from '../../src/cache-api/cache-api.ts';

/** A node in memory, behind the port. */
export class FakeCacheApi implements CacheApi {
  readonly host: string;
  cached: IndexRow[] = [];
  queued: string[] = [];
  doubtful: readonly string[] = [];
  /** What it was asked, in order: `queue <ID>`. */
  readonly calls: string[] = [];
  /** Called before each answer; may throw or wait. */
  before: (call: string) => void | Promise<void> = () => undefined;

  constructor(host: string) {
    this.host = host;
  }

  async list(): Promise<RemoteState> {
    await this.#hear('list');
    return { cached: this.cached, queued: this.queued };
  }

  look(): Promise<void> {
    return this.#hear('look');
  }

  async queue(imageId: ImageId): Promise<void> {
    await this.#hear(`queue ${imageId}`);
    this.queued.push(imageId);
  }

  async deleteCached(imageId: ImageId): Promise<void> {
    await this.#hear(`deleteCached ${imageId}`);
    this.cached = this.cached.filter((row) => row.imageId !== imageId);
  }

  async deleteQueued(imageId: ImageId): Promise<void> {
    await this.#hear(`deleteQueued ${imageId}`);
    this.queued = this.queued.filter((name) => name !== imageId);
  }

  async deleteAllCached(): Promise<number> {
    await this.#hear('deleteAllCached');
    return this.cached.splice(0).length;
  }

  async deleteAllQueued(): Promise<number> {
    await this.#hear('deleteAllQueued');
    return this.queued.splice(0).length;
  }

  async prune(): Promise<RemotePruned> {
    await this.#hear('prune');
    return { images: 2, bytes: 3000 };
  }

  clean(): Promise<void> {
    return this.#hear('clean');
  }

  doubts(): readonly string[] {
    return this.doubtful;
  }

  async #hear(call: string): Promise<void> {
    this.calls.push(call);
    await this.before(call);
  }
}

/** An image of a node that was cached at 500 and read at 600. */
export function cachedRow(imageId: string, changes: Partial<IndexRow> = {}): IndexRow {
  return { imageId, lastAccessedSec: 600, lastModifiedSec: 500, sizeBytes: 1000, hits: 3, ...changes };
}
