/**
 * What undici, Node and OpenSSL throw, told as errors of the toolkit: by code, at the one place that sees them.
 */

import { type RemoteCode, RemoteError, type RemoteExtras } from '../errors/cache-error.ts';
import { isSystemError } from '../errors/errno.ts';
import { shellWord } from '../errors/next-step.ts';
import { isTlsCode, tlsFailure } from './tls-errors.ts';
import type { HttpMethod } from './transport.ts';
import { shownUrl } from './url.ts';

/** A request, as errors tell of it. */
export interface Attempt {
  readonly method: HttpMethod;
  readonly url: URL;
  /** The proxy that the request takes. */
  readonly proxy: URL | undefined;
}

/** What a failure means. */
export interface Failure {
  readonly code: RemoteCode;
  readonly state: string;
  readonly hint: string;
  /** Whether the same request may succeed a moment later. */
  readonly isTransient: boolean;
}

// What getaddrinfo and connect say. A host that is out of reach may be back in a moment: it boots, or DNS does.
const UNREACHABLE = new Map([
  ['ECONNREFUSED', 'the connection was refused'],
  ['ENOTFOUND', 'the name of the host is not known'],
  ['EAI_AGAIN', 'the name of the host cannot be looked up now'],
  ['EHOSTUNREACH', 'there is no way to the host'],
  ['ENETUNREACH', 'there is no way to the network of the host'],
  ['ETIMEDOUT', 'the host did not take the connection in time'],
  ['UND_ERR_CONNECT_TIMEOUT', 'the host did not take the connection in time'],
]);

const STALLED = new Map([
  ['UND_ERR_HEADERS_TIMEOUT', 'no answer came in time'],
  ['UND_ERR_BODY_TIMEOUT', 'the answer came to a standstill'],
]);

const WRONG_LENGTH = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';

const CUT = ['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'UND_ERR_SOCKET', WRONG_LENGTH];

// Of headers that are malformed: a 101 that nobody has asked for meets an assertion in undici's parser. Before there are
// headers, only malformed ones make undici say that the length is wrong.
const MALFORMED_HEADERS = ['ERR_ASSERTION', WRONG_LENGTH];

// What undici says when a proxy answers CONNECT with anything but 200, or another request with 407.
const REFUSED_BY_PROXY = ['UND_ERR_ABORTED', 'UND_ERR_INVALID_ARG'];

const VERBS: Readonly<Record<HttpMethod, string>> = { GET: 'get', POST: 'post to', PUT: 'put', DELETE: 'delete' };

/** What was waited for when something failed. */
export type Phase = 'headers' | 'body';

/**
 * The error to raise for what a request, or the reading of its answer, threw.
 *
 * @returns a {@link RemoteError}, or the value itself when it is not about the network
 */
export function fromNetwork(error: unknown, attempt: Attempt, phase: Phase): unknown {
  if (!(error instanceof Error)) return error;
  // Its code is missing. It holds what came, headers with tokens in them: it is no cause to keep.
  if (error.name === 'HTTPParserError') return remoteError(parserFailure(error), attempt);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const failure = failureOf({ error, code, phase }, attempt);
  return failure === undefined ? error : remoteError(failure, attempt, { details: { error: code }, cause: error });
}

/** The command that shows what a server answers; the path alone, as a query may hold what nobody else is to know. */
function probe({ url, proxy }: Attempt): string {
  const through = proxy === undefined ? '' : `--proxy ${shellWord(proxy.origin)} `;
  return `curl -i ${through}${shellWord(shownUrl(url))}`;
}

/** An error about a request. */
export function remoteError(failure: Failure, attempt: Attempt, extras: RemoteExtras = {}): RemoteError {
  const url = shownUrl(attempt.url);
  const through = attempt.proxy === undefined ? '' : ` through the proxy "${attempt.proxy.origin}"`;
  const proxy = attempt.proxy === undefined ? {} : { proxy: attempt.proxy.origin };
  return new RemoteError(failure.code, `Cannot ${VERBS[attempt.method]} "${url}"${through}: ${failure.state}`, {
    ...extras,
    hint: failure.code === 'REMOTE_TLS' ? failure.hint : `${failure.hint}: ${probe(attempt)}`,
    isTransient: failure.isTransient,
    details: { url, ...proxy, ...extras.details },
  });
}

interface Thrown {
  readonly error: Error;
  readonly code: string;
  readonly phase: Phase;
}

function failureOf({ error, code, phase }: Thrown, attempt: Attempt): Failure | undefined {
  if (isTlsCode(code)) return tlsFailure(error, code, attempt.url);
  if (attempt.proxy !== undefined && REFUSED_BY_PROXY.includes(code)) {
    return unreachable('the proxy does not pass it on', 'See what the proxy allows, or name the host in no_proxy');
  }
  const state = UNREACHABLE.get(code);
  if (state !== undefined) return unreachable(`${state} (${code})`);
  const standstill = STALLED.get(code);
  if (standstill !== undefined) return stalled(standstill);
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || (phase === 'headers' && MALFORMED_HEADERS.includes(code)))
    return malformed();
  if (CUT.includes(code)) return cut();
  if (!isSystemError(error)) return undefined;
  // What else a firewall or a network may make of a system call.
  return error.syscall === 'read' || error.syscall === 'write' ? cut() : unreachable(`no connection (${code})`);
}

function unreachable(state: string, hint = 'Check the URL, and that the server runs and can be reached'): Failure {
  return { code: 'REMOTE_UNREACHABLE', state, hint, isTransient: true };
}

/** A server that says nothing for too long. */
export function stalled(state: string): Failure {
  const hint = 'See whether the server is overloaded, or a firewall drops what it sends';
  return { code: 'REMOTE_STALLED', state, hint, isTransient: true };
}

/** The parser stops at a byte it does not take; at the end of a connection, in the middle of an answer, there is none. */
function parserFailure(error: Error): Failure {
  return 'data' in error && error.data === '' ? cut() : malformed();
}

function cut(): Failure {
  return {
    code: 'REMOTE_CUT',
    state: 'the connection ended before the answer was complete',
    hint: 'Run it again; if it fails again, look at the log of the server and of what stands before it',
    isTransient: true,
  };
}

function malformed(): Failure {
  return {
    code: 'REMOTE_ANSWER',
    state: 'the answer is no proper HTTP',
    hint: 'Check the URL, above all its port: something else may listen there',
    isTransient: false,
  };
}
