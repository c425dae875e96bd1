// Glance's version 2, as far as a prefetcher asks it: images, lists of them, and their bytes, with and without ranges.
import { pipeline } from 'node:stream/promises';
import { sendGlanceError, sendJson } from './answers.js';
import { chunksOf, hashOf } from './contents.js';

// What is no filter in the query of a list.
const PAGING = new Set(['limit', 'marker', 'sort', 'sort_key', 'sort_dir', 'member_status']);

/** A Glance with these images. */
export function createGlance({ images, pageSize, keystone }) {
  const records = new Map(images.map((image) => [image.id, recordOf(image)]));

  function answer(request, response) {
    const path = request.path.replace(/^\/region-two(?=\/|$)/, '');
    const [, version, collection, id, file, ...rest] = path.split('/');
    if (version !== 'v2') return sendVersions(request, response, path === '/versions' ? 200 : 300);
    const caller = keystone.resolve(request.headers['x-auth-token']);
    if (caller === undefined)
      return sendGlanceError(response, 401, 'This server could not verify that you are authorized.');
    const isKnown = request.method === 'GET' && collection === 'images' && rest.length === 0;
    if (!isKnown || (file !== undefined && file !== 'file'))
      return sendGlanceError(response, 404, 'The resource could not be found.');
    if (id === undefined) return sendList(request, response, visibleTo(caller, [...records.values()]), pageSize);
    const [image] = visibleTo(caller, [records.get(id)].filter(Boolean));
    if (image === undefined) return sendGlanceError(response, 404, `No image found with ID ${id}`);
    return file === undefined ? sendJson(response, 200, viewOf(image)) : sendFile(request, response, { image, caller });
  }

  return { answer, images: records };
}

function recordOf(image) {
  return {
    name: `image ${image.id.slice(0, 8)}`,
    status: 'active',
    sizeBytes: 0,
    visibility: 'public',
    owner: 'project-service',
    hidden: false,
    tags: [],
    properties: {},
    digest: 'sha512',
    takesRanges: true,
    ...image,
  };
}

function isAdmin({ roles }) {
  return roles.includes('admin');
}

function visibleTo(caller, images) {
  const sees = ({ visibility, owner }) => isAdmin(caller) || visibility === 'public' || owner === caller.project?.id;
  return images.filter((image) => image.status !== 'deleted' && sees(image));
}

function hasData({ status }) {
  return status === 'active' || status === 'deactivated';
}

function viewOf(image) {
  const { id, name, status, sizeBytes, digest, tags, properties, visibility, owner, hidden } = image;
  const hash = (algorithm) => (hasData(image) && sizeBytes !== null ? hashOf(algorithm, id, sizeBytes) : null);
  return {
    ...properties,
    id,
    name,
    status,
    size: hasData(image) ? sizeBytes : null,
    checksum: digest === 'none' ? null : hash('md5'),
    os_hash_algo: digest === 'sha512' && hasData(image) ? 'sha512' : null,
    os_hash_value: digest === 'sha512' ? hash('sha512') : null,
    os_hidden: hidden,
    visibility,
    owner,
    tags,
    disk_format: 'raw',
    container_format: 'bare',
    file: `/v2/images/${id}/file`,
    ...image.overrides,
  };
}

function sendVersions(request, response, status) {
  const href = `http://${request.headers.host}/v2/`;
  sendJson(response, status, { versions: [{ id: 'v2.16', status: 'CURRENT', links: [{ rel: 'self', href }] }] });
}

function sendList({ query }, response, images, pageSize) {
  const name = query.get('name');
  const operator = name?.includes(':') ? name.slice(0, name.indexOf(':')) : 'eq';
  if (operator !== 'eq') return sendGlanceError(response, 400, `Unable to filter by unknown operator '${operator}'.`);
  const matching = images.filter((image) => matches(image, query, name?.replace(/^eq:/, '')));
  const marker = query.get('marker');
  const start = marker === null ? 0 : matching.findIndex(({ id }) => id === marker) + 1;
  const page = matching.slice(start, start + Math.min(pageSize, Number(query.get('limit') ?? pageSize)));
  const body = { images: page.map(viewOf), first: '/v2/images', schema: '/v2/schemas/images' };
  if (page.length > 0 && start + page.length < matching.length) {
    // Glance keeps one of several tags here.
    const params = new URLSearchParams(Object.fromEntries(query));
    params.set('marker', page[page.length - 1].id);
    body.next = `/v2/images?${params}`;
  }
  return sendJson(response, 200, body);
}

function matches(image, query, name) {
  const view = viewOf(image);
  if (String(view.os_hidden) !== (query.get('os_hidden') ?? 'false')) return false;
  if (name !== undefined && view.name !== name) return false;
  return [...query].every(([key, value]) => {
    if (PAGING.has(key) || key === 'name' || key === 'os_hidden') return true;
    if (key === 'visibility' && value === 'all') return true;
    if (key === 'id' && value.startsWith('in:')) return value.slice('in:'.length).split(',').includes(view.id);
    return key === 'tag' ? view.tags.includes(value) : String(view[key]) === value;
  });
}

function sendFile(request, response, { image, caller }) {
  const { id, sizeBytes, status, takesRanges, digest } = image;
  if (status === 'deactivated' && !isAdmin(caller)) {
    return sendGlanceError(
      response,
      403,
      'The requested image has been deactivated. Image data download is forbidden.',
    );
  }
  if (!hasData(image)) return response.writeHead(204).end();
  const range = request.headers.range;
  const start = range === undefined ? 0 : Number(/^bytes=(\d+)-$/.exec(range)?.[1]);
  if (range !== undefined && !takesRanges)
    return sendGlanceError(response, 400, 'Getting images partially is not supported.');
  if (range !== undefined && !(start < sizeBytes))
    return sendGlanceError(response, 416, 'Invalid start position in Range header.');
  response.writeHead(range === undefined ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': sizeBytes - start,
    ...(digest === 'none' ? {} : { 'content-md5': hashOf('md5', id, sizeBytes) }),
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${sizeBytes - 1}/${sizeBytes}` }),
  });
  // A client may leave in the middle: that is its own business.
  return pipeline(chunksOf(id, sizeBytes, start), response).catch(() => {});
}
