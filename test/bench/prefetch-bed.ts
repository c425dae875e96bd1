/**
 * What the prefetch cases run on: an empty cache, a queue, a file store, and a Glance on loopback.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { confText } from '../openstack/support/conf-text.ts';
import type { CommandLine } from './measure.ts';
import type { PrefetchWork, StartGlance } from './prefetch-glance.ts';
import { program } from './programs.ts';

/** Where the bytes come from. */
export type From = 'http' | 'store';

/** A place to prefetch in. */
export interface PrefetchBed {
  /** The prefetcher, at work on the queue over HTTP, or from the file store. */
  readonly prefetcher: (from: From) => CommandLine;
  /** `images` pipelines of well-known tools at once, which do the same without a cache. */
  readonly pipelines: (from: From) => CommandLine;
  /**
   * Empties the cache and what the pipelines have written, queues the images, and waits until the disk has nothing to do.
   * Both sides find the store in memory then, and nothing that is still to be written.
   */
  reset(): void;
  /** Throws unless every image is in the cache. */
  check(): void;
  remove(): void;
}

/** Makes a place to prefetch in. */
export async function makePrefetchBed(work: PrefetchWork, startGlance: StartGlance): Promise<PrefetchBed> {
  const glance = await startGlance(work);
  const base = mkdtempSync(join(tmpdir(), 'glance-cache-bench-'));
  const [cache, store, scratch] = [join(base, 'cache'), join(base, 'store'), join(base, 'scratch')];
  const confOf = (from: From): string => {
    const conf = join(base, `${from}.conf`);
    const { DEFAULT, cache_tools } = glance.conf;
    const sections = {
      DEFAULT: { image_cache_dir: cache, image_cache_max_size: 1e12, ...DEFAULT },
      glance_store: { filesystem_store_datadir: from === 'store' ? store : join(base, 'no-store') },
      cache_tools: { retries: 0, ...cache_tools },
    };
    writeFileSync(conf, confText(sections));
    return conf;
  };
  const source = (from: From, imageId: string): string =>
    from === 'http'
      ? `curl -s ${glance.curlArgs(imageId)} | tee ${scratch}/${imageId}`
      : `tee ${scratch}/${imageId} < ${store}/${imageId}`;
  const pipeline = (from: From, imageId: string): string =>
    `(${source(from, imageId)} | openssl dgst -sha512 > /dev/null; sync ${scratch}/${imageId}) &`;
  return {
    prefetcher: (from) => program('glance-cache-prefetcher', confOf(from)),
    pipelines: (from) => ({
      argv: ['/bin/sh', '-c', `${glance.imageIds.map((imageId) => pipeline(from, imageId)).join(' ')} wait`],
    }),
    reset() {
      for (const folder of [cache, scratch]) rmSync(folder, { recursive: true, force: true });
      mkdirSync(join(cache, 'queue'), { recursive: true });
      mkdirSync(scratch);
      mkdirSync(store, { recursive: true });
      for (const imageId of glance.imageIds) {
        writeFileSync(join(cache, 'queue', imageId), '');
        const path = join(store, imageId);
        if (!existsSync(path)) spawnSync('/bin/sh', ['-c', `curl -s -o ${path} ${glance.curlArgs(imageId)}`]);
      }
      spawnSync('sync');
    },
    check() {
      for (const imageId of glance.imageIds) {
        if (statSync(join(cache, imageId)).size !== work.sizeBytes) throw new Error(`${imageId} is not whole`);
      }
    },
    remove() {
      glance.close();
      rmSync(base, { recursive: true });
    },
  };
}
