/**
 * What a server may answer, good and bad, for `LoopbackServer.answerWith`. Those that never end do so when the client
 * or the server closes the connection.
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { Answer } from './loopback-server.ts';

/** A body with its length. */
export function send(status: number, body: string | Uint8Array = '', headers: OutgoingHttpHeaders = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
    response.end(body);
  };
}

/** JSON with its length. */
export function sendJson(status: number, value: unknown, headers: OutgoingHttpHeaders = {}): Answer {
  return send(status, JSON.stringify(value), { 'content-type': 'application/json', ...headers });
}

/** A redirect. */
export function redirect(status: number, location: string): Answer {
  return send(status, '', { location });
}

/** Chunk by chunk, without a length. */
export function sendChunked(status: number, chunks: readonly (string | Uint8Array)[]): Answer {
  return async (_request, response) => {
    response.writeHead(status);
    for (const chunk of chunks) await write(response, chunk);
    response.end();
  };
}

/** A body that ends when the connection does: glance-api sends some downloads like that, whole ones and torn ones. */
export function sendUntilClose(status: number, body: string | Uint8Array, headers: OutgoingHttpHeaders = {}): Answer {
  return (_request, response) => {
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** Zeros, as many as asked for, with their length; as fast as the client takes them. */
export function sendZeros(status: number, sizeBytes: number, headers: OutgoingHttpHeaders = {}): Answer {
  return async (_request, response) => {
    const zeros = Buffer.alloc(256 * 1024);
    response.writeHead(status, { 'content-length': sizeBytes, ...headers });
    for (let left = sizeBytes; left > 0 && !response.destroyed; left -= zeros.length) {
      await write(response, left < zeros.length ? zeros.subarray(0, left) : zeros);
    }
    response.end();
  };
}

/** The first bytes of a body whose whole length was announced, then the connection ends. */
export function cutAfter(sentBytes: number, body: Uint8Array, status = 200, headers: OutgoingHttpHeaders = {}): Answer {
  return async (_request, response) => {
    response.writeHead(status, { 'content-length': body.length, ...headers });
    response.flushHeaders();
    await write(response, body.subarray(0, sentBytes));
    response.socket?.end();
  };
}

/** The connection is reset instead of an answer, or after what was sent. */
export function reset(): Answer {
  return (_request, response) => {
    response.socket?.resetAndDestroy();
  };
}

/** Bytes as they are, headers included, then the connection ends. */
export function sendRaw(text: string | Uint8Array): Answer {
  return (_request, response) => {
    response.socket?.end(text);
  };
}

/** Nothing at all. */
export function neverAnswer(): Answer {
  return () => {};
}

/** Headers and the first bytes of a longer body, then nothing more. */
export function stallAfter(sentBytes: number, body: Uint8Array, status = 200): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-length': body.length });
    response.flushHeaders();
    response.write(body.subarray(0, sentBytes));
  };
}

/** A body with its length, a chunk now and then. */
export function drip(body: Uint8Array, chunkBytes: number, everyMs: number): Answer {
  return async (_request, response) => {
    response.writeHead(200, { 'content-length': body.length });
    for (let at = 0; at < body.length && !response.destroyed; at += chunkBytes) {
      await write(response, body.subarray(at, at + chunkBytes));
      await setTimeout(everyMs);
    }
    response.end();
  };
}

/** Writes, and waits until there is room for more or nobody to read it. */
async function write(response: ServerResponse, chunk: string | Uint8Array): Promise<void> {
  if (response.destroyed || response.write(chunk)) return;
  await new Promise<void>((resolve) => {
    const goOn = () => {
      response.off('drain', goOn).off('close', goOn);
      resolve();
    };
    response.on('drain', goOn).on('close', goOn);
  });
}
