/**
 * The cache of one node over HTTP. Which of Glance's two APIs is asked for what:
 *
 * - What the node holds: `/v2/cache`, which has cache and queue in one answer; the older calls where it is missing.
 * - Queueing: `PUT /v2/cache/ID`, which sees that the image exists and is active, and fetches it at once; the older call
 *   queues anything, and leaves it to the next run of a prefetcher.
 * - Removing: the older calls, as they take from the cache or from the queue and say how many, which
 *   `DELETE /v2/cache/ID` does from both. That one is asked where the node has no other, and only about an image that is
 *   in one place alone.
 */

import { type ImageId, parseImageId } from '../cache/image-id.ts';
import { RemoteError } from '../errors/cache-error.ts';
import { shellWord } from '../errors/next-step.ts';
import { numberIn, parseJsonObject } from '../http/json.ts';
import { type ProxySettings, proxyFor } from '../http/proxies.ts';
import type { AskOptions } from '../keystone/ask.ts';
import type { CacheApi, RemotePruned, RemoteState } from './cache-api.ts';
import { type LookUp, lookUpAddresses } from './look-up.ts';
import type { NodeAddress } from './node-address.ts';
import { imageNotFound, notBefore218, onlyFromBoth } from './node-errors.ts';
import { NodeReader, type NodeState } from './node-reader.ts';
import { Witness } from './witness.ts';

/** What asking a node takes. */
export interface CacheApiOptions extends AskOptions {
  readonly node: NodeAddress;
  /** As the transport has them: what a proxy adds to answers is none of the node's. */
  readonly proxies: ProxySettings;
  /** Looks up the addresses of a name; as this system does unless given. */
  readonly lookUp?: LookUp;
}

/** A place of the cache that an image may be in. */
type Place = 'cache' | 'queue';

const OLDER_PATHS: Readonly<Record<Place, string>> = { cache: '/v2/cached_images', queue: '/v2/queued_images' };

// What was seen a moment ago need not be looked at again, where many images are removed one after the other.
const LOOK_GOOD_SEC = 10;
const STRICT_LOOK_GOOD_SEC = 1;

// Missing where the pipeline is without `cachemanagement`. Forbidden by a policy of its own, which says nothing of the
// other API.
const NOT_THERE = [403, 404];

/** A client. Nothing is sent before the first question. */
export function createCacheApi(options: CacheApiOptions): CacheApi {
  return new CacheApiClient(options);
}

class CacheApiClient implements CacheApi {
  readonly host: string;
  readonly #node: NodeAddress;
  readonly #clock: AskOptions['clock'];
  readonly #witness: Witness;
  readonly #reader: NodeReader;
  #seen: { readonly state: NodeState; readonly atSec: number } | undefined;
  // For those who look at the same time.
  #looking: Promise<NodeState> | undefined;
  // Whether the older calls are there; undefined until one was tried.
  #hasOlder: boolean | undefined;

  constructor({ node, proxies, lookUp = lookUpAddresses, ...ask }: CacheApiOptions) {
    const isProxied = proxyFor(new URL(node.url), proxies) !== undefined;
    this.host = node.host;
    this.#node = node;
    this.#clock = ask.clock;
    this.#witness = new Witness(node.host, isProxied);
    this.#reader = new NodeReader({ node, ask, witness: this.#witness, lookUp: isProxied ? undefined : lookUp });
  }

  doubts(): readonly string[] {
    return this.#witness.doubts;
  }

  async list(signal: AbortSignal): Promise<RemoteState> {
    return (await this.#look(`list the cache of "${this.host}"`, signal)).state;
  }

  async look(signal: AbortSignal): Promise<void> {
    await this.#recentLook(`look at the cache of "${this.host}"`, signal);
  }

  async queue(imageId: ImageId, signal: AbortSignal): Promise<void> {
    const what = `queue image ${imageId} on "${this.host}"`;
    const { state, hasCacheApi } = await this.#recentLook(what, signal);
    // Glance would not queue it, and read all of it for nothing.
    if (placesOf(state, imageId).has('cache')) return;
    this.#seen = undefined;
    if (!hasCacheApi) {
      await this.#reader.ask({ method: 'PUT', path: `${OLDER_PATHS.queue}/${imageId}`, what }, signal);
      return;
    }
    const question = { method: 'PUT', path: `/v2/cache/${imageId}`, what, accepts: [400, 404] } as const;
    const { status, isAdmin } = await this.#reader.ask(question, signal);
    // That the node has the API was seen just now.
    if (status === 404) throw imageNotFound({ what, node: this.#node }, imageId, isAdmin);
    if (status !== 400) return;
    throw new RemoteError('REMOTE_STATUS', `Cannot ${what}: the image is not active (HTTP 400)`, {
      hint: `Only an active image can be cached; see in which state it is: openstack image show ${imageId} -c status`,
      details: { host: this.host, image_id: imageId, status },
    });
  }

  deleteCached(imageId: ImageId, signal: AbortSignal): Promise<void> {
    return this.#remove('cache', imageId, signal);
  }

  deleteQueued(imageId: ImageId, signal: AbortSignal): Promise<void> {
    return this.#remove('queue', imageId, signal);
  }

  deleteAllCached(signal: AbortSignal): Promise<number> {
    return this.#removeAll('cache', signal);
  }

  deleteAllQueued(signal: AbortSignal): Promise<number> {
    return this.#removeAll('queue', signal);
  }

  async prune(signal: AbortSignal): Promise<RemotePruned> {
    const what = `prune the cache of "${this.host}"`;
    const text = await this.#since218({ what, path: '/v2/cache/prune', program: 'glance-cache-pruner' }, signal);
    const told = parseJsonObject(text, what);
    const images = numberIn(told, 'total_files_pruned');
    const bytes = numberIn(told, 'total_bytes_pruned');
    if (images !== undefined && bytes !== undefined && isCount(images) && isCount(bytes)) return { images, bytes };
    throw new RemoteError('REMOTE_ANSWER', `Cannot tell what was pruned on "${this.host}": the answer has no counts`, {
      hint: `It has been done; list what is left: glance-cache-manage --host ${shellWord(this.host)} list-cached`,
      details: { host: this.host },
    });
  }

  async clean(signal: AbortSignal): Promise<void> {
    const what = `clean the cache of "${this.host}"`;
    await this.#since218({ what, path: '/v2/cache/clean', program: 'glance-cache-cleaner' }, signal);
  }

  async #look(what: string, signal: AbortSignal): Promise<NodeState> {
    const state = await this.#reader.state(what, this.#seen?.state, signal);
    this.#seen = { state, atSec: this.#clock.monotonicSec() };
    return state;
  }

  async #recentLook(what: string, signal: AbortSignal, goodSec = LOOK_GOOD_SEC): Promise<NodeState> {
    const seen = this.#seen;
    if (seen !== undefined && this.#clock.monotonicSec() - seen.atSec <= goodSec) return seen.state;
    this.#looking ??= this.#look(what, signal).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** Deleting twice removes no more than once, so what failed for a moment is tried again. */
  async #remove(place: Place, imageId: ImageId, signal: AbortSignal): Promise<void> {
    const what = `delete image ${imageId} from the ${place} of "${this.host}"`;
    const { state, hasCacheApi } = await this.#recentLook(what, signal);
    const spelling = place === 'queue' ? spellingIn(state.queued, imageId) : imageId;
    const path = `${OLDER_PATHS[place]}/${encodeURIComponent(spelling)}`;
    if (await this.#byOlderCall({ path, what, isRepeatable: true }, hasCacheApi, signal)) return;
    // What was in one place alone may be in both by now: a queued image is being fetched.
    const { state: now } = await this.#recentLook(what, signal, STRICT_LOOK_GOOD_SEC);
    const places = placesOf(now, imageId);
    if (places.size > 1) throw onlyFromBoth({ what, node: this.#node }, imageId);
    // In neither list it may still be a file without a row, which is what an image of the cache is to Glance.
    if (places.size > 0 ? !places.has(place) : place === 'queue') return;
    const question = { method: 'DELETE', path: `/v2/cache/${imageId}`, what, accepts: [404] } as const;
    // 404 is: neither is it in the cache, nor does Glance know such an image.
    await this.#reader.ask({ ...question, isLong: true, isRepeatable: true }, signal);
  }

  async #removeAll(place: Place, signal: AbortSignal): Promise<number> {
    const what = `delete all images from the ${place} of "${this.host}"`;
    const { state, hasCacheApi } = await this.#recentLook(what, signal);
    const asked = { path: OLDER_PATHS[place], what, isRepeatable: false };
    const answer = await this.#byOlderCall(asked, hasCacheApi, signal);
    this.#seen = undefined;
    const listed = place === 'cache' ? state.cached.length : state.queued.length;
    if (answer !== undefined) return deletedIn(answer, what) ?? listed;
    // Answers without a count: it is that of what was listed.
    const headers = { 'x-image-cache-clear-target': place };
    await this.#reader.ask({ method: 'DELETE', path: '/v2/cache', what, headers, isLong: true }, signal);
    return listed;
  }

  /** @returns the body of the answer; undefined where the node has the newer API alone */
  async #byOlderCall(
    asked: { readonly path: string; readonly what: string; readonly isRepeatable: boolean },
    hasCacheApi: boolean,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (hasCacheApi && this.#hasOlder === false) return undefined;
    const accepts = hasCacheApi ? NOT_THERE : [];
    const { status, text } = await this.#reader.ask({ method: 'DELETE', isLong: true, accepts, ...asked }, signal);
    this.#hasOlder = !accepts.includes(status);
    return this.#hasOlder ? text : undefined;
  }

  /** What came with version 2.18; nobody but the answer says for sure whether it is there. */
  async #since218(
    { what, path, program }: { readonly what: string; readonly path: string; readonly program: string },
    signal: AbortSignal,
  ): Promise<string> {
    const { hasCacheApi } = await this.#recentLook(what, signal);
    this.#seen = undefined;
    if (hasCacheApi) {
      const question = { method: 'POST', path, what, accepts: [404, 405], isLong: true } as const;
      const { status, text } = await this.#reader.ask(question, signal);
      if (status !== 404 && status !== 405) return text;
    }
    const versions = await this.#reader.versions(what, signal);
    if (versions?.hasPrune === true) {
      this.#witness.sawContradiction(`it offers version ${versions.newest}, and has not what came with 2.18`);
    }
    throw notBefore218({ what, node: this.#node }, { newest: versions?.newest, program });
  }
}

/** Where an image is. Queues of the older API hold whatever was queued: any spelling of the ID. */
function placesOf({ cached, queued }: RemoteState, imageId: ImageId): ReadonlySet<Place> {
  const places = new Set<Place>();
  if (cached.some((row) => row.imageId === imageId)) places.add('cache');
  if (queued.some((text) => parseImageId(text) === imageId)) places.add('queue');
  return places;
}

function spellingIn(queued: readonly string[], imageId: ImageId): string {
  return queued.find((text) => parseImageId(text) === imageId) ?? imageId;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** What a removal of all says that it has removed. */
function deletedIn(text: string, what: string): number | undefined {
  const deleted = numberIn(parseJsonObject(text, what), 'num_deleted');
  return deleted !== undefined && isCount(deleted) ? deleted : undefined;
}
