import type { OutgoingHttpHeaders } from 'node:http';
import type { CacheApi } from '../../src/cache-api/cache-api.ts';
import { type CacheApiOptions, createCacheApi } from '../../src/cache-api/cache-api-client.ts';
import { parseNodeAddress } from '../../src/cache-api/node-address.ts';
import { NO_PROXIES } from '../../src/http/proxies.ts';
import { openSession } from '../../src/keystone/open-session.ts';
import { FakeClock } from './clocks.ts';
import { adminOf, fixedAt } from './cloud/credentials.ts';
import { send, sendJson } from './http-answers.ts';
import type { Answer, ReceivedRequest } from './loopback-server.ts';
import { useTransports } from './transports.ts';

/** An image of a cache, as the API has it. */
export interface FakeRow {
  readonly image_id: string;
  readonly hits: number;
  readonly last_accessed: number;
  readonly last_modified: number;
  readonly size: number;
}

/** An image that was cached at 500 and read at 600. */
export function fakeRow(imageId: string, changes: Partial<FakeRow> = {}): FakeRow {
  return { image_id: imageId, hits: 3, last_accessed: 600.5, last_modified: 500.25, size: 1000, ...changes };
}

/** A glance-api, as far as its cache goes: of which release, and set up how. */
export class FakeNode {
  cached: readonly FakeRow[] = [];
  queued: readonly string[] = [];
  /** `/v2/cache`: from Yoga on. */
  hasCacheApi = true;
  /** The pipeline with `cachemanagement`. */
  hasOlder = true;
  hasPrune = false;
  versions: readonly string[] = ['v2.16', 'v2.15', 'v2.14', 'v2.9'];
  /** What Yoga says to a change, as first released. */
  isYoga = false;
  /** Images that Glance knows, with their status. */
  images: ReadonlyMap<string, string> = new Map();
  /** What a load balancer adds to the answers. */
  headers: OutgoingHttpHeaders = {};

  readonly answer: Answer = (request, response) => this.#answerTo(request)(request, response);

  #answerTo({ method, url, headers }: ReceivedRequest): Answer {
    const [, , area = '', rest] = url.split('/');
    const imageId = rest === undefined ? undefined : decodeURIComponent(rest);
    if (url === '/versions') {
      return this.#json(200, { versions: this.versions.map((id) => ({ id, status: 'SUPPORTED', links: [] })) });
    }
    if (area === 'cache' && this.hasCacheApi) {
      return this.#cache(method, imageId, String(headers['x-image-cache-clear-target'] ?? ''));
    }
    if ((area === 'cached_images' || area === 'queued_images') && this.hasOlder) {
      return this.#older(method, area, imageId);
    }
    return this.#notFound('The resource could not be found.');
  }

  #cache(method: string, imageId: string | undefined, target: string): Answer {
    if (method === 'GET') return this.#json(200, { cached_images: this.cached, queued_images: this.queued });
    if (method === 'DELETE' && imageId === undefined) {
      if (target !== 'queue') this.cached = [];
      if (target !== 'cache') this.queued = [];
      return this.#done(204);
    }
    if (method === 'POST') return this.#work(imageId ?? '');
    return method === 'PUT' ? this.#enqueue(imageId ?? '') : this.#drop(imageId ?? '');
  }

  #enqueue(imageId: string): Answer {
    const status = this.images.get(imageId);
    if (status === undefined) return this.#notFound(`Image ${imageId} not found.`);
    if (status !== 'active') return send(400, 'Only images with status active can be targeted for queueing');
    this.queued = [...this.queued, imageId];
    return this.#done(202);
  }

  #drop(imageId: string): Answer {
    const isKnown = this.images.has(imageId) || this.queued.includes(imageId) || this.#has(imageId);
    if (!isKnown) return this.#notFound(`Image ${imageId} not found.`);
    this.cached = this.cached.filter((row) => row.image_id !== imageId);
    this.queued = this.queued.filter((id) => id !== imageId);
    return this.#done(204);
  }

  #work(what: string): Answer {
    if (!this.hasPrune) return send(405, '', { allow: 'DELETE, PUT' });
    return what === 'prune' ? this.#json(200, { total_files_pruned: 2, total_bytes_pruned: 3000 }) : send(200);
  }

  #older(method: string, area: 'cached_images' | 'queued_images', imageId: string | undefined): Answer {
    const isCache = area === 'cached_images';
    if (method === 'GET') return this.#json(200, { [area]: isCache ? this.cached : this.queued });
    if (method === 'PUT') this.queued = [...this.queued, imageId ?? ''];
    if (method === 'PUT') return this.#json(200, null);
    const count = isCache ? this.cached.length : this.queued.length;
    if (isCache) this.cached = this.cached.filter((row) => imageId !== undefined && row.image_id !== imageId);
    else this.queued = this.queued.filter((id) => imageId !== undefined && id !== imageId);
    return this.#json(200, imageId === undefined ? { num_deleted: count } : null);
  }

  #has(imageId: string): boolean {
    return this.cached.some((row) => row.image_id === imageId);
  }

  #done(status: number): Answer {
    return this.isYoga ? this.#json(200, null) : send(status, '', this.headers);
  }

  #json(status: number, value: unknown): Answer {
    return sendJson(status, value, this.headers);
  }

  /** As Glance answers who accepts JSON. */
  #notFound(message: string): Answer {
    return this.#json(404, { message: `${message}<br /><br />\n\n\n`, code: '404 Not Found', title: 'Not Found' });
  }
}

/** Makes clients of nodes, with a fixed token and two retries. */
export function useCacheApi(): (
  host: string,
  changes?: Partial<CacheApiOptions>,
) => { readonly api: CacheApi; readonly clock: FakeClock } {
  const transports = useTransports();
  return (host, changes = {}) => {
    const transport = transports();
    const clock = new FakeClock();
    const patience = { clock, random: () => 0.5, retries: 2 };
    const credentials = adminOf({ keystoneUrl: '' }, fixedAt('http://127.0.0.1:1'));
    const session = openSession({ credentials, transport, ...patience });
    const node = parseNodeAddress(host);
    return { api: createCacheApi({ session, transport, node, proxies: NO_PROXIES, ...patience, ...changes }), clock };
  };
}
