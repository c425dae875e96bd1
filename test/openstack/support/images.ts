import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { GlanceClient } from './api.ts';
import { type CacheRow, readRow } from './cache.ts';
import { sha256Of } from './digest.ts';
import type { GlanceNode } from './stack-info.ts';

/** An image of Glance with what it has to contain. */
export interface TestImage {
  readonly id: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

const AT_ONCE = 4;

/**
 * Makes images of random content and returns them in the order of the sizes. One after the other: Glance's own database
 * is SQLite here, and fails one of two uploads at once with "database is locked".
 *
 * @param properties of all of them
 */
export async function uploadImages(
  client: GlanceClient,
  sizes: readonly number[],
  properties: Readonly<Record<string, unknown>> = {},
): Promise<TestImage[]> {
  const images: TestImage[] = [];
  for (const sizeBytes of sizes) {
    const content = randomBytes(sizeBytes);
    images.push({ id: await client.uploadImage(content, properties), sizeBytes, sha256: sha256Of(content) });
  }
  return images;
}

/** Downloads an image to its end and demands its exact content. */
export async function download(client: GlanceClient, image: TestImage): Promise<void> {
  expect(sha256Of(await client.downloadImage(image.id)), `content of ${image.id}`).toBe(image.sha256);
}

/** Downloads images, a few at a time. */
export async function downloadAll(client: GlanceClient, images: readonly TestImage[]): Promise<void> {
  for (let start = 0; start < images.length; start += AT_ONCE) {
    await Promise.all(images.slice(start, start + AT_ONCE).map(async (image) => download(client, image)));
  }
}

/** Downloads images that are not in the cache, so that glance-api puts them there; waits for its rows. */
export async function cacheImages(client: GlanceClient, node: GlanceNode, images: readonly TestImage[]): Promise<void> {
  await downloadAll(client, images);
  // Glance enters the row after the client has the last byte.
  for (const { id } of images) await rowOf(node, id);
}

/** The row of an image, waited for. */
export async function rowOf(node: GlanceNode, id: string): Promise<CacheRow> {
  await expect.poll(() => readRow(node.cacheDir, id), { timeout: 10_000, interval: 10 }).toBeDefined();
  return readRow(node.cacheDir, id) as CacheRow;
}

/** Downloads an image that is in the cache, and waits until Glance has counted it. */
export async function hit(client: GlanceClient, node: GlanceNode, image: TestImage): Promise<void> {
  const { hits } = await rowOf(node, image.id);
  await download(client, image);
  // Or more: glance-api counts a download after the client has the last byte, and one from before may come in between.
  await expect
    .poll(() => readRow(node.cacheDir, image.id)?.hits, { timeout: 10_000, interval: 10 })
    .toBeGreaterThan(hits);
}
