/**
 * Answers that say no, told as errors of the toolkit: by status, with what the server says about it. What was sent is
 * never part of them.
 */

import { AuthError, type CacheError, RemoteError } from '../errors/cache-error.ts';
import { OWN_ROLES, THIS_COMMAND, TRY_LOGIN } from '../errors/next-step.ts';
import { parseHttpDate, parseRetryAfter } from './retry-after.ts';
import { serverText } from './server-text.ts';
import type { HttpResponse } from './transport.ts';

const REQUEST_ID = /^req-[0-9A-Za-z-]{1,60}$/;

const HINT_AUTH = `Check the user and the password, the token or the secret, and the project or domain to log in to: ${TRY_LOGIN}`;
const HINT_RIGHTS = `Use an account with the rights for it, or have the policy of the service changed; what it has: ${OWN_ROLES}`;
const HINT_LATER = `Look at the log of the server if it goes on, and run it again later: ${THIS_COMMAND}`;
const HINT_URL = 'Check the URL, with "openstack catalog list", and the log of the server';

/**
 * The error for an answer with a status that the caller has no use for. Reads the beginning of the body.
 *
 * @param what what was attempted, such as `get image 71c6...`
 * @returns AuthError AUTH_REFUSED for 401 and AUTH_FORBIDDEN for 403; else RemoteError REMOTE_STATUS, transient for 408,
 * 429 and 5xx
 * @throws the signal's reason when the request is aborted while the body is read
 */
export async function errorOfStatus(response: HttpResponse, what: string): Promise<CacheError> {
  return errorSaying(response, what, await beginningOf(response));
}

/** As {@link errorOfStatus}, for an answer whose body has been read. */
export function errorSaying(response: HttpResponse, what: string, body: string): CacheError {
  const { status } = response;
  const said = serverText(body);
  const requestId = requestIdOf(response);
  const state = said === '' ? 'the server answered with an error' : `the server says "${said}"`;
  const message = `Cannot ${what}: ${state} (HTTP ${status})${requestId === undefined ? '' : ` (${requestId})`}`;
  const details = { status, ...(requestId === undefined ? {} : { request_id: requestId }) };
  if (status === 401) return new AuthError('AUTH_REFUSED', message, { hint: HINT_AUTH, details });
  if (status === 403) return new AuthError('AUTH_FORBIDDEN', message, { hint: HINT_RIGHTS, details });
  if (status !== 408 && status !== 429 && status < 500) {
    return new RemoteError('REMOTE_STATUS', message, { hint: HINT_URL, details });
  }
  const retryAfterSec = retryAfterOf(response);
  return new RemoteError('REMOTE_STATUS', message, {
    hint:
      retryAfterSec === undefined
        ? HINT_LATER
        : `The server wants to be asked again in ${Math.ceil(retryAfterSec)} s: ${THIS_COMMAND}`,
    details: { ...details, ...(retryAfterSec === undefined ? {} : { retry_after_sec: retryAfterSec }) },
    isTransient: true,
    ...(retryAfterSec === undefined ? {} : { retryAfterSec }),
  });
}

/**
 * The beginning of the text of an answer that is an error. The status is what counts: when the text about it does not
 * come, it is told without.
 */
export async function beginningOf(response: HttpResponse): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    if (error instanceof RemoteError) return '';
    throw error;
  }
}

/** What finds the request in the logs of the server. */
function requestIdOf(response: HttpResponse): string | undefined {
  const requestId = response.header('x-openstack-request-id');
  return requestId !== undefined && REQUEST_ID.test(requestId) ? requestId : undefined;
}

/** Dates are taken by the clock of the server that made them: ours may differ. */
function retryAfterOf(response: HttpResponse): number | undefined {
  const header = response.header('retry-after');
  const date = response.header('date');
  return header === undefined
    ? undefined
    : parseRetryAfter(header, date === undefined ? undefined : parseHttpDate(date));
}
