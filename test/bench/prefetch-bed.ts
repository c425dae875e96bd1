/**
 * What the prefetch cases run on: an empty cache, a queue, a file store, and a Glance on loopback in a process of its own.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CommandLine } from './measure.ts';

/** A place to prefetch in. */
export interface PrefetchBed {
  /** The prefetcher, at work on the queue over HTTP, or from the file store. */
  readonly prefetcher: (from: 'http' | 'store') => CommandLine;
  /** `images` pipelines of well-known tools at once, which do the same without a cache. */
  readonly pipelines: (from: 'http' | 'store') => CommandLine;
  /** Empties the cache, queues the images, and waits until the disk has nothing to do. */
  reset(): void;
  /** Throws unless every image is in the cache. */
  check(): void;
  remove(): void;
}

/** How much there is to do. */
export interface PrefetchWork {
  readonly images: number;
  readonly sizeBytes: number;
}

/** Makes a place to prefetch in. */
export async function makePrefetchBed({ images, sizeBytes }: PrefetchWork): Promise<PrefetchBed> {
  const base = mkdtempSync(join(tmpdir(), 'glance-cache-bench-'));
  const [cache, store, scratch] = [join(base, 'cache'), join(base, 'store'), join(base, 'scratch')];
  const server = spawn(process.execPath, [join(process.cwd(), 'test/bench/image-server.js'), String(sizeBytes)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = (await once(createInterface(server.stdout), 'line')) as [string];
  const url = `http://127.0.0.1:${port}`;
  const imageIds = Array.from(
    { length: images },
    (_, i) => `${String(i).padStart(8, '0')}-0000-4000-8000-000000000000`,
  );
  const confOf = (from: 'http' | 'store'): string => {
    const conf = join(base, `${from}.conf`);
    const folder = from === 'store' ? store : join(base, 'no-store');
    writeFileSync(
      conf,
      `[DEFAULT]\nimage_cache_dir = ${cache}\nimage_cache_max_size = 1000000000000\n` +
        `[glance_store]\nfilesystem_store_datadir = ${folder}\n` +
        `[cache_tools]\nauth_type = none\nendpoint = ${url}\nretries = 0\n`,
    );
    return conf;
  };
  const source = (from: 'http' | 'store', imageId: string): string =>
    from === 'http'
      ? `curl -s ${url}/v2/images/${imageId}/file | tee ${scratch}/${imageId}`
      : `tee ${scratch}/${imageId} < ${store}/${imageId}`;
  const pipeline = (from: 'http' | 'store', imageId: string): string =>
    `(${source(from, imageId)} | openssl dgst -sha512 > /dev/null; sync ${scratch}/${imageId}) &`;
  return {
    prefetcher: (from) => ({
      argv: [process.execPath, join(process.cwd(), 'bin/glance-cache-prefetcher.cjs'), '--config-file', confOf(from)],
    }),
    pipelines: (from) => ({
      argv: ['/bin/sh', '-c', `${imageIds.map((imageId) => pipeline(from, imageId)).join(' ')} wait`],
    }),
    reset() {
      for (const folder of [cache, scratch]) rmSync(folder, { recursive: true, force: true });
      mkdirSync(join(cache, 'queue'), { recursive: true });
      mkdirSync(scratch);
      mkdirSync(store, { recursive: true });
      for (const imageId of imageIds) {
        writeFileSync(join(cache, 'queue', imageId), '');
        const path = join(store, imageId);
        if (!existsSync(path)) spawnSync('curl', ['-s', '-o', path, `${url}/v2/images/${imageId}/file`]);
      }
      spawnSync('sync');
    },
    check() {
      for (const imageId of imageIds) {
        if (statSync(join(cache, imageId)).size !== sizeBytes) throw new Error(`${imageId} is not whole`);
      }
    },
    remove() {
      server.stdin.end();
      rmSync(base, { recursive: true });
    },
  };
}

/** The tool of the pipelines that is not there; undefined where all are. */
export function missingTool(): string | undefined {
  return ['curl', 'tee', 'openssl', 'sync'].find((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
}
