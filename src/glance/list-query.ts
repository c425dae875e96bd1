/**
 * Looking images up by something else than their ID: what Glance is asked to narrow the list by, and what decides. Glance
 * takes some names and values for commands, and compares as its database does; so its answer is only a preselection.
 */
import type { ImageQuery } from './glance.ts';

/** Images on a page: as many as fit into an answer by far, so that a large cloud takes few requests. */
const PAGE_SIZE = 200;

// Fields of an image that Glance filters by. `visibility=community` is the only way to be told of such images at all.
const FIELDS = new Set(['visibility', 'owner', 'status', 'disk_format', 'container_format']);

// Words that are no property to Glance: commands of the listing, parts of the answer that it makes up, and whatever its
// class of images has an attribute for. https://github.com/openstack/glance, glance/db/sqlalchemy/api.py
const RESERVED = new Set([
  ...['limit', 'marker', 'sort', 'sort_key', 'sort_dir', 'member_status', 'changes-since', 'tag', 'name', 'id'],
  ...['self', 'file', 'schema', 'first', 'next', 'stores', 'direct_url', 'locations', 'tags', 'properties', 'members'],
  ...['os_hidden', 'os_hash_algo', 'os_hash_value', 'checksum', 'size', 'virtual_size', 'min_disk', 'min_ram'],
  ...['protected', 'is_public', 'created_at', 'updated_at', 'deleted_at', 'deleted', 'metadata', 'registry'],
  ...['delete', 'get', 'items', 'iteritems', 'keys', 'save', 'to_dict', 'update', 'values'],
]);

/**
 * The query of a listing.
 *
 * @param page which images: Glance lists either the hidden ones or the others; `marker` is the last one seen
 */
export function listQuery(
  { name, tags = [], properties = {} }: ImageQuery,
  page: { readonly isHidden: boolean; readonly marker: string | undefined },
): URLSearchParams {
  const params = new URLSearchParams({ limit: `${PAGE_SIZE}` });
  if (page.isHidden) params.set('os_hidden', 'true');
  // What stands before a colon is an operator: `ubuntu:22.04` would be refused for an unknown one.
  if (name !== undefined) params.set('name', name.includes(':') ? `eq:${name}` : name);
  for (const tag of tags) params.append('tag', tag);
  for (const [key, value] of Object.entries(properties)) if (isFilter(key, value)) params.set(key, value);
  if (page.marker !== undefined) params.set('marker', page.marker);
  return params;
}

function isFilter(key: string, value: string): boolean {
  if (FIELDS.has(key)) return !value.includes(':');
  // By these endings it wants numbers.
  return !RESERVED.has(key) && !/_(?:min|max)$/.test(key);
}

/** Whether an image, as Glance lists it, is one of those asked for: letter by letter. */
export function matchesQuery(
  image: Readonly<Record<string, unknown>>,
  { name, tags = [], properties = {} }: ImageQuery,
): boolean {
  if (name !== undefined && image['name'] !== name) return false;
  const found: readonly unknown[] = Array.isArray(image['tags']) ? image['tags'] : [];
  if (!tags.every((tag) => found.includes(tag))) return false;
  return Object.entries(properties).every(([key, value]) => textOf(image[key]) === value);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
