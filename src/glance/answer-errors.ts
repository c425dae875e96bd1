/**
 * What Glance's refusals mean.
 */

import type { ImageId } from '../cache/image-id.ts';
import { AuthError, type CacheError, ConfigError, NotFoundError } from '../errors/cache-error.ts';
import { GLANCE_LOG, OWN_ROLES, shellWord } from '../errors/next-step.ts';
import { maskAnswer } from '../http/mask-answer.ts';
import { errorOfStatus } from '../http/status-error.ts';
import type { Answer } from '../keystone/ask.ts';

/**
 * The error for an answer that is of no use.
 *
 * @param what what was attempted, such as `get image 71c6...`
 * @returns AuthError AUTH_REFUSED, AUTH_FORBIDDEN; ConfigError CONFIG_ENDPOINT; RemoteError REMOTE_STATUS
 */
export async function errorOfAnswer({ response, access }: Answer, what: string): Promise<CacheError> {
  const { status } = response;
  // Glance offers its versions wherever the path begins with none.
  if (status === 300) {
    response.discard();
    return notGlance(access.imageEndpoint, { what, status });
  }
  const error = await errorOfStatus(maskAnswer(response, Object.values(access.headers)), what);
  if (!(error instanceof AuthError)) return error;
  const { details = {} } = error;
  if (status === 401) {
    return new AuthError('AUTH_REFUSED', error.message, {
      hint: `Glance refuses a token that is new: see that it asks the same Keystone, and look at its log: ${GLANCE_LOG}`,
      details,
    });
  }
  return new AuthError('AUTH_FORBIDDEN', error.message, {
    hint: `Log in to a project whose role is enough: Glance wants a project, and for some images an admin; what there is: ${OWN_ROLES}`,
    details,
  });
}

/** What answers is not Glance, or not under this path. */
export function notGlance(
  endpoint: string,
  { what, status }: { readonly what: string; readonly status: number },
): ConfigError {
  return new ConfigError(
    'CONFIG_ENDPOINT',
    `Cannot ${what}: what answers at "${endpoint}" is not the Image API (HTTP ${status})`,
    {
      hint: `Check the endpoint of Glance in the catalog of Keystone, with "openstack catalog show image", or the one that overrides it; what answers: curl -i ${shellWord(endpoint)}`,
      details: { endpoint, status },
    },
  );
}

/** Glance does not know an image, or does not show it. */
export function imageNotFound(imageId: ImageId, { access: { isAdmin }, response }: Answer): NotFoundError {
  return new NotFoundError(
    'NOT_FOUND_IMAGE',
    `Cannot get image ${imageId}: Glance ${isAdmin ? 'does not know it' : 'does not know it, or does not show it to this account'}`,
    {
      hint: isAdmin
        ? `It has been deleted, or never was in this cloud: check the ID and the region: openstack image show ${imageId}`
        : `It may only be invisible to this account: use an account with an admin role, or of the project that owns the image: openstack image show ${imageId}`,
      details: { image_id: imageId, status: response.status },
    },
  );
}
