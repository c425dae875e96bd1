/**
 * What a node's refusals mean.
 */

import type { ImageId } from '../cache/image-id.ts';
import { AuthError, type CacheError, NotFoundError, RemoteError, UsageError } from '../errors/cache-error.ts';
import { GLANCE_LOG, OWN_ROLES, shellWord } from '../errors/next-step.ts';
import { maskAnswer } from '../http/mask-answer.ts';
import { errorOfStatus } from '../http/status-error.ts';
import type { Answer } from '../keystone/ask.ts';
import type { NodeAddress } from './node-address.ts';
import type { OfferedVersions } from './version-document.ts';

/** Something asked of a node. */
export interface Asked {
  /** What was attempted, such as `list the cache of "node1"`. */
  readonly what: string;
  readonly node: NodeAddress;
}

/**
 * The error for an answer that is of no use.
 *
 * @returns AuthError AUTH_REFUSED, AUTH_FORBIDDEN; RemoteError REMOTE_STATUS, REMOTE_ANSWER
 */
export async function errorOfAnswer({ response, access }: Answer, { what, node }: Asked): Promise<CacheError> {
  const { status } = response;
  // Glance offers its versions wherever the path begins with none.
  if (status === 300) {
    response.discard();
    return notGlance({ what, node }, status);
  }
  const error = await errorOfStatus(maskAnswer(response, Object.values(access.headers)), what);
  if (!(error instanceof AuthError)) return error;
  const { details = {} } = error;
  if (status === 401) {
    return new AuthError('AUTH_REFUSED', error.message, {
      hint: `The node refuses a token that is new: see that it asks the same Keystone, and look at its log there: ${GLANCE_LOG}`,
      details: { ...details, host: node.host },
    });
  }
  return new AuthError('AUTH_FORBIDDEN', `Cannot ${what}: not authorized to make this request (HTTP 403)`, {
    hint: `Use an account with the admin role, or one that the policies of the node allow it: cache_list, cache_image, cache_delete, cache_prune and cache_clean, or manage_image_cache; what it has: ${OWN_ROLES}`,
    details: { ...details, host: node.host },
  });
}

/** What answers is not Glance, or not at this path. */
export function notGlance({ what, node }: Asked, status: number): RemoteError {
  return new RemoteError(
    'REMOTE_ANSWER',
    `Cannot ${what}: what answers at "${node.url}" is not the Image API (HTTP ${status})`,
    {
      hint: `Check the port and the path: glance-api listens on 9292, behind a web server often below /image; what answers: curl -i ${shellWord(node.url)}`,
      details: { host: node.host, status },
    },
  );
}

/** The node has neither API. */
export function noCacheApi({ what, node }: Asked, versions: OfferedVersions): NotFoundError {
  const newest = `it speaks version ${versions.newest} of the Image API`;
  return new NotFoundError(
    'NOT_FOUND_CACHE_API',
    `Cannot ${what}: cache management middleware not enabled, ${newest}`,
    {
      hint: 'Set image_cache_dir in glance-api.conf of the node, before Yoga flavor = keystone+cachemanagement in [paste_deploy] too, and restart its glance-api',
      details: { host: node.host, newest_version: versions.newest },
    },
  );
}

/** The node cannot take an image out of one place alone. */
export function onlyFromBoth({ what, node }: Asked, imageId: ImageId): UsageError {
  return new UsageError(
    'USAGE_NOT_AVAILABLE',
    `Cannot ${what}: it is both cached and queued there, and the node can only remove it from both at once`,
    {
      hint: 'Run glance-cache-manage on the node itself, or set flavor = keystone+cachemanagement in [paste_deploy] of its glance-api.conf',
      details: { host: node.host, image_id: imageId },
    },
  );
}

/** The node's release has no such call. */
export function notBefore218(
  { what, node }: Asked,
  { newest, program }: { readonly newest: string | undefined; readonly program: string },
): UsageError {
  const speaks = newest === undefined ? '' : `, and it speaks version ${newest}`;
  const message = `Cannot ${what}: that takes version 2.18 of the Image API${speaks}`;
  return new UsageError('USAGE_NOT_AVAILABLE', message, {
    hint: `Run ${program} on the node itself`,
    details: { host: node.host, ...(newest === undefined ? {} : { newest_version: newest }) },
  });
}

/** Glance does not know an image that is to be queued, or does not show it. */
export function imageNotFound({ what, node }: Asked, imageId: ImageId, isAdmin: boolean): NotFoundError {
  const state = isAdmin ? 'Glance does not know it' : 'Glance does not know it, or does not show it to this account';
  return new NotFoundError('NOT_FOUND_IMAGE', `Cannot ${what}: ${state}`, {
    hint: isAdmin
      ? `It has been deleted, or never was in this cloud: check the ID and the node: openstack image show ${imageId}`
      : `Check the ID, or use an account with the admin role: openstack image show ${imageId}`,
    details: { host: node.host, image_id: imageId },
  });
}
