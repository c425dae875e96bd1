// A reader that takes its time, and a server that ends the connection meanwhile: nothing of it is lost, and nothing fails
// where nobody can catch it. Vitest fails the run for an error in an event handler.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { get, NO_SIGNAL, useTransports } from '../../support/transports.ts';

const transport = useTransports();

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** How a connection ends: in order, or by a reset, as by a server that goes away with a request unread. */
type Ending = 'end' | 'reset';

/** A server that answers once and ends the connection; its URL, and a promise of when it has. */
async function serve(head: string, body: Uint8Array, ending: Ending): Promise<readonly [string, Promise<unknown>]> {
  const server = createServer({ pauseOnConnect: true });
  servers.push(server);
  const ended = once(server, 'connection').then(async ([socket]: Socket[]) => {
    socket?.on('error', () => undefined);
    if (ending === 'end') socket?.resume();
    // For the request to be there, read or not.
    await setTimeout(50);
    socket?.write(`HTTP/1.1 200 OK\r\n${head}Connection: close\r\n\r\n`);
    await new Promise((resolve) => socket?.write(body, resolve));
    if (ending === 'end') return void socket?.end();
    // For the body to be there first: a reset overtakes it.
    await setTimeout(50);
    socket?.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return [`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, ended];
}

/** Reads a body with a pause before the first byte. */
async function readLate(url: string, ended: Promise<unknown>): Promise<number> {
  const response = await transport({ timeouts: { connectSec: 5, headersSec: 5, stallSec: 5 } }).send(
    get(url),
    NO_SIGNAL,
  );
  await ended;
  // For the end to come all the way; it comes in time or the test shows nothing.
  await setTimeout(50);
  let length = 0;
  for await (const chunk of response.bytes()) length += chunk.length;
  return length;
}

// Where a chunk ends just where the reader has enough; others beside.
const SIZES = [65_536, 100_000, 131_072, 10_000, 262_144];

describe('a connection that ends while the reader takes its time', () => {
  for (const size of SIZES) {
    it(`gives all ${size} bytes when their length was told`, async () => {
      const body = Buffer.alloc(size, 'a');
      expect(await readLate(...(await serve(`Content-Length: ${size}\r\n`, body, 'end')))).toBe(size);
    });

    it(`gives all ${size} bytes when the end of the connection is that of the body`, async () => {
      expect(await readLate(...(await serve('', Buffer.alloc(size, 'a'), 'end')))).toBe(size);
    });

    it(`fails when ${size} bytes have come of more`, async () => {
      const served = await serve(`Content-Length: ${size + 1}\r\n`, Buffer.alloc(size, 'a'), 'end');
      await expect(readLate(...served)).rejects.toMatchObject({ code: 'REMOTE_CUT' });
    });
  }

  // More would not have been taken from the system when the reset comes, which tells that as an end.
  for (const size of SIZES.slice(0, 4)) {
    it(`fails when it is reset after ${size} bytes`, async () => {
      const served = await serve('', Buffer.alloc(size, 'a'), 'reset');
      await expect(readLate(...served)).rejects.toMatchObject({ code: 'REMOTE_CUT' });
    });
  }
});
