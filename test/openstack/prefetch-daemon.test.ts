import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type TestImage, uploadImages } from './support/images.ts';
import { expectCached, expectOnlyCached, startPrefetch } from './support/prefetch.ts';
import { useStack } from './support/use-stack.ts';

// A prefetcher that goes on beside glance-api, and needs nobody to start it.

const stack = useStack();

/** Waits until an image is cached and no longer queued, which is the last that is done for it. */
async function untilFetched(cacheDir: string, { id }: TestImage): Promise<void> {
  const queue = join(cacheDir, 'queue');
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(queue);
    const look = (): void => {
      if (!existsSync(join(cacheDir, id)) || existsSync(join(queue, id))) return;
      watcher.close();
      resolve();
    };
    watcher.on('change', look).on('error', reject);
    look();
  });
}

test('a daemon fetches what is queued through glance-api while it runs, image by image, and ends with 0', async () => {
  const node = await stack.startGlanceNode();
  const client = await stack.connect(node);
  const images = (await uploadImages(client, [10_000, 3_000_000])) as [TestImage, TestImage];
  const { child, result } = startPrefetch(node, ['--daemon', '--wakeup-time', '1d']);
  for (const image of images) {
    await client.queueImage(image.id);
    await untilFetched(node.cacheDir, image);
  }
  child.kill('SIGTERM');
  const { exitCode, stdout, stderr } = await result;
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  expect(stderr).toMatch(/ INFO glance_cache_tools\.prefetcher \[-\] Round \d+ \(newly queued\): /);
  expect(stderr).toMatch(/Stopped by SIGTERM\n$/);
  for (const image of images) expectCached(node, image);
  expectOnlyCached(node, images);
});
