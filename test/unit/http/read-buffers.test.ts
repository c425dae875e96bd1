import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ReadBuffers } from '../../../src/http/read-buffers.ts';
import { send, sendChunked } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import { get, NO_SIGNAL, useTransports } from '../../support/transports.ts';

const server = useHttpServer();
const transport = useTransports();

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const each of servers.splice(0)) each.close();
});

/** A connection that reads into the buffers; gives what is read of a text that the other side writes. */
async function connection(buffers: ReadBuffers): Promise<(text: string) => Promise<Uint8Array>> {
  const listener = createServer();
  servers.push(listener);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const client: Socket = connect({ port, host: '127.0.0.1', onread: buffers.onread(() => client) });
  const [peer] = (await once(listener, 'connection')) as [Socket];
  sockets.push(client, peer);
  return async (text) => {
    const data = once(client, 'data') as Promise<[Uint8Array]>;
    peer.write(text);
    const [chunk] = await data;
    return chunk;
  };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

describe('giveBack', () => {
  it('has a buffer used again when the bytes are all that was read into it', async () => {
    const buffers = new ReadBuffers();
    const read = await connection(buffers);
    const first = await read('the first');
    buffers.giveBack(first);
    // The next buffer is at hand before the one before it can be given back.
    expect(text(await read('the second'))).toBe('the second');
    const third = await read('the third');
    expect(text(third)).toBe('the third');
    expect(third.buffer).toBe(first.buffer);
  });

  it('has none used again when the bytes are only some of those that were read into it', async () => {
    const buffers = new ReadBuffers();
    const read = await connection(buffers);
    const first = await read('header, body');
    buffers.giveBack(first.subarray(8));
    await read('the second');
    const third = await read('the third');
    expect(third.buffer).not.toBe(first.buffer);
    expect(text(first)).toBe('header, body');
  });

  it('has a buffer used again once when it is given back twice', async () => {
    const buffers = new ReadBuffers();
    const read = await connection(buffers);
    const first = await read('the first');
    buffers.giveBack(first);
    buffers.giveBack(first);
    await read('the second');
    const third = await read('the third');
    const fourth = await read('the fourth');
    expect(fourth.buffer).not.toBe(third.buffer);
    expect(text(third)).toBe('the third');
  });

  it('leaves bytes alone that were never read into a buffer', async () => {
    const buffers = new ReadBuffers();
    const stranger = Buffer.alloc(10);
    buffers.giveBack(stranger);
    const read = await connection(buffers);
    expect((await read('the first')).buffer).not.toBe(stranger.buffer);
  });
});

describe('bytes', () => {
  const MiB = 1024 * 1024;
  const contents = [1, 2, 3].map((seed) =>
    Buffer.from(Uint8Array.from({ length: 8 * MiB }, (_, i) => i * seed + (i >> 8))),
  );

  for (const [what, answer] of [
    ['of a known length', send],
    ['in chunks', (status: number, content: Uint8Array) => sendChunked(status, [content, content.subarray(0, 0)])],
  ] as const) {
    it(`brings bodies ${what} as they are when several are read in turn through the same buffers`, async () => {
      server().answerWith((request, response) => {
        const content = contents[Number(request.url.slice(1))] ?? Buffer.from('short');
        return answer(200, content)(request, response);
      });
      const transporter = transport();
      const hashes = await Promise.all(
        contents.map(async (_, i) => {
          const hash = createHash('sha256');
          const response = await transporter.send(get(`${server().origin}/${i}`), NO_SIGNAL);
          let pieces = 0;
          for await (const chunk of response.bytes()) {
            hash.update(chunk);
            // Others come and go meanwhile, and keep what they have read.
            if (pieces++ % 8 === 0) {
              const other = await transporter.send(get(`${server().origin}/other`), NO_SIGNAL);
              expect(await other.text()).toBe('short');
            }
          }
          return hash.digest('hex');
        }),
      );
      expect(hashes).toEqual(contents.map((content) => createHash('sha256').update(content).digest('hex')));
    });
  }
});
