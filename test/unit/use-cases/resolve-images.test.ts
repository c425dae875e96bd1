import { describe, expect, test } from 'vitest';
import type { ImageId } from '../../../src/cache/image-id.ts';
import { RemoteError } from '../../../src/errors/cache-error.ts';
import type { Glance, ImageQuery } from '../../../src/glance/glance.ts';
import type { Image } from '../../../src/glance/image.ts';
import { type ImageSelection, resolveImages } from '../../../src/use-cases/resolve-images.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { rejectionOf } from '../../support/thrown.ts';

interface KnownImage extends Image {
  readonly tags: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
}

/** A Glance that knows some images, and remembers what it was asked. */
class SmallGlance implements Glance {
  readonly queries: ImageQuery[] = [];
  readonly #images: readonly KnownImage[];

  constructor(images: readonly KnownImage[]) {
    this.#images = images;
  }

  lookUp(): Promise<never> {
    return Promise.reject(new Error('Nobody is to be asked about known IDs'));
  }

  async find(query: ImageQuery, signal: AbortSignal): Promise<readonly Image[]> {
    signal.throwIfAborted();
    this.queries.push(query);
    return this.#images.filter((image) => {
      if (query.name !== undefined && image.name !== query.name) return false;
      if (!(query.tags ?? []).every((tag) => image.tags.includes(tag))) return false;
      return Object.entries(query.properties ?? {}).every(([key, value]) => image.properties[key] === value);
    });
  }

  image(): Promise<Image> {
    throw new Error('Nobody asks for an image by its ID here');
  }

  download(): never {
    throw new Error('Nobody downloads here');
  }

  async isAdmin(): Promise<boolean> {
    return false;
  }
}

function known(number: number, name: string | undefined, more: Partial<KnownImage> = {}): KnownImage {
  const imageId = imageIdOf(number);
  return { imageId, name, status: 'active', sizeBytes: 1, digest: undefined, tags: [], properties: {}, ...more };
}

const GOLDEN = { tags: ['golden'] };
const LINUX = { properties: { os: 'linux' } };
const GLANCE = [
  known(1, 'debian', { ...GOLDEN, ...LINUX }),
  known(2, 'debian', { status: 'deactivated' }),
  known(3, 'cirros', { tags: ['golden', 'small'], ...LINUX }),
  known(4, 'alpine', { ...GOLDEN, properties: { os: 'busybox' } }),
  known(5, undefined, { ...GOLDEN, ...LINUX }),
  known(6, 'old', { ...LINUX, tags: ['golden', 'retired'], status: 'deactivated' }),
  known(7, 'cirros-copy', { tags: ['small'] }),
];

function resolve(
  selection: Partial<ImageSelection>,
  glance: Glance = new SmallGlance(GLANCE),
): Promise<readonly ImageId[]> {
  const whole = { names: [], tags: [], properties: {}, ...selection };
  return resolveImages(glance, whole, new AbortController().signal);
}

describe('resolveImages() by name', () => {
  test('has the one image of each name, in their order', async () => {
    expect(await resolve({ names: ['old', 'cirros', 'alpine'] })).toEqual([6, 3, 4].map(imageIdOf));
  });

  test('has an image once when it was named twice', async () => {
    expect(await resolve({ names: ['cirros', 'old', 'cirros'] })).toEqual([3, 6].map(imageIdOf));
  });

  test('is USAGE_AMBIGUOUS_IMAGE with every candidate and its state when several have the name', async () => {
    expect(await rejectionOf(resolve({ names: ['cirros', 'debian'] }))).toMatchObject({
      code: 'USAGE_AMBIGUOUS_IMAGE',
      exitCode: 2,
      message: `Cannot tell which image "debian" is: 2 have that name: ${imageIdOf(1)} (active), ${imageIdOf(2)} (deactivated)`,
      details: {
        name: 'debian',
        candidates: [
          { image_id: imageIdOf(1), status: 'active' },
          { image_id: imageIdOf(2), status: 'deactivated' },
        ],
      },
    });
  });

  test('has the one that has the tags and properties as well, among those of the name', async () => {
    expect(await resolve({ names: ['debian'], ...GOLDEN })).toEqual([imageIdOf(1)]);
    expect(await resolve({ names: ['debian'], ...LINUX })).toEqual([imageIdOf(1)]);
  });

  test.each([
    ['there is no such image', { names: ['windows'] }, 'windows'],
    ['the name differs in a letter', { names: ['Debian'] }, 'Debian'],
    ['the image of that name has not the tag', { names: ['old', 'alpine'], tags: ['retired'] }, 'alpine'],
  ])('is NOT_FOUND_NAME when %s', async (_when, selection, name) => {
    expect(await rejectionOf(resolve(selection))).toMatchObject({
      code: 'NOT_FOUND_NAME',
      exitCode: 6,
      message: `Cannot find an image called ${JSON.stringify(name)}`,
      details: { name },
    });
  });

  test('quotes a name, so that it cannot pass for a part of the sentence', async () => {
    expect(await rejectionOf(resolve({ names: ['a": fine\n'] }))).toMatchObject({
      message: 'Cannot find an image called "a\\": fine\\n"',
    });
  });
});

describe('resolveImages() by tags and properties', () => {
  test('has every active image that has all of them, by name and ID, nameless ones first', async () => {
    expect(await resolve(GOLDEN)).toEqual([5, 4, 3, 1].map(imageIdOf));
    expect(await resolve({ ...GOLDEN, ...LINUX })).toEqual([5, 3, 1].map(imageIdOf));
    expect(await resolve({ tags: ['golden', 'small'] })).toEqual([imageIdOf(3)]);
    expect(await resolve({ properties: { os: 'busybox' } })).toEqual([imageIdOf(4)]);
  });

  test('is NOT_FOUND_NAME, and tells what was looked for, when nothing matches', async () => {
    expect(await rejectionOf(resolve({ tags: ['a b', 'c'], ...LINUX }))).toMatchObject({
      code: 'NOT_FOUND_NAME',
      exitCode: 6,
      message: 'Cannot find an image with tag "a b" and tag "c" and property os=linux',
      details: { tags: ['a b', 'c'], properties: { os: 'linux' } },
    });
  });

  test('is NOT_FOUND_NAME, and tells how many are not active, when none that matches is', async () => {
    expect(await rejectionOf(resolve({ tags: ['retired'] }))).toMatchObject({
      code: 'NOT_FOUND_NAME',
      message: 'Cannot find an image with tag "retired" (1 matches and is not active)',
    });
  });

  test('means no image, and asks nobody, when nothing is said', async () => {
    const glance = new SmallGlance(GLANCE);
    expect(await resolve({}, glance)).toEqual([]);
    expect(glance.queries).toEqual([]);
  });
});

describe('resolveImages()', () => {
  test('throws what Glance throws', async () => {
    const error = new RemoteError('REMOTE_UNREACHABLE', 'Cannot reach Glance: fault');
    const glance = Object.assign(new SmallGlance([]), { find: () => Promise.reject(error) });
    expect(await rejectionOf(resolve({ names: ['debian'] }, glance))).toBe(error);
    expect(await rejectionOf(resolve(GOLDEN, glance))).toBe(error);
  });

  test('stops when the signal is aborted', async () => {
    const reason = new Error('stop');
    const glance = new SmallGlance(GLANCE);
    const selection = { names: ['debian'], tags: [], properties: {} };
    expect(await rejectionOf(resolveImages(glance, selection, AbortSignal.abort(reason)))).toBe(reason);
  });
});
