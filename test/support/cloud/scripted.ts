/**
 * Answers put before those of a loopback cloud: each request that is meant gets the next one, and the cloud itself goes
 * on once there is none left.
 */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Answer } from '../loopback-server.ts';
import type { Cloud, CloudRequest } from './cloud.js';

/** Which requests are meant. */
export type Which = (request: CloudRequest) => boolean;

/** A request for a token. */
export const isLogin: Which = ({ service, method }) => service === 'keystone' && method === 'POST';

/** A request for the bytes of any image. */
export const isDownload: Which = ({ service, path }) => service === 'glance' && path.endsWith('/file');

/** A request for what Glance knows of any image. */
export const isLookup: Which = ({ service, path }) => service === 'glance' && /\/images\/[^/]+$/.test(path);

/** The kinds of requests that fetching an image takes, in their order. */
export const REQUESTS: Readonly<Record<string, Which>> = {
  login: isLogin,
  'look at the image': isLookup,
  download: isDownload,
};

/** Those of the requests that concern one image. */
export function ofImage(imageId: string, which: Which): Which {
  return (request) => request.path.includes(imageId) && which(request);
}

/** The headers of the requests that have come, of those that are meant. */
export function headersOf({ requests }: Pick<Cloud, 'requests'>, which: Which): readonly IncomingHttpHeaders[] {
  return requests.filter(which).map(({ headers }) => headers);
}

/**
 * Gives the next requests these answers, one each.
 *
 * @returns how many of the answers are still to be given
 */
export function answerNext(cloud: Cloud, which: Which, ...answers: readonly Answer[]): () => number {
  const left = [...answers];
  cloud.intercept(async (request, response) => {
    const answer = which(request) ? left.shift() : undefined;
    if (answer === undefined) return false;
    await answer(received(request), response);
    return true;
  });
  return () => left.length;
}

/**
 * Gives all requests the same answer.
 *
 * @returns ends that
 */
export function answerAll(cloud: Cloud, which: Which, answer: Answer): () => void {
  return cloud.intercept(async (request, response) => {
    if (!which(request)) return false;
    await answer(received(request), response);
    return true;
  });
}

/** Does something before each of the requests that are meant is answered. */
export function before(
  cloud: Cloud,
  which: Which,
  act: (request: CloudRequest, response: ServerResponse) => void,
): void {
  cloud.intercept((request, response) => {
    if (which(request)) act(request, response);
    return false;
  });
}

function received({ method, path, query, headers, body }: CloudRequest): Parameters<Answer>[0] {
  const search = query.toString();
  return { method, url: search === '' ? path : `${path}?${search}`, headers, body };
}
