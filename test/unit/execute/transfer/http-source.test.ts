import { describe, expect, test } from 'vitest';
import { httpSource } from '../../../../src/execute/transfer/http-source.ts';
import { contentOf } from '../../../support/cloud/contents.js';
import { cutAfter, sendChunked, sendZeros, stallAfter } from '../../../support/http-answers.ts';
import { useHttpServer } from '../../../support/http-server.ts';
import { rejectionOf } from '../../../support/thrown.ts';
import { turns } from '../../../support/transfers.ts';
import { get, NO_SIGNAL, useTransports } from '../../../support/transports.ts';

const server = useHttpServer();
const transport = useTransports();

/** Chunks, and what becomes of whoever gives them. */
class Chunks implements AsyncIterable<Uint8Array> {
  readonly #chunks: readonly Uint8Array[];
  readonly #end: () => Promise<void>;
  givenChunks = 0;
  isGivenUp = false;

  constructor(texts: readonly string[], end: () => Promise<void> = async () => undefined) {
    this.#chunks = texts.map((text) => Buffer.from(text));
    this.#end = end;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (const chunk of this.#chunks) {
        this.givenChunks++;
        yield chunk;
      }
      await this.#end();
    } finally {
      this.isGivenUp = true;
    }
  }
}

/** What the reads give that come one after the other, the end included. */
async function readAll(chunks: AsyncIterable<Uint8Array>, targetBytes: number): Promise<readonly string[]> {
  const source = httpSource(chunks);
  const reads: string[] = [];
  const target = Buffer.alloc(targetBytes);
  for (let length = -1; length !== 0; ) {
    length = await source.read(target);
    reads.push(target.toString('utf8', 0, length));
  }
  return reads;
}

describe('httpSource()', () => {
  test('gives chunks as they are, and those that are longer than what is to be filled in pieces', async () => {
    expect(await readAll(new Chunks(['ab', 'c', 'defgh']), 3)).toEqual(['ab', 'c', 'def', 'gh', '']);
  });

  test('does not take an empty chunk for the end', async () => {
    expect(await readAll(new Chunks(['', 'ab', '', '', 'c', '']), 3)).toEqual(['ab', 'c', '']);
  });

  test('ends at once when there is nothing', async () => {
    expect(await readAll(new Chunks([]), 3)).toEqual(['']);
  });

  test('stays at its end', async () => {
    const source = httpSource(new Chunks(['a']));
    const target = Buffer.alloc(3);
    const lengths = [await source.read(target), await source.read(target), await source.read(target)];
    expect(lengths).toEqual([1, 0, 0]);
  });

  test('asks for no chunk before it is wanted', async () => {
    const chunks = new Chunks(['abc', 'd']);
    const source = httpSource(chunks);
    await turns(1);
    expect(chunks.givenChunks).toBe(0);
    for (let read = 0; read < 3; read++) await source.read(Buffer.alloc(1));
    expect(chunks.givenChunks).toBe(1);
  });

  test('fails with what the chunks fail with, after all that came before, and has ended then', async () => {
    const fault = new Error('cut');
    const source = httpSource(new Chunks(['abc'], () => Promise.reject(fault)));
    const target = Buffer.alloc(2);
    expect([await source.read(target), await source.read(target)]).toEqual([2, 1]);
    expect(await rejectionOf(source.read(target))).toBe(fault);
    expect(await source.read(target)).toBe(0);
    await source.close();
  });

  test('close() gives the chunks up, those that were begun too', async () => {
    const chunks = new Chunks(['abc', 'd']);
    const source = httpSource(chunks);
    await source.read(Buffer.alloc(1));
    await source.close();
    expect(chunks.isGivenUp).toBe(true);
    expect(await source.read(Buffer.alloc(1))).toBe(0);
    await source.close();
  });

  test('close() does not wait for a read that hangs, and does not fail when giving up does', async () => {
    const hanging = httpSource(new Chunks([], () => new Promise(() => undefined)));
    void hanging.read(Buffer.alloc(1));
    await turns(1);
    await hanging.close();

    const failing = httpSource({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: Buffer.from('a') }),
        return: () => Promise.reject(new Error('fault')),
      }),
    });
    await failing.read(Buffer.alloc(1));
    await failing.close();
  });

  test('close() does without chunks that can be given up', async () => {
    const source = httpSource({
      [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
    });
    await source.close();
    expect(await source.read(Buffer.alloc(1))).toBe(0);
  });
});

describe('httpSource() of an answer', () => {
  const CONTENT = contentOf('http', 300_000);

  test('gives the bytes of the body', async () => {
    server().answerWith(sendChunked(200, [CONTENT.subarray(0, 100_001), CONTENT.subarray(100_001)]));
    const response = await transport().send(get(`${server().origin}/file`), NO_SIGNAL);
    const source = httpSource(response.bytes());
    const got = Buffer.alloc(CONTENT.length);
    let length = 0;
    for (let more = -1; more !== 0; length += more) {
      more = await source.read(got.subarray(length, length + 7000));
      if (length === got.length) break;
    }
    await source.close();
    expect(got.equals(CONTENT)).toBe(true);
  });

  test('fails as the transport does when the body is cut, or stalls', async () => {
    for (const answer of [cutAfter(10, CONTENT), stallAfter(10, CONTENT)]) {
      server().answerWith(answer);
      const response = await transport().send(get(`${server().origin}/file`), NO_SIGNAL);
      const source = httpSource(response.bytes());
      expect(await source.read(Buffer.alloc(100))).toBe(10);
      expect(await rejectionOf(source.read(Buffer.alloc(100)))).toMatchObject({
        code: expect.stringMatching(/^REMOTE_(CUT|STALLED)$/) as unknown,
      });
      await source.close();
    }
  });

  test('close() ends the connection of a body that is not read to its end', async () => {
    const closed = new Promise<void>((resolve) => {
      server().answerWith((request, response) => {
        response.on('close', resolve);
        return sendZeros(200, 100 * 1024 * 1024)(request, response);
      });
    });
    const response = await transport().send(get(`${server().origin}/file`), NO_SIGNAL);
    const source = httpSource(response.bytes());
    await source.read(Buffer.alloc(10));
    await source.close();
    await closed;
  });
});
