/**
 * The list of versions that a node offers. Glance has no header that tells its version; this list alone does, and it
 * says as well whether the node has a cache: 2.14 and 2.16 are offered only where `image_cache_dir` is set.
 * https://github.com/openstack/glance, glance/api/versions.py
 */
import { isJsonObject, objectsIn, stringIn } from '../http/json.ts';

/** What a node offers. */
export interface OfferedVersions {
  /** The newest version of the Image API, such as `2.16`. */
  readonly newest: string;
  /** Whether `/v2/cache` is among what it offers. */
  readonly hasCacheApi: boolean;
  /** Whether there are `/v2/cache/prune` and `/v2/cache/clean`. */
  readonly hasPrune: boolean;
}

const CACHE_API_MINORS = [14, 16];
const PRUNE_MINOR = 18;

/** @returns undefined where the text is no list of versions of the Image API */
export function parseVersions(text: string): OfferedVersions | undefined {
  const minors = versionIds(text).flatMap((id) => {
    const minor = /^v2\.(\d{1,4})$/.exec(id)?.[1];
    return minor === undefined ? [] : [Number(minor)];
  });
  if (minors.length === 0) return undefined;
  return {
    newest: `2.${Math.max(...minors)}`,
    hasCacheApi: CACHE_API_MINORS.some((minor) => minors.includes(minor)),
    hasPrune: minors.includes(PRUNE_MINOR),
  };
}

function versionIds(text: string): readonly string[] {
  try {
    const document: unknown = JSON.parse(text);
    if (!isJsonObject(document)) return [];
    return objectsIn(document, 'versions').flatMap((version) => stringIn(version, 'id') ?? []);
  } catch {
    return [];
  }
}
