/**
 * A forward proxy on the loopback: passes plain requests on, tunnels for CONNECT.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { afterEach, beforeEach } from 'vitest';

/** A proxy that runs. */
export class ProxyServer {
  /** What it was asked for: `CONNECT 127.0.0.1:443`, `GET http://127.0.0.1/v3`. */
  readonly asked: string[] = [];
  /** The header `Proxy-Authorization` of each request. */
  readonly credentials: (string | undefined)[] = [];
  /** Refuses everything with this status instead. */
  refusal: number | undefined;
  /** Takes connections and requests, and never answers. */
  isSilent = false;
  readonly #server: Server;
  readonly #tunnels = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
    server.on('request', (incoming, response) => this.#pass(incoming, response));
    server.on('connect', (incoming, socket) => this.#tunnel(incoming, socket as Socket));
  }

  get authority(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get origin(): string {
    return `http://${this.authority}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#tunnels) socket.destroy();
    await closed;
  }

  #note(incoming: IncomingMessage): void {
    this.asked.push(`${incoming.method} ${incoming.url}`);
    this.credentials.push(incoming.headers['proxy-authorization']);
  }

  #pass(incoming: IncomingMessage, response: ServerResponse): void {
    this.#note(incoming);
    if (this.isSilent) return;
    if (this.refusal !== undefined) {
      response.writeHead(this.refusal).end('refused');
      return;
    }
    const { 'proxy-authorization': _ours, ...headers } = incoming.headers;
    const onward = request(incoming.url ?? '', { method: incoming.method ?? 'GET', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, response, () => {});
    });
    onward.on('error', () => response.writeHead(502).end());
    incoming.pipe(onward);
  }

  #tunnel(incoming: IncomingMessage, socket: Socket): void {
    this.#note(incoming);
    this.#keep(socket);
    if (this.isSilent) return;
    if (this.refusal !== undefined) {
      socket.end(`HTTP/1.1 ${this.refusal} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host = '', port] = (incoming.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    this.#keep(onward);
  }

  #keep(socket: Socket): void {
    this.#tunnels.add(socket);
    socket.on('error', () => {});
  }
}

/** A fresh proxy for every test of a file; closed after it. */
export function useProxy(): () => ProxyServer {
  let proxy: ProxyServer | undefined;
  beforeEach(async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = new ProxyServer(server);
  });
  afterEach(async () => {
    await proxy?.close();
    proxy = undefined;
  });
  return () => {
    if (proxy === undefined) throw new Error('There is a proxy only while a test runs');
    return proxy;
  };
}
