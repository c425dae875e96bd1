/**
 * Which images somebody means who does not give their IDs: asked of Glance.
 */
import type { ImageId } from '../cache/image-id.ts';
import { NotFoundError, UsageError } from '../errors/cache-error.ts';
import type { Glance, ImageQuery } from '../glance/glance.ts';
import type { Image } from '../glance/image.ts';

/** What images are meant by. */
export interface ImageSelection {
  /** Each is the name of exactly one image. */
  readonly names: readonly string[];
  /** Every image that can be fetched and has all of these; none is meant where both are empty. */
  readonly tags: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * The images of a selection: names first, in their order, then the others by name and ID. With tags or properties, a
 * name is looked for among the images that have them.
 *
 * @throws UsageError USAGE_AMBIGUOUS_IMAGE when several images have a name; NotFoundError NOT_FOUND_NAME when none has, or
 *   nothing matches; AuthError; RemoteError
 */
export async function resolveImages(
  glance: Glance,
  { names, tags, properties }: ImageSelection,
  signal: AbortSignal,
): Promise<readonly ImageId[]> {
  const traits: ImageQuery = { tags, properties };
  if (names.length === 0) {
    // Without a trait every image there is would match.
    const hasTraits = tags.length > 0 || Object.keys(properties).length > 0;
    return hasTraits ? resolveTraits(glance, traits, signal) : [];
  }
  const imageIds: ImageId[] = [];
  for (const name of names) imageIds.push(theOnlyOne(name, await glance.find({ ...traits, name }, signal)));
  return [...new Set(imageIds)];
}

async function resolveTraits(glance: Glance, query: ImageQuery, signal: AbortSignal): Promise<readonly ImageId[]> {
  const found = await glance.find(query, signal);
  const active = found.filter(({ status }) => status === 'active');
  if (active.length === 0) {
    const others = found.length === 1 ? '1 matches and is' : `${found.length} match and are`;
    const state = found.length === 0 ? '' : ` (${others} not active)`;
    throw new NotFoundError('NOT_FOUND_NAME', `Cannot find an image with ${describe(query)}${state}`, {
      hint: 'See what there is with "openstack image list --long"; this account sees its own, public and shared images only',
      details: { ...query },
    });
  }
  return active
    .toSorted((a, b) => compare(a.name ?? '', b.name ?? '') || compare(a.imageId, b.imageId))
    .map(({ imageId }) => imageId);
}

function theOnlyOne(name: string, found: readonly Image[]): ImageId {
  const [first, ...others] = found;
  if (first === undefined) {
    throw new NotFoundError('NOT_FOUND_NAME', `Cannot find an image called ${JSON.stringify(name)}`, {
      hint: 'See what there is with "openstack image list"; this account sees its own, public and shared images only',
      details: { name },
    });
  }
  if (others.length === 0) return first.imageId;
  const candidates = found.map(({ imageId, status }) => `${imageId} (${status})`).join(', ');
  throw new UsageError(
    'USAGE_AMBIGUOUS_IMAGE',
    `Cannot tell which image ${JSON.stringify(name)} is: ${found.length} have that name: ${candidates}`,
    {
      hint: `Give the ID of the one that is meant, as in: glance-cache-manage queue-image ${first.imageId}`,
      details: { name, candidates: found.map(({ imageId, status }) => ({ image_id: imageId, status })) },
    },
  );
}

function describe({ tags = [], properties = {} }: ImageQuery): string {
  const traits = Object.entries(properties).map(([key, value]) => `${key}=${value}`);
  return [...tags.map((tag) => `tag ${JSON.stringify(tag)}`), ...traits.map((trait) => `property ${trait}`)].join(
    ' and ',
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
