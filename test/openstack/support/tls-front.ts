import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KeyPair } from '../../support/tls.ts';

/** A TLS terminator before a service that speaks HTTP only, as load balancers are. */
export interface TlsFront {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** Requests that came through, as `METHOD path`, with the range that was asked for behind it. */
  readonly requests: readonly string[];
  /** Breaks all connections; new ones are taken. */
  cut(): void;
  close(): Promise<void>;
}

/** Puts a terminator before a service. It asks for a client's certificate where it is given an authority for those. */
export async function startTlsFront(
  target: string,
  { cert, key, clientCa }: KeyPair & { readonly clientCa?: string },
): Promise<TlsFront> {
  const { hostname, port } = new URL(target);
  const requests: string[] = [];
  const demands = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  const server = createServer({ cert, key, ...demands }, (incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    requests.push([method, path, headers.range].filter((text) => text !== undefined).join(' '));
    const onward = httpRequest({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    cut: () => server.closeAllConnections(),
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
