import { describe, expect, it } from 'vitest';
import { RemoteError } from '../../../src/errors/cache-error.ts';
import {
  cutAfter,
  neverAnswer,
  reset,
  send,
  sendChunked,
  sendRaw,
  sendUntilClose,
  stallAfter,
} from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import { startServer } from '../../support/loopback-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { get, NO_SIGNAL, useTransports } from '../../support/transports.ts';

const server = useHttpServer();
const transport = useTransports();

const IMPATIENT = { connectSec: 5, headersSec: 1, stallSec: 1 };

async function sendError(): Promise<unknown> {
  return rejectionOf(transport({ timeouts: IMPATIENT }).send(get(`${server().origin}/v2`), NO_SIGNAL));
}

async function textError(): Promise<unknown> {
  const response = await transport().send(get(`${server().origin}/v2`), NO_SIGNAL);
  return rejectionOf(response.text());
}

describe('send', () => {
  it('says that the connection was refused when nothing listens', async () => {
    const gone = await startServer();
    const { origin } = gone;
    await gone.close();
    const error = await rejectionOf(transport().send(get(`${origin}/v3`), NO_SIGNAL));
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      isTransient: true,
      message: `Cannot get "${origin}/v3": the connection was refused (ECONNREFUSED)`,
      details: { url: `${origin}/v3`, error: 'ECONNREFUSED' },
    });
  });

  it('says that a connection was cut when it is reset, or ends, before the answer', async () => {
    server().answerWith(reset(), sendRaw(''), sendRaw('HTTP/1.1 200 OK\r\ncontent-le'));
    for (let i = 0; i < 3; i += 1) {
      expect(await sendError()).toMatchObject({
        code: 'REMOTE_CUT',
        isTransient: true,
        message: expect.stringContaining(`Cannot get "${server().origin}/v2": the connection ended`) as string,
      });
    }
  });

  it('says that a server stalls when no headers come in time', async () => {
    server().answerWith(neverAnswer());
    expect(await sendError()).toMatchObject({
      code: 'REMOTE_STALLED',
      isTransient: true,
      message: `Cannot get "${server().origin}/v2": no answer came in time`,
    });
  });

  it.each([
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a status that is no number', 'HTTP/1.1 OK\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n'],
    ['another protocol that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\n\r\nxyz'],
    ['headers without end', `HTTP/1.1 200 OK\r\n${'x-filler: 0123456789\r\n'.repeat(2000)}`],
  ])('refuses what is no proper HTTP: %s', async (_what, raw) => {
    server().answerWith(sendRaw(raw));
    const error = await sendError();
    expect(error).toMatchObject({ code: 'REMOTE_ANSWER', isTransient: false });
  });

  it('keeps what came out of the error when the answer is malformed', async () => {
    server().answerWith(sendRaw('HTTP/1.1 200 OK\r\nx-subject-token: hunter2\r\nbad header\r\n\r\n'));
    const error = await sendError();
    expect(error).toMatchObject({ code: 'REMOTE_ANSWER' });
    expect(error).not.toHaveProperty('cause');
  });

  it("ends with the signal's reason when it is aborted before, or while it waits", async () => {
    server().answerWith(neverAnswer());
    const reason = new Error('enough');
    await expect(transport().send(get(server().origin), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(server().requests).toEqual([]);
    const controller = new AbortController();
    server().answerWith(() => controller.abort(reason));
    await expect(transport().send(get(server().origin), controller.signal)).rejects.toBe(reason);
  });
});

describe('text', () => {
  it('says that a body was cut when it ends before its length', async () => {
    server().answerWith(cutAfter(5, Buffer.from('0123456789')));
    expect(await textError()).toMatchObject({ code: 'REMOTE_CUT', isTransient: true });
  });

  it('says that a body was cut when its connection was to be closed and ends early', async () => {
    server().answerWith(
      sendRaw('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\n01234'),
      sendRaw('HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\n01234\r\n'),
      sendRaw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n012'),
    );
    for (let i = 0; i < 3; i += 1) expect(await textError()).toMatchObject({ code: 'REMOTE_CUT', isTransient: true });
  });

  it('says that a server stalls when the body comes to a standstill', async () => {
    server().answerWith(stallAfter(5, Buffer.from('0123456789')));
    expect(await textError()).toMatchObject({
      code: 'REMOTE_STALLED',
      isTransient: true,
      message: `Cannot get "${server().origin}/v2": the answer came to a standstill`,
    });
  });

  it('gives what came when HTTP cannot tell that more was to come', async () => {
    server().answerWith(sendUntilClose(200, 'perhaps all'), sendChunked(200, ['per', 'haps all']), send(204));
    const texts = [];
    for (let i = 0; i < 3; i += 1) texts.push(await (await transport().send(get(server().origin), NO_SIGNAL)).text());
    expect(texts).toEqual(['perhaps all', 'perhaps all', '']);
  });

  it('refuses a chunk without a size', async () => {
    server().answerWith(sendRaw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n012\r\n'));
    expect(await textError()).toMatchObject({ code: 'REMOTE_ANSWER', isTransient: false });
  });

  it('ends at the announced length when more comes, and the next request is none the worse', async () => {
    const response = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n0123456789';
    server().answerWith((_request, { socket }) => void socket?.write(response), send(200, 'next'));
    const keeping = transport();
    const texts = [];
    for (let i = 0; i < 2; i += 1) texts.push(await (await keeping.send(get(server().origin), NO_SIGNAL)).text());
    expect(texts).toEqual(['01234', 'next']);
  });
});
