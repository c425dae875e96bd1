/**
 * Requests over HTTP, as a port. Statuses are for the caller to judge; what keeps an answer from coming, or from coming
 * whole, is an error.
 */

/** What a request wants. */
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One request. */
export interface HttpRequest {
  readonly method: HttpMethod;
  /** Absolute. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /**
   * Closes the connection after the answer, so that requests of which each says so never share one: behind a load
   * balancer a connection that is kept leads to the same server every time.
   */
  readonly closes?: boolean;
  /** Until the headers of the answer must have come, seconds; what the transport was made with if not given. */
  readonly headersSec?: number;
  /** How long an answer may be that is taken as text, bytes; 8 MiB if not given. */
  readonly maxTextBytes?: number;
}

/** An answer whose headers have come. One of `text`, `bytes` and `discard` must be called. */
export interface HttpResponse {
  readonly status: number;
  /** The URL that answered: another path of the same origin after a redirect. */
  readonly url: string;
  /**
   * A header; the first one where there are several.
   *
   * @param name in lower case
   */
  header(name: string): string | undefined;
  /**
   * The body as text; of an answer that is no success the beginning only.
   *
   * @throws RemoteError REMOTE_ANSWER when it is longer than any answer of these services is; REMOTE_CUT, REMOTE_STALLED
   */
  text(): Promise<string>;
  /**
   * The body, chunk by chunk as it comes, each of them good until the next one is asked for; a slow consumer slows the
   * sender down. It ends without an error when HTTP
   * calls it complete, which need not mean that it is: glance-api sends some downloads without a length.
   *
   * @throws RemoteError REMOTE_CUT, REMOTE_STALLED
   */
  bytes(): AsyncIterable<Uint8Array>;
  /** Gives the body up, and with it the connection. */
  discard(): void;
}

/** Sends requests. */
export interface Transport {
  /**
   * Sends a request. A GET follows redirects within its origin; others are refused, so that no token leaves it.
   *
   * @param signal ends the request, or the reading of its body, with the signal's reason
   * @throws RemoteError REMOTE_UNREACHABLE, REMOTE_TLS, REMOTE_STALLED, REMOTE_CUT, REMOTE_REDIRECT, REMOTE_ANSWER
   */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
  /** Closes all connections. */
  close(): Promise<void>;
}
