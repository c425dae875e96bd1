/**
 * Where a redirect leads. Never to another origin: every header goes along, the token too, and where a token goes is
 * not for a server to say.
 */
import { type Attempt, type Failure, remoteError } from './errors.ts';

/** How many redirects are followed one after the other. */
export const MAX_REDIRECTS = 5;

const REDIRECTS = [301, 302, 303, 307, 308];

/** What an answer says about where to go. */
export interface Pointer {
  readonly status: number;
  /** The header `Location`. */
  readonly location: string | undefined;
}

/**
 * Where an answer leads.
 *
 * @returns undefined when it is no redirect, or does not say where to
 * @throws RemoteError REMOTE_REDIRECT when it leads to another origin, or what it redirects is not a GET
 */
export function redirectTarget({ status, location }: Pointer, attempt: Attempt): URL | undefined {
  if (!REDIRECTS.includes(status) || location === undefined) return undefined;
  if (!URL.canParse(location, attempt.url.href)) throw refused('the server redirects it to what is no URL', attempt);
  const target = new URL(location, attempt.url);
  if (target.origin !== attempt.url.origin) {
    const origins = `from "${attempt.url.origin}" to "${target.origin}"`;
    throw refused(`the server redirects it ${origins}, where no token may go`, attempt, target.origin);
  }
  if (attempt.method !== 'GET') throw refused('the server redirects what can only be sent once', attempt);
  return target;
}

/** The error for a request that was redirected again and again. */
export function tooManyRedirects(attempt: Attempt): Error {
  return refused(`the server redirects it more than ${MAX_REDIRECTS} times`, attempt);
}

function refused(state: string, attempt: Attempt, target?: string): Error {
  const failure: Failure = {
    code: 'REMOTE_REDIRECT',
    state,
    hint: 'Write the URL that answers into the settings, or into the catalog of Keystone',
    isTransient: false,
  };
  return remoteError(failure, attempt, { details: target === undefined ? {} : { target } });
}
