import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CacheLayout } from '../../../../src/cache/layout.ts';
import { DiskParts } from '../../../../src/cache/prefetch/disk-parts.ts';
import { copyPart, StoreFileFault } from '../../../../src/execute/prefetch/copy-part.ts';
import type { FetchPorts } from '../../../../src/execute/prefetch/fetch-ports.ts';
import { createRateLimiter } from '../../../../src/execute/transfer/rate-limiter.ts';
import type { Image } from '../../../../src/glance/image.ts';
import { systemClock } from '../../../../src/time/system-clock.ts';
import { contentOf } from '../../../support/cloud/contents.js';
import {
  CountedHashers,
  fetchPortsOf,
  imageOf,
  openDescriptors,
  ScriptedGlance,
} from '../../../support/fetch-ports.ts';
import { putPart } from '../../../support/parts.ts';
import { createCache, imageIdOf } from '../../../support/seeded-cache.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf } from '../../../support/thrown.ts';

const NOBODY = 65_534;
const CONTENT = contentOf('copy', 10_000);
const SIZE = CONTENT.length;
const one = imageIdOf(1);

const folder = useTempDir();
let layout: CacheLayout;
let parts: DiskParts;
let hashers: CountedHashers;
let descriptors: number;
let store: string;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  parts = new DiskParts(layout);
  parts.writeJournal({ imageId: one, content: imageOf(CONTENT), mismatches: 0, lastMismatchSec: 0 });
  hashers = new CountedHashers();
  mkdirSync(join(folder(), 'store'));
  store = join(folder(), 'store', one);
  descriptors = openDescriptors();
});

afterEach(() => {
  expect({ hashes: hashers.open, descriptors: openDescriptors() }).toEqual({ hashes: 0, descriptors });
});

interface Case {
  readonly path?: string;
  readonly image?: Partial<Image>;
  readonly ports?: Partial<FetchPorts>;
  readonly onLength?: (bytes: number) => void;
}

function copy({ path = store, image, ports, onLength = () => undefined }: Case = {}) {
  const glance = new ScriptedGlance(Buffer.of());
  return copyPart(
    {
      ports: fetchPortsOf({ parts, glance, createHasher: hashers.create, ...ports }),
      image: imageOf(CONTENT, image),
      growth: { maxBytes: SIZE, onLength },
    },
    path,
  );
}

describe('copyPart()', () => {
  test('makes the part of the file, all of it hashed, and leaves the file as it is', async () => {
    writeFileSync(store, CONTENT, { mode: 0o604 });
    const part = await copy();
    expect(part.lengthBytes).toBe(SIZE);
    await part.finish();
    await part.close();
    expect(readFileSync(parts.path(one)).equals(CONTENT)).toBe(true);
    expect(lstatSync(parts.path(one)).mode & 0o777).toBe(0o640);
    expect(readFileSync(store).equals(CONTENT)).toBe(true);
  });

  test('takes nothing over of what an earlier run has left', async () => {
    putPart(layout, one, { size: 2 * SIZE });
    writeFileSync(store, CONTENT);
    const part = await copy();
    await part.finish();
    await part.close();
    expect(readFileSync(parts.path(one)).equals(CONTENT)).toBe(true);
  });

  test('makes an empty part of an empty file', async () => {
    writeFileSync(store, '');
    const part = await copy({ image: imageOf(Buffer.of()) });
    await part.finish();
    await part.close();
    expect(parts.look(one)?.sizeBytes).toBe(0);
  });

  test('leaves it to the end to find out that the file is too short, or another one', async () => {
    writeFileSync(store, CONTENT.subarray(1));
    const short = await copy();
    expect(await rejectionOf(short.finish())).toMatchObject({ code: 'INTEGRITY_SIZE' });
    await short.close();
    writeFileSync(store, Buffer.alloc(SIZE, 'x'));
    const other = await copy();
    expect(await rejectionOf(other.finish())).toMatchObject({ code: 'INTEGRITY_HASH' });
    await other.close();
  });

  test('is INTEGRITY_SIZE when the file has more than the image', async () => {
    writeFileSync(store, Buffer.concat([CONTENT, CONTENT]));
    expect(await rejectionOf(copy())).toMatchObject({ code: 'INTEGRITY_SIZE', details: { expected: SIZE } });
  });

  test.each<readonly [string, (path: string) => unknown]>([
    ['there is none', () => undefined],
    ['it is a link', (path) => symlinkSync('/etc/hostname', path)],
    ['it is a folder', (path) => mkdirSync(path)],
    ['it is a FIFO', (path) => execFileSync('mkfifo', [path])],
  ])('is a fault of the store when %s', async (_what, make) => {
    make(store);
    const error = await rejectionOf(copy());
    expect(error).toBeInstanceOf(StoreFileFault);
    expect(error).toMatchObject({ message: 'the file is not there any more' });
  });

  test('is a fault of the store when the file may not be read', async () => {
    writeFileSync(store, CONTENT);
    chmodSync(store, 0);
    // Root may read anything.
    const isRoot = process.geteuid?.() === 0;
    for (const path of [folder(), join(folder(), 'store'), layout.root, layout.tools, layout.parts])
      chmodSync(path, 0o777);
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      const error = await rejectionOf(copy());
      expect(error).toBeInstanceOf(StoreFileFault);
      expect(error).toMatchObject({ message: `Cannot open ${JSON.stringify(store)}: permission denied (EACCES)` });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  test('is a fault of the store when the file cannot be read to its end', async () => {
    // A regular file of which nothing lies at its start.
    const error = await rejectionOf(copy({ path: '/proc/self/mem' }));
    expect(error).toBeInstanceOf(StoreFileFault);
    expect(error).toMatchObject({ message: 'Cannot read "/proc/self/mem": i/o error (EIO)' });
  });

  test('is a fault of the cache when the part cannot be made', async () => {
    writeFileSync(store, CONTENT);
    mkdirSync(parts.path(one));
    expect(await rejectionOf(copy())).toMatchObject({ code: expect.stringMatching(/^CACHE_/) as unknown });
  });

  test('holds the rate of the run, and ends with the reason at once when it is stopped meanwhile', async () => {
    writeFileSync(store, CONTENT);
    const [stop, reason] = [new AbortController(), new Error('stopped')];
    // A byte in a hundred seconds.
    const ports = { limiter: createRateLimiter(0.01, systemClock), signal: stop.signal };
    const onLength = (bytes: number): void => {
      if (bytes > 0) stop.abort(reason);
    };
    expect(await rejectionOf(copy({ ports, onLength }))).toBe(reason);
    expect(readFileSync(parts.path(one)).equals(CONTENT.subarray(0, parts.look(one)?.sizeBytes))).toBe(true);
    expect(parts.look(one)?.sizeBytes).toBeLessThan(5);
  });
});
