import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ImageId } from '../../../../src/cache/image-id.ts';
import type { CacheLayout } from '../../../../src/cache/layout.ts';
import { DiskParts } from '../../../../src/cache/prefetch/disk-parts.ts';
import type { PartFile } from '../../../../src/cache/prefetch/parts.ts';
import { CacheStateError, IntegrityError } from '../../../../src/errors/cache-error.ts';
import type { FetchPorts } from '../../../../src/execute/prefetch/fetch-ports.ts';
import { WorkingPart, wrongSize } from '../../../../src/execute/prefetch/working-part.ts';
import type { Image } from '../../../../src/glance/image.ts';
import { contentOf } from '../../../support/cloud/contents.js';
import {
  CountedHashers,
  fetchPortsOf,
  imageOf,
  openDescriptors,
  ScriptedGlance,
} from '../../../support/fetch-ports.ts';
import { partPath } from '../../../support/parts.ts';
import { createCache, imageIdOf } from '../../../support/seeded-cache.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf } from '../../../support/thrown.ts';
import { ChunkSource, inPieces } from '../../../support/transfers.ts';

const CONTENT = contentOf('part', 10_000);
const SIZE = CONTENT.length;
const one = imageIdOf(1);

const folder = useTempDir();
let layout: CacheLayout;
let hashers: CountedHashers;
let lengths: number[];
let descriptors: number;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  hashers = new CountedHashers();
  lengths = [];
  descriptors = openDescriptors();
});

// Whatever a test has done to a part, in the end it is closed.
afterEach(() => {
  expect({ hashes: hashers.open, descriptors: openDescriptors() }).toEqual({ hashes: 0, descriptors });
});

interface Opening {
  readonly keepBytes?: number;
  readonly maxBytes?: number;
  readonly image?: Partial<Image>;
  readonly ports?: Partial<FetchPorts>;
}

function open({ keepBytes = 0, maxBytes = SIZE, image, ports }: Opening = {}): Promise<WorkingPart> {
  const parts = new DiskParts(layout);
  return WorkingPart.open(
    {
      ports: fetchPortsOf({ parts, glance: new ScriptedGlance(CONTENT), createHasher: hashers.create, ...ports }),
      image: imageOf(CONTENT, image),
      growth: { maxBytes, onLength: (bytes) => lengths.push(bytes) },
    },
    keepBytes,
  );
}

function source(from = 0, to = SIZE, end?: Error): ChunkSource {
  return new ChunkSource(inPieces(CONTENT.subarray(from, to), [700]), { end });
}

function put(bytes: Uint8Array): void {
  new DiskParts(layout).writeJournal({ imageId: one, content: imageOf(CONTENT), mismatches: 0, lastMismatchSec: 0 });
  writeFileSync(partPath(layout, one), bytes);
}

function bytesOnDisk(): Buffer {
  return readFileSync(partPath(layout, one));
}

/** Parts whose files call something before each step. */
class WatchedParts extends DiskParts {
  readonly #before: (step: keyof PartFile) => void;

  constructor(before: (step: keyof PartFile) => void) {
    super(layout);
    this.#before = before;
  }

  override async open(imageId: ImageId): Promise<PartFile> {
    const file = await super.open(imageId);
    const step = <T>(name: keyof PartFile, call: () => Promise<T>): Promise<T> => {
      try {
        this.#before(name);
      } catch (error) {
        return Promise.reject(error);
      }
      return call();
    };
    return {
      write: (...args) => step('write', () => file.write(...args)),
      truncate: (length) => step('truncate', () => file.truncate(length)),
      sync: () => step('sync', () => file.sync()),
      close: () => file.close(),
    };
  }
}

/** Fails one step of the files of parts, from some time on. */
function failingAt(name: keyof PartFile, error: Error, times = 0): WatchedParts {
  let count = 0;
  return new WatchedParts((step) => {
    if (step === name && count++ >= times) throw error;
  });
}

const FULL = new CacheStateError('CACHE_NO_SPACE', 'Cannot write: no space left on device (ENOSPC)');

describe('WorkingPart.open()', () => {
  test('begins with nothing, and cuts off what is there, unless told to keep it', async () => {
    put(CONTENT);
    const part = await open();
    expect([part.lengthBytes, bytesOnDisk().length, lengths]).toEqual([0, 0, [0]]);
    await part.append(source());
    await part.finish();
    await part.close();
    expect(bytesOnDisk().equals(CONTENT)).toBe(true);
  });

  test.each([1, 999, 1000, 1001, SIZE])(
    'keeps %d bytes and hashes them again, and cuts off the rest',
    async (keepBytes) => {
      put(Buffer.concat([CONTENT.subarray(0, keepBytes), Buffer.from('rest')]));
      const part = await open({ keepBytes });
      expect([part.lengthBytes, bytesOnDisk().length, lengths.at(-1)]).toEqual([keepBytes, keepBytes, keepBytes]);
      await part.append(source(keepBytes));
      await part.finish();
      await part.close();
      expect(bytesOnDisk().equals(CONTENT)).toBe(true);
    },
  );

  test('notices bytes that have changed on the disk since they were written', async () => {
    const spoilt = Buffer.from(CONTENT);
    spoilt[4321] = 0xff ^ (CONTENT[4321] ?? 0);
    put(spoilt.subarray(0, 5000));
    const part = await open({ keepBytes: 5000 });
    await part.append(source(5000));
    expect(await rejectionOf(part.finish())).toMatchObject({ code: 'INTEGRITY_HASH' });
    await part.close();
  });

  test('does not hold back by the limit what is hashed again', async () => {
    put(CONTENT);
    const limiter = { portionBytes: 10, take: () => Promise.reject(new Error('held back')) };
    const part = await open({ keepBytes: SIZE, ports: { limiter } });
    await part.close();
    expect(part.lengthBytes).toBe(SIZE);
  });

  test('is INTEGRITY_SIZE when more is to be kept than the part may have', async () => {
    put(CONTENT);
    const error = await rejectionOf(open({ keepBytes: SIZE, maxBytes: 5000 }));
    expect(error).toMatchObject({ code: 'INTEGRITY_SIZE', details: { expected: 5000 } });
  });

  test('leaves nothing open when the hash is one that nobody knows', async () => {
    const unknown = new IntegrityError('INTEGRITY_UNVERIFIABLE', 'Cannot verify');
    const createHasher = (): never => {
      throw unknown;
    };
    expect(await rejectionOf(open({ ports: { createHasher } }))).toBe(unknown);
  });

  test('leaves nothing open when it is stopped while it hashes', async () => {
    put(CONTENT);
    const [stop, reason] = [new AbortController(), new Error('stopped')];
    const createHasher: FetchPorts['createHasher'] = (image) => ({
      ...hashers.create(image),
      update: async () => stop.abort(reason),
    });
    const ports = { createHasher, signal: stop.signal };
    expect(await rejectionOf(open({ keepBytes: SIZE, ports }))).toBe(reason);
    expect(bytesOnDisk().equals(CONTENT)).toBe(true);
  });

  test('leaves nothing open when the part cannot be cut', async () => {
    expect(await rejectionOf(open({ ports: { parts: failingAt('truncate', FULL) } }))).toBe(FULL);
  });
});

describe('WorkingPart.append()', () => {
  test('goes on where the last source ended, or failed', async () => {
    const part = await open();
    const fault = new Error('cut');
    await part.append(source(0, 3000));
    expect(await rejectionOf(part.append(source(3000, 5555, fault)))).toBe(fault);
    expect([part.lengthBytes, lengths.at(-1), bytesOnDisk().length]).toEqual([5555, 5555, 5555]);
    await part.append(source(5555));
    await part.append(source(SIZE));
    await part.finish();
    await part.close();
    expect(bytesOnDisk().equals(CONTENT)).toBe(true);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
  });

  test('is INTEGRITY_SIZE, with as much in the part as it may have, when there is more', async () => {
    const part = await open({ maxBytes: 5000 });
    await part.append(source(0, 2000));
    expect(await rejectionOf(part.append(source(2000)))).toMatchObject({
      code: 'INTEGRITY_SIZE',
      message: 'Cannot take the image: there are more bytes than the 5000 expected',
    });
    await part.close();
    expect([part.lengthBytes, bytesOnDisk().equals(CONTENT.subarray(0, 5000))]).toEqual([5000, true]);
  });

  test('holds the rate of the run', async () => {
    let takenBytes = 0;
    const limiter = {
      portionBytes: 100,
      async take(bytes: number) {
        expect(bytes).toBeLessThanOrEqual(100);
        takenBytes += bytes;
      },
    };
    const part = await open({ ports: { limiter } });
    await part.append(source());
    await part.close();
    expect(takenBytes).toBe(SIZE);
  });

  test('fails with what the disk fails with, and counts only what is on it', async () => {
    const part = await open({ ports: { parts: failingAt('write', FULL, 3) } });
    expect(await rejectionOf(part.append(source()))).toBe(FULL);
    await part.close();
    expect(part.lengthBytes).toBe(bytesOnDisk().length);
    expect(part.lengthBytes).toBeLessThan(SIZE);
    expect(bytesOnDisk().equals(CONTENT.subarray(0, part.lengthBytes))).toBe(true);
  });
});

describe('WorkingPart.restart()', () => {
  test('begins anew with file and hash', async () => {
    const part = await open();
    await part.append(new ChunkSource([Buffer.from('of another image')]));
    await part.restart();
    expect([part.lengthBytes, lengths.at(-1), bytesOnDisk().length]).toEqual([0, 0, 0]);
    await part.append(source());
    await part.finish();
    await part.close();
    expect(bytesOnDisk().equals(CONTENT)).toBe(true);
  });
});

describe('WorkingPart.finish()', () => {
  test('puts the part on the disk after it is verified', async () => {
    const steps: string[] = [];
    const parts = new WatchedParts((step) => steps.push(step));
    const createHasher: FetchPorts['createHasher'] = (image) => {
      const hasher = hashers.create(image);
      return { ...hasher, digest: () => hasher.digest().finally(() => steps.push('digest')) };
    };
    const part = await open({ ports: { parts, createHasher } });
    await part.append(source());
    await part.finish();
    await part.close();
    expect(steps.filter((step) => step !== 'write')).toEqual(['truncate', 'digest', 'sync']);
  });

  test('is INTEGRITY_HASH, with both hashes, when the bytes are others', async () => {
    const other = imageOf(Buffer.from('another image'));
    const part = await open({ image: { digest: other.digest } });
    await part.append(source());
    const error = await rejectionOf(part.finish());
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({
      code: 'INTEGRITY_HASH',
      details: { image_id: one, algorithm: 'sha512', expected: other.digest?.hex, found: imageOf(CONTENT).digest?.hex },
    });
    await part.close();
  });

  test('is INTEGRITY_SIZE when bytes are missing', async () => {
    const part = await open();
    await part.append(source(0, SIZE - 1));
    expect(await rejectionOf(part.finish())).toEqual(wrongSize(one, SIZE, SIZE - 1));
    await part.close();
  });

  test('takes any bytes of the right length when Glance knows no hash, and any at all when it knows nothing', async () => {
    for (const image of [{ digest: undefined }, { digest: undefined, sizeBytes: undefined }]) {
      const part = await open({ image });
      await part.append(new ChunkSource([Buffer.alloc(SIZE, 'x')]));
      await part.finish();
      await part.close();
    }
  });

  test('verifies an image without bytes', async () => {
    const part = await open({ image: imageOf(Buffer.of()) });
    await part.finish();
    await part.close();
    expect(bytesOnDisk().length).toBe(0);
  });

  test('fails with what the disk fails with', async () => {
    const part = await open({ ports: { parts: failingAt('sync', FULL) } });
    await part.append(source());
    expect(await rejectionOf(part.finish())).toBe(FULL);
    await part.close();
  });
});

describe('WorkingPart.close()', () => {
  test('closes the file when the hash cannot be given up', async () => {
    const fault = new Error('fault');
    const createHasher: FetchPorts['createHasher'] = (image) => {
      const hasher = hashers.create(image);
      return { ...hasher, close: () => hasher.close().then(() => Promise.reject(fault)) };
    };
    const part = await open({ ports: { createHasher } });
    expect(await rejectionOf(part.close())).toBe(fault);
  });
});
