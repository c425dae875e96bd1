/**
 * Keeps the end of a connection from undici's parser while that is paused, because its reader takes its time: it would
 * fail an assertion in an event handler, which no caller can catch, and take the process down
 * (https://github.com/nodejs/undici/issues/5360, mended in version 8, which needs a newer Node).
 */
import type { Socket } from 'node:net';

/** Holds the end of a connection back until whatever came before it is read. */
export function holdEnd(socket: Socket): void {
  const push = socket.push.bind(socket);
  const read = socket.read.bind(socket);
  let isHeld = false;
  const end = (): void => {
    push(null);
    // As Node does after its own: the end is told even if nobody reads.
    read(0);
  };
  socket.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk !== null || socket.listenerCount('readable') === 0) return push(chunk, encoding);
    isHeld = true;
    // A parser that is not paused reads on now; one that is, as soon as it is resumed.
    socket.emit('readable');
    return false;
  };
  socket.read = (sizeBytes?: number) => {
    const chunk: unknown = read(sizeBytes);
    if (isHeld && chunk === null && sizeBytes === undefined) {
      isHeld = false;
      // Not within the parser, which is in the middle of something.
      queueMicrotask(end);
    }
    return chunk;
  };
  // A reset would meet the same assertion, and else count as the end of a body without a length.
  socket.prependListener('error', (error: Error) => {
    if ('code' in error && error.code === 'ECONNRESET') error.code = 'ECONNABORTED';
  });
}
