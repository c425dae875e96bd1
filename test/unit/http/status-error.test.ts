import { describe, expect, it } from 'vitest';
import { AuthError, RemoteError } from '../../../src/errors/cache-error.ts';
import { errorOfStatus } from '../../../src/http/status-error.ts';
import { cutAfter, send, sendJson, sendZeros, stallAfter } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import type { Answer } from '../../support/loopback-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { get, NO_SIGNAL, useTransports } from '../../support/transports.ts';

const server = useHttpServer();
const transport = useTransports();

const REQUEST_ID = 'req-4a0d3d1e-9d5f-4a0e-8d2b-3f1c0f6a7b8c';

async function errorOf(answer: Answer): Promise<unknown> {
  server().answerWith(answer);
  const request = get(`${server().origin}/v2`, { 'x-auth-token': 'hunter2' });
  return errorOfStatus(await transport().send(request, NO_SIGNAL), 'get image 71c6');
}

describe('errorOfStatus', () => {
  it('tells 401 and 403 as errors of authentication, with what the server says and the ID of the request', async () => {
    const body = { error: { message: 'The request you have made requires authentication.', code: 401 } };
    const refused = await errorOf(sendJson(401, body, { 'x-openstack-request-id': REQUEST_ID }));
    expect(refused).toBeInstanceOf(AuthError);
    expect(refused).toMatchObject({
      code: 'AUTH_REFUSED',
      message: `Cannot get image 71c6: the server says "The request you have made requires authentication." (HTTP 401) (${REQUEST_ID})`,
      hint: expect.stringMatching(/^Check the user/) as string,
      details: { status: 401, request_id: REQUEST_ID },
    });
    expect(await errorOf(send(403))).toMatchObject({
      code: 'AUTH_FORBIDDEN',
      message: 'Cannot get image 71c6: the server answered with an error (HTTP 403)',
    });
  });

  it.each([
    [204, false],
    [300, false],
    [302, false],
    [400, false],
    [404, false],
    [408, true],
    [409, false],
    [410, false],
    [416, false],
    [429, true],
    [499, false],
    [500, true],
    [503, true],
    [599, true],
  ])('tells %i as an error of the server that may pass: %s', async (status, isTransient) => {
    const error = await errorOf(send(status));
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({
      code: 'REMOTE_STATUS',
      isTransient,
      retryAfterSec: undefined,
      details: { status },
      hint: expect.any(String) as string,
    });
  });

  it('says when the server wants to be asked again', async () => {
    expect(await errorOf(send(503, 'busy', { 'retry-after': '600' }))).toMatchObject({
      isTransient: true,
      retryAfterSec: 600,
      hint: 'The server wants to be asked again in 600 s: <this command>',
      details: { status: 503, retry_after_sec: 600 },
    });
  });

  it('counts a date from the clock of the server', async () => {
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
    const headers = { date, 'retry-after': 'Sun, 06 Nov 1994 08:50:37 GMT' };
    expect(await errorOf(send(429, '', headers))).toMatchObject({ retryAfterSec: 60 });
  });

  it.each(['req-', 'req-a\u0080b', `req-${'a'.repeat(100)}`, 'somebody else'])(
    'passes over the request ID %j',
    async (id) => {
      expect(await errorOf(send(404, '', { 'x-openstack-request-id': id }))).toMatchObject({
        details: { status: 404 },
      });
    },
  );

  it('tells the status without the text when the text does not come', async () => {
    for (const answer of [cutAfter(3, Buffer.from('overloaded'), 503), stallAfter(3, Buffer.from('overloaded'), 503)]) {
      expect(await errorOf(answer)).toMatchObject({
        message: 'Cannot get image 71c6: the server answered with an error (HTTP 503)',
        isTransient: true,
      });
    }
  });

  it('takes a gigantic text for its beginning', async () => {
    const error = await errorOf(sendZeros(500, 2 ** 31));
    expect(error).toMatchObject({ code: 'REMOTE_STATUS' });
    expect(String(error).length).toBeLessThan(1000);
  });

  it('never shows what was sent', async () => {
    expect(JSON.stringify(await errorOf(send(400, 'bad')))).not.toContain('hunter2');
  });

  it("throws the signal's reason when the request is aborted while the text comes", async () => {
    server().answerWith(stallAfter(3, Buffer.from('overloaded'), 503));
    const controller = new AbortController();
    const response = await transport().send(get(server().origin), controller.signal);
    const reason = new Error('enough');
    const error = rejectionOf(errorOfStatus(response, 'get image 71c6'));
    controller.abort(reason);
    expect(await error).toBe(reason);
  });
});
