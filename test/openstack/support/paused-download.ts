import { join } from 'node:path';
import { expect } from 'vitest';
import type { GlanceClient } from './api.ts';
import { readCache, readEntry } from './cache.ts';
import { sha256Of } from './digest.ts';
import type { TestImage } from './images.ts';
import type { GlanceNode } from './stack-info.ts';

/** A download whose client reads no further: glance-api waits with the file half written. */
export interface PausedDownload {
  /** The file that glance-api writes, in `incomplete/`. */
  readonly file: string;
  /** Reads on to the end and returns the digest of it all. */
  resume(): Promise<string>;
  /** Ends the connection. */
  abort(): void;
}

/**
 * Begins to download an image that is not in the cache, and waits until glance-api has stopped writing its file. The
 * image has to be larger than what the buffers on the way hold: some 10 MB.
 */
export async function pauseDownload(client: GlanceClient, node: GlanceNode, image: TestImage): Promise<PausedDownload> {
  const connection = new AbortController();
  const response = await client.request('GET', `/v2/images/${image.id}/file`, { signal: connection.signal });
  const folder = join(node.cacheDir, 'incomplete');
  await expect.poll(() => readCache(node.cacheDir).incomplete.map(({ name }) => name)).toContain(image.id);
  let lastBytes = -1;
  await expect
    .poll(
      () => {
        const { sizeBytes } = readEntry(folder, image.id);
        const stands = sizeBytes === lastBytes && sizeBytes > 0;
        lastBytes = sizeBytes;
        return stands;
      },
      { interval: 100, timeout: 10_000 },
    )
    .toBe(true);
  expect(lastBytes).toBeLessThan(image.sizeBytes);
  return {
    file: join(folder, image.id),
    resume: async () => sha256Of(new Uint8Array(await response.arrayBuffer())),
    abort: () => connection.abort(),
  };
}
