import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { drip, send, sendZeros, stallAfter } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import type { Answer } from '../../support/loopback-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { get, NO_SIGNAL, useTransports } from '../../support/transports.ts';

const server = useHttpServer();
const transport = useTransports();

const MiB = 1024 * 1024;

// What the kernel takes on a loopback before a sender must wait, and undici keeps before a reader asks.
const BUFFERS_BYTES = 24 * MiB;

/** An answer, and what of it the server has handed to the kernel. */
function watched(answer: Answer): { readonly answer: Answer; sentBytes(): number; closed(): Promise<unknown> } {
  let response: ServerResponse | undefined;
  let socket: ServerResponse['socket'] = null;
  return {
    answer: (request, its) => {
      response = its;
      socket = its.socket;
      return answer(request, its);
    },
    sentBytes: () => socket?.bytesWritten ?? 0,
    closed: async () => (response?.closed === false ? once(response, 'close') : undefined),
  };
}

describe('text', () => {
  it('takes 8 MiB of a success', async () => {
    server().answerWith(sendZeros(200, 8 * MiB));
    const response = await transport().send(get(server().origin), NO_SIGNAL);
    expect(await response.text()).toHaveLength(8 * MiB);
  });

  it('refuses more, and takes no more', async () => {
    const gigantic = watched(sendZeros(200, 2048 * MiB));
    server().answerWith(gigantic.answer);
    const response = await transport().send(get(`${server().origin}/v2/images`), NO_SIGNAL);
    expect(await rejectionOf(response.text())).toMatchObject({
      code: 'REMOTE_ANSWER',
      isTransient: false,
      message: `Cannot get "${server().origin}/v2/images": the answer is longer than 8388608 bytes`,
    });
    await gigantic.closed();
    expect(gigantic.sentBytes()).toBeLessThan(8 * MiB + BUFFERS_BYTES);
  });

  it('takes the first 64 KiB of an error, whatever its size', async () => {
    const gigantic = watched(sendZeros(503, 2048 * MiB));
    server().answerWith(gigantic.answer);
    const response = await transport().send(get(server().origin), NO_SIGNAL);
    expect(await response.text()).toHaveLength(64 * 1024);
    await gigantic.closed();
    expect(gigantic.sentBytes()).toBeLessThan(BUFFERS_BYTES);
  });

  it('gives up a text that drips for too long, though it never stalls', async () => {
    const dripping = watched(drip(Buffer.alloc(1000), 1, 100));
    server().answerWith(dripping.answer);
    const impatient = transport({ timeouts: { connectSec: 5, headersSec: 5, stallSec: 0.4 } });
    const response = await impatient.send(get(server().origin), NO_SIGNAL);
    expect(await rejectionOf(response.text())).toMatchObject({ code: 'REMOTE_STALLED', isTransient: true });
    await dripping.closed();
  });

  it('reads UTF-8, and what is none as well as it can', async () => {
    server().answerWith(send(500, Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff])));
    const response = await transport().send(get(server().origin), NO_SIGNAL);
    expect(await response.text()).toBe('a\ufffd');
  });
});

describe('bytes', () => {
  it('brings a body as it is, of whatever status and coding', async () => {
    const body = Buffer.from('not really gzip');
    server().answerWith(send(206, body, { 'content-encoding': 'gzip' }));
    const response = await transport().send(get(server().origin), NO_SIGNAL);
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.bytes()) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(body)).toBe(true);
  });

  it('brings what came before a standstill, then fails', async () => {
    server().answerWith(stallAfter(5, Buffer.from('0123456789')));
    const response = await transport().send(get(server().origin), NO_SIGNAL);
    const chunks: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of response.bytes()) chunks.push(chunk);
    })();
    expect(await rejectionOf(reading)).toMatchObject({ code: 'REMOTE_STALLED' });
    expect(Buffer.concat(chunks).toString()).toBe('01234');
  });

  it('goes on for as long as a body drips', async () => {
    server().answerWith(drip(Buffer.alloc(10), 1, 200));
    const response = await transport().send(get(server().origin), NO_SIGNAL);
    let sizeBytes = 0;
    for await (const chunk of response.bytes()) sizeBytes += chunk.length;
    expect(sizeBytes).toBe(10);
  });

  it('slows the server down, and does not take a slow reader for a stalled server', async () => {
    const sizeBytes = 64 * MiB;
    const large = watched(sendZeros(200, sizeBytes));
    server().answerWith(large.answer);
    const response = await transport().send(get(server().origin), NO_SIGNAL);
    // Twice the patience for a standstill, at the start and in the middle: time itself is what is tested.
    await setTimeout(2000);
    expect(large.sentBytes()).toBeLessThan(BUFFERS_BYTES);
    let readBytes = 0;
    let hasRested = false;
    for await (const chunk of response.bytes()) {
      readBytes += chunk.length;
      if (hasRested || readBytes < sizeBytes / 2) continue;
      hasRested = true;
      await setTimeout(2000);
      expect(large.sentBytes()).toBeLessThan(readBytes + BUFFERS_BYTES);
    }
    expect(readBytes).toBe(sizeBytes);
  });

  it('gives the connection up when the reader ends early', async () => {
    const endless = watched(sendZeros(200, 2048 * MiB));
    server().answerWith(endless.answer);
    const response = await transport().send(get(server().origin), NO_SIGNAL);
    for await (const _chunk of response.bytes()) break;
    await endless.closed();
    expect(endless.sentBytes()).toBeLessThan(BUFFERS_BYTES);
  });

  it("ends with the signal's reason when it is aborted between two chunks", async () => {
    const stalling = watched(stallAfter(5, Buffer.from('0123456789')));
    server().answerWith(stalling.answer);
    const controller = new AbortController();
    const response = await transport().send(get(server().origin), controller.signal);
    const reason = new Error('enough');
    const reading = (async () => {
      for await (const _chunk of response.bytes()) controller.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
    await stalling.closed();
  });

  it("ends with the signal's reason when it was aborted before the first chunk", async () => {
    server().answerWith(stallAfter(5, Buffer.from('0123456789')));
    const controller = new AbortController();
    const response = await transport().send(get(server().origin), controller.signal);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(response.bytes()[Symbol.asyncIterator]().next()).rejects.toBe(reason);
  });
});

describe('discard and close', () => {
  it('discard gives the connection up', async () => {
    const endless = watched(sendZeros(200, 2048 * MiB));
    server().answerWith(endless.answer);
    const response = await transport().send(get(server().origin), NO_SIGNAL);
    response.discard();
    await endless.closed();
    expect(endless.sentBytes()).toBeLessThan(BUFFERS_BYTES);
  });

  it('close ends connections whose bodies are being read', async () => {
    const stalling = watched(stallAfter(5, Buffer.from('0123456789')));
    server().answerWith(stalling.answer);
    const closing = transport();
    const response = await closing.send(get(server().origin), NO_SIGNAL);
    const chunks = response.bytes()[Symbol.asyncIterator]();
    await chunks.next();
    await closing.close();
    await expect(chunks.next()).rejects.toThrow();
    await stalling.closed();
  });

  it('close has nothing to do when nothing was sent', async () => {
    await expect(transport().close()).resolves.toBeUndefined();
  });
});
