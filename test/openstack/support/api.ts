import { call, callForJson, callOrThrow, type RestCall } from './rest.ts';
import type { Account, GlanceNode } from './stack-info.ts';
import { issueToken } from './token.ts';

/** What the cache API of Glance 2.16 says of an image in the cache. Times are ISO 8601 in UTC without a zone. */
export interface CachedImage {
  readonly image_id: string;
  readonly hits: number;
  readonly size: number;
  readonly last_accessed: string;
  readonly last_modified: string;
}

/** Glance's HTTP API, as far as tests need it. All but `request` throw unless the answer is a success. */
export class GlanceClient {
  readonly token: string;
  private readonly url: string;

  private constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  /** Signs in and returns a client of this node. */
  static async connect(keystoneUrl: string, node: GlanceNode, account: Account): Promise<GlanceClient> {
    return new GlanceClient(node.url, await issueToken(keystoneUrl, account));
  }

  /** Makes an image with this content and returns its id. `properties` go into the request as they are. */
  async uploadImage(
    content: Uint8Array<ArrayBuffer>,
    properties: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const id = await this.createImage(properties);
    await this.must('PUT', `/v2/images/${id}/file`, { bytes: content });
    return id;
  }

  /** Makes an image without content and returns its id: Glance calls its status "queued". */
  async createImage(properties: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { id } = await callForJson<{ id: string }>(`${this.url}/v2/images`, {
      method: 'POST',
      token: this.token,
      json: { name: 'test', disk_format: 'raw', container_format: 'bare', ...properties },
    });
    return id;
  }

  /** The image's content, read to its end: this is what fills the cache and counts hits. */
  async downloadImage(id: string): Promise<Buffer> {
    const response = await this.must('GET', `/v2/images/${id}/file`);
    return Buffer.from(await response.arrayBuffer());
  }

  async deactivateImage(id: string): Promise<void> {
    await this.must('POST', `/v2/images/${id}/actions/deactivate`);
  }

  async reactivateImage(id: string): Promise<void> {
    await this.must('POST', `/v2/images/${id}/actions/reactivate`);
  }

  async deleteImage(id: string): Promise<void> {
    await this.must('DELETE', `/v2/images/${id}`);
  }

  /** The images in this node's cache. */
  async listCached(): Promise<CachedImage[]> {
    const response = await this.must('GET', '/v2/cached_images');
    return ((await response.json()) as { cached_images: CachedImage[] }).cached_images;
  }

  /** The ids in this node's queue. */
  async listQueued(): Promise<string[]> {
    const response = await this.must('GET', '/v2/queued_images');
    return ((await response.json()) as { queued_images: string[] }).queued_images;
  }

  async queueImage(id: string): Promise<void> {
    await this.must('PUT', `/v2/queued_images/${id}`);
  }

  async deleteCachedImage(id: string): Promise<void> {
    await this.must('DELETE', `/v2/cached_images/${id}`);
  }

  /** Any other call, whatever its status; `response.body` can be read piecemeal or cancelled. */
  async request(method: string, path: string, options: RestCall = {}): Promise<Response> {
    return call(`${this.url}${path}`, { token: this.token, ...options, method });
  }

  private async must(method: string, path: string, options: RestCall = {}): Promise<Response> {
    return callOrThrow(`${this.url}${path}`, { ...options, token: this.token, method });
  }
}
