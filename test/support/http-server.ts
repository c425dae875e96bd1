import type { ServerOptions } from 'node:https';
import { afterEach, beforeEach, expect } from 'vitest';
import { type LoopbackServer, startServer } from './loopback-server.ts';

/**
 * A fresh scripted server for every test of a file; closed after it, and the test fails if an answer threw or a request
 * came that no answer was given for.
 *
 * ```ts
 * const glance = useHttpServer();
 * glance().answerWith(sendJson(200, { status: 'active' }), cutAfter(10, bytes));
 * ```
 *
 * @param tls makes it speak TLS: `useHttpServer(TLS.localhost)` with `TLS` of tls.ts
 */
export function useHttpServer(tls?: ServerOptions): () => LoopbackServer {
  let server: LoopbackServer | undefined;
  beforeEach(async () => {
    server = await startServer(tls);
  });
  afterEach(async () => {
    const failures = server?.failures;
    await server?.close();
    server = undefined;
    expect(failures).toEqual([]);
  });
  return () => {
    if (server === undefined) throw new Error('There is a server only while a test runs');
    return server;
  };
}
