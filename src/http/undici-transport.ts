/**
 * The transport, on undici: HTTP/1.1 without retries and decompression, one connection per running request. What a
 * server asks for comes from the settings alone: undici would read the environment by itself.
 */
import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import type * as Undici from 'undici';
import type { Dispatcher } from 'undici';
import { Body, TEXT_BOUNDS } from './body.ts';
import { checkHeaders } from './check-headers.ts';
import { type Attempt, fromNetwork } from './errors.ts';
import { holdEnd } from './held-end.ts';
import { type ProxySettings, proxyFor } from './proxies.ts';
import { ReadBuffers } from './read-buffers.ts';
import { MAX_REDIRECTS, redirectTarget, tooManyRedirects } from './redirect.ts';
import { systemAuthorities, type TlsContext, tlsContext } from './tls-context.ts';
import type { TlsSettings } from './tls-settings.ts';
import type { HttpRequest, HttpResponse, Transport } from './transport.ts';
import type * as Parts from './undici-parts.ts';
import { parseUrl } from './url.ts';

/** How long to wait for a server. */
export interface Timeouts {
  /** For a connection, TLS included, seconds. */
  readonly connectSec: number;
  /** For the headers of an answer, seconds. */
  readonly headersSec: number;
  /** For the next bytes of a body, seconds. A reader that takes its time is none of it. */
  readonly stallSec: number;
}

/** How to talk to servers. */
export interface TransportOptions {
  readonly tls: TlsSettings;
  readonly proxies: ProxySettings;
  readonly timeouts: Timeouts;
  /** As in `glance-cache-tools/1.0.0`. */
  readonly userAgent: string;
  /** What to trust where the settings do not say, in PEM; what this system trusts if not given. */
  readonly authorities?: () => string | undefined;
}

// Text must be there within this many times the time for a standstill.
const TEXT_STALLS = 5;

/**
 * A transport. Nothing is loaded or opened before the first request.
 *
 * Its `send` throws beside what the port says: ConfigError CONFIG_ENDPOINT for a URL that is none, CONFIG_VALUE for a
 * proxy, CONFIG_TLS for certificates, CONFIG_CREDENTIALS for headers that cannot be used.
 */
export function createTransport(options: TransportOptions): Transport {
  return new UndiciTransport(options);
}

/** What an answer is an answer to. */
interface Answered {
  /** After redirects. */
  readonly url: URL;
  readonly maxBytes: number | undefined;
}

/** What a connection without TLS is made with. */
interface PlainOptions {
  readonly timeout: number;
  readonly signal: AbortSignal;
}

class UndiciTransport implements Transport {
  readonly #options: TransportOptions;
  readonly #dispatchers = new Map<string, Dispatcher>();
  // Ends connections that are still being made: undici would wait for them.
  readonly #closing = new AbortController();
  readonly #readBuffers = new ReadBuffers();
  #tls: TlsContext | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    // As many as there are connections.
    setMaxListeners(0, this.#closing.signal);
  }

  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    // Every running request listens to it, and Node warns of a leak at eleven.
    setMaxListeners(0, signal);
    let url = parseUrl(request.url);
    for (let redirects = 0; ; redirects += 1) {
      const attempt = { method: request.method, url, proxy: proxyFor(url, this.#options.proxies) };
      const answer = await this.#answerTo(request, attempt, signal);
      const body = new Body(answer.body, { attempt, signal, readBuffers: this.#readBuffers });
      const pointer = { status: answer.statusCode, location: firstOf(answer.headers['location']) };
      try {
        const target = redirectTarget(pointer, attempt);
        if (target === undefined) return this.#responseOf(answer, body, { url, maxBytes: request.maxTextBytes });
        if (redirects === MAX_REDIRECTS) throw tooManyRedirects(attempt);
        url = target;
      } catch (error) {
        body.discard();
        throw error;
      }
      body.discard();
    }
  }

  async close(): Promise<void> {
    const dispatchers = [...this.#dispatchers.values()];
    this.#dispatchers.clear();
    this.#closing.abort();
    // Not close(): that waits for answers, and the one who closes no longer wants them.
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.destroy()));
  }

  async #answerTo(request: HttpRequest, attempt: Attempt, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { timeouts, userAgent } = this.#options;
    const headers = { 'user-agent': userAgent, 'accept-encoding': 'identity', ...request.headers };
    checkHeaders(headers);
    signal.throwIfAborted();
    const dispatcher = await this.#dispatcherFor(attempt);
    const answer = dispatcher.request({
      origin: attempt.url.origin,
      path: `${attempt.url.pathname}${attempt.url.search}`,
      method: request.method,
      headers,
      body: request.body ?? null,
      signal,
      reset: request.closes ?? false,
      // Here, not with the dispatcher: undici does not hand them on to the one it makes for a proxy.
      headersTimeout: (request.headersSec ?? timeouts.headersSec) * 1000,
      bodyTimeout: timeouts.stallSec * 1000,
      // One chunk at a time: of several undici would make a new one, and none of their buffers could be used again.
      highWaterMark: 0,
    });
    try {
      return await unlessAborted(answer, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw fromNetwork(error, attempt, 'headers');
    }
  }

  #responseOf(answer: Dispatcher.ResponseData, body: Body, { url, maxBytes }: Answered): HttpResponse {
    const isSuccess = answer.statusCode >= 200 && answer.statusCode < 300;
    const maxSec = this.#options.timeouts.stallSec * TEXT_STALLS;
    const bounds = { ...TEXT_BOUNDS, maxBytes: maxBytes ?? TEXT_BOUNDS.maxBytes, maxSec };
    return {
      status: answer.statusCode,
      // Without the user that may stand in it.
      url: `${url.origin}${url.pathname}${url.search}`,
      header: (name) => firstOf(answer.headers[name]),
      text: () => body.text(isSuccess, bounds),
      bytes: () => body.bytes(),
      discard: () => body.discard(),
    };
  }

  async #dispatcherFor({ url, proxy }: Attempt): Promise<Dispatcher> {
    // Loading undici takes a third of the time that starting Node does, and most runs find nothing to fetch.
    const undici = await import('./undici-parts.ts');
    const key = `${url.protocol} ${proxy?.href ?? ''}`;
    const dispatcher = this.#dispatchers.get(key) ?? this.#dispatcher(undici, url.protocol === 'https:', proxy);
    this.#dispatchers.set(key, dispatcher);
    return dispatcher;
  }

  #dispatcher({ Agent, buildConnector, Pool, ProxyAgent }: typeof Parts, isSecure: boolean, proxy?: URL): Dispatcher {
    const { connectSec, headersSec } = this.#options.timeouts;
    const plain: PlainOptions = { timeout: connectSec * 1000, signal: this.#closing.signal };
    const secure = isSecure || proxy?.protocol === 'https:' ? { ...plain, ...this.#tlsContext() } : plain;
    if (proxy === undefined) {
      const connector = isSecure ? buildConnector(secure) : this.#plainConnector(buildConnector, plain);
      return new Agent({ connect: keepingErrors(connector), allowH2: false });
    }
    return new ProxyAgent({
      uri: proxy.href,
      requestTls: secure,
      proxyTls: secure,
      // Plain requests go the plain way: many proxies tunnel to port 443 only.
      proxyTunnel: false,
      factory: (origin, options: Undici.Pool.Options) => {
        const { connect } = options;
        return new Pool(
          origin,
          typeof connect === 'function' ? { ...options, connect: keepingErrors(connect) } : options,
        );
      },
      clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: headersSec * 1000 }),
      allowH2: false,
    });
  }

  /** Not for TLS, which hands out 16 KiB at a time whatever the buffer. */
  #plainConnector(
    buildConnector: typeof Undici.buildConnector,
    options: PlainOptions,
  ): Undici.buildConnector.connector {
    return (target, callback) => {
      let socket: Socket | undefined;
      const onread = this.#readBuffers.onread(() => socket);
      // Nothing is read ahead: the kernel keeps it as well, and gives more at once.
      const reading = { ...options, onread, highWaterMark: 0 };
      buildConnector(reading)(target, (...result) => {
        socket = result[1] ?? undefined;
        callback(...result);
      });
    };
  }

  #tlsContext(): TlsContext {
    this.#tls ??= tlsContext(this.#options.tls, this.#options.authorities ?? systemAuthorities);
    return this.#tls;
  }
}

/**
 * A server that refuses this client's certificate says so after the handshake, and ends the connection. undici would tell
 * of the end only, because that comes last.
 */
function keepingErrors(connector: Undici.buildConnector.connector): Undici.buildConnector.connector {
  return (options, callback) =>
    connector(options, (...result) => {
      const [, socket] = result;
      socket?.once('error', (error: Error) => socket.destroy(error));
      if (socket?.destroyed === false) holdEnd(socket);
      callback(...result);
    });
}

/** A header, the first where it came more than once. */
function firstOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'object' ? header[0] : header;
}

/** What a promise brings, or the signal's reason as soon as it is aborted: undici hears of it after connecting only. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
