/**
 * A real server on the loopback, scripted request by request. It knows nothing of vitest, so that benchmarks and
 * demonstrations may use it; tests take it from http-server.ts. What it can be made to answer is in http-answers.ts.
 */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request that has come, its body read. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers a request. What it throws fails the test. */
export type Answer = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

/** A server that runs. */
export class LoopbackServer {
  /** What has come so far, in order. */
  readonly requests: ReceivedRequest[] = [];
  /** What answers threw, and requests that no answer was given for. */
  readonly failures: unknown[] = [];
  /** Connections that clients have made so far. */
  connectionCount = 0;
  readonly #server: Server;
  readonly #scheme: string;
  #answers: readonly Answer[] = [];
  #answered = 0;

  /** A server that listens already; made by {@link startServer}. */
  constructor(server: Server, scheme: string) {
    this.#server = server;
    this.#scheme = scheme;
    server.on('request', (request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        this.failures.push(error);
        response.destroy();
      });
    });
    server.on('connection', () => {
      this.connectionCount += 1;
    });
  }

  get port(): number {
    return addressOf(this.#server).port;
  }

  /** Scheme, host and port, without a slash at the end. */
  get origin(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  /** Gives the answers to the requests from now on, in their order; the last one is repeated. */
  answerWith(...answers: readonly Answer[]): void {
    this.#answers = answers;
    this.#answered = 0;
  }

  /** The only request that has come. */
  get onlyRequest(): ReceivedRequest {
    const [request, ...others] = this.requests;
    if (request === undefined || others.length > 0) {
      throw new Error(`Expected one request, ${this.requests.length} came`);
    }
    return request;
  }

  /** Ends all connections, also those that wait for an answer, and frees the port. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: await text(incoming),
    };
    this.requests.push(request);
    const answer = this.#answers[Math.min(this.#answered, this.#answers.length - 1)];
    this.#answered += 1;
    if (answer === undefined) throw new Error(`No answer was given for ${request.method} ${request.url}`);
    await answer(request, response);
  }
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen');
  return address;
}

/**
 * Starts a server on a free port of 127.0.0.1. Whoever starts it closes it.
 *
 * @param tls key and certificate, as `TLS` of tls.ts has them; plain HTTP when undefined
 */
export async function startServer(tls?: ServerOptions): Promise<LoopbackServer> {
  const server = tls === undefined ? createServer() : createTlsServer(tls);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new LoopbackServer(server, tls === undefined ? 'http' : 'https');
}
