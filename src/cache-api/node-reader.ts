/**
 * Reads what a node holds, twice: whether it is one node shows in what it says the second time.
 */
import { parseJsonObject } from '../http/json.ts';
import type { AskOptions } from '../keystone/ask.ts';
import { askNode, type NodeAnswer, type NodeQuestion } from './ask-node.ts';
import { contradictionOf, hasChanged, returnOf, type StateAt } from './contradiction.ts';
import type { LookUp } from './look-up.ts';
import type { NodeAddress } from './node-address.ts';
import { noCacheApi, notGlance } from './node-errors.ts';
import { cachedRows, listIn, parseList, queuedIds } from './parse-state.ts';
import { type OfferedVersions, parseVersions } from './version-document.ts';
import type { Witness } from './witness.ts';

/** What a node holds, and how it said so. */
export interface NodeState extends StateAt {
  /** Whether it has `/v2/cache`; else it has the older calls. */
  readonly hasCacheApi: boolean;
}

/** A state as it was read. */
interface ReadState extends NodeState {
  /** How long the answer was, characters. */
  readonly length: number;
}

/** One node to be read. */
export interface ReaderOptions {
  readonly node: NodeAddress;
  readonly ask: AskOptions;
  readonly witness: Witness;
  /** Undefined where the name is for somebody else to look up: a proxy. */
  readonly lookUp: LookUp | undefined;
}

// As much is cheap to ask for once more: some thousand images.
const CHEAP_LENGTH = 512 * 1024;

/** Asks one node. */
export class NodeReader {
  readonly #options: ReaderOptions;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** A request, whose answer the witness sees. Errors as of {@link askNode}. */
  async ask(question: NodeQuestion, signal: AbortSignal): Promise<NodeAnswer> {
    const { ask, node, witness } = this.#options;
    const answer = await askNode(ask, node, { question, signal });
    witness.sawAnswer(answer);
    return answer;
  }

  /**
   * What the node holds.
   *
   * @param before what it held when it was looked at the last time, if that was not long ago
   * @throws NotFoundError NOT_FOUND_CACHE_API; AuthError; RemoteError
   */
  async state(what: string, before: NodeState | undefined, signal: AbortSignal): Promise<NodeState> {
    const [first] = await Promise.all([this.#read(what, signal), this.#lookUp()]);
    // What is new may have come at any time since: a node in another zone than UTC tells of times that are hours off, if
    // its index is in the database (https://github.com/openstack/glance, _cached_image_format in glance/db).
    if (before !== undefined) this.#compare({ state: before.state, atSec: -Infinity }, first);
    await this.#readAgain(first, what, signal);
    return first;
  }

  /**
   * The versions that the node offers. Below a path of its own it may have no list.
   *
   * @returns undefined where there is none
   */
  async versions(what: string, signal: AbortSignal): Promise<OfferedVersions | undefined> {
    const { text } = await this.ask({ method: 'GET', path: '/versions', what, accepts: [300, 404, 405] }, signal);
    return parseVersions(text);
  }

  /** `/v2/cache` tells of cache and queue at once, and is there in every release since Yoga that has a cache. */
  async #read(what: string, signal: AbortSignal): Promise<ReadState> {
    const answer = await this.ask({ method: 'GET', path: '/v2/cache', what, accepts: [404] }, signal);
    return answer.status === 404 ? this.#readOlder(what, signal) : this.#stateIn(answer, what);
  }

  #stateIn(answer: NodeAnswer, what: string): ReadState {
    const told = parseJsonObject(answer.text, what);
    const state = {
      cached: cachedRows(listIn(told, 'cached_images', what)),
      queued: queuedIds(listIn(told, 'queued_images', what)),
    };
    return { state, hasCacheApi: true, atSec: this.#sentSec(answer), length: answer.text.length };
  }

  /** Both of the older calls come with the same part of glance-api's pipeline. */
  async #readOlder(what: string, signal: AbortSignal): Promise<ReadState> {
    const cached = await this.ask({ method: 'GET', path: '/v2/cached_images', what, accepts: [404] }, signal);
    if (cached.status === 404) throw await this.#noCacheApi(what, signal);
    const queued = await this.ask({ method: 'GET', path: '/v2/queued_images', what }, signal);
    return this.#olderState(cached, queuedIds(parseList(queued.text, 'queued_images', what)), what);
  }

  #olderState(answer: NodeAnswer, queued: readonly string[], what: string): ReadState {
    const cached = cachedRows(parseList(answer.text, 'cached_images', what));
    return { state: { cached, queued }, hasCacheApi: false, atSec: this.#sentSec(answer), length: answer.text.length };
  }

  /** uwsgi sends no date: then the time here has to do. */
  #sentSec({ sentSec }: NodeAnswer): number {
    return sentSec ?? this.#options.ask.clock.nowSec();
  }

  /** Any web server says 404 to a path that it does not know; only Glance lists versions. */
  async #noCacheApi(what: string, signal: AbortSignal): Promise<Error> {
    const { node } = this.#options;
    const versions = await this.versions(what, signal);
    return versions === undefined ? notGlance({ what, node }, 404) : noCacheApi({ what, node }, versions);
  }

  /** One more request, and a third where the second raises a suspicion. */
  async #readAgain(first: ReadState, what: string, signal: AbortSignal): Promise<void> {
    const second = await this.#readOnce(first, what, signal);
    if (second === undefined) return;
    this.#compare(first, second);
    if (this.#options.witness.doubts.length > 0 || !hasChanged(first.state, second.state)) return;
    const third = await this.#readOnce(first, what, signal);
    if (third === undefined) return;
    this.#compare(second, third);
    const state = returnOf(first.state, second.state, third.state);
    if (state !== undefined) this.#options.witness.sawContradiction(state);
  }

  #compare(earlier: StateAt, later: StateAt): void {
    const state = contradictionOf(earlier, later);
    if (state !== undefined) this.#options.witness.sawContradiction(state);
  }

  /**
   * Asks the same once more.
   *
   * @returns undefined where there is nothing to compare: what was asked for is there already, so no failure of this
   * counts, and a long list is not worth a second transfer
   */
  async #readOnce(first: ReadState, what: string, signal: AbortSignal): Promise<ReadState | undefined> {
    try {
      if (first.length > CHEAP_LENGTH) return await this.#checkVersions(first, what, signal);
      const path = first.hasCacheApi ? '/v2/cache' : '/v2/cached_images';
      const question = { method: 'GET', path, what, accepts: [404], isRepeatable: false } as const;
      const answer = await this.ask(question, signal);
      if (answer.status !== 404) {
        return first.hasCacheApi ? this.#stateIn(answer, what) : this.#olderState(answer, first.state.queued, what);
      }
      this.#options.witness.sawContradiction('it has a cache API, and a moment later it has none');
    } catch {
      signal.throwIfAborted();
    }
    return undefined;
  }

  async #checkVersions(first: ReadState, what: string, signal: AbortSignal): Promise<undefined> {
    const versions = await this.versions(what, signal);
    if (versions !== undefined && first.hasCacheApi && !versions.hasCacheApi) {
      this.#options.witness.sawContradiction('it has a cache API, which its list of versions has not');
    }
  }

  async #lookUp(): Promise<void> {
    const { node, lookUp, witness } = this.#options;
    if (lookUp !== undefined) witness.sawAddresses(await lookUp(node.hostname));
  }
}
