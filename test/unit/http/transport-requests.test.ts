import { describe, expect, it } from 'vitest';
import { neverAnswer, redirect, reset, send } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { get, NO_SIGNAL, useTransports } from '../../support/transports.ts';

const server = useHttpServer();
const transport = useTransports();

describe('a request', () => {
  it.each(['GET', 'POST', 'PUT', 'DELETE'] as const)('of method %s is sent without a body', async (method) => {
    server().answerWith(send(204));
    const response = await transport().send({ method, url: `${server().origin}/v2/cache` }, NO_SIGNAL);
    response.discard();
    expect(server().onlyRequest).toMatchObject({ method, url: '/v2/cache', body: '' });
  });

  it.each([
    ['POST', 'post to'],
    ['PUT', 'put'],
    ['DELETE', 'delete'],
  ] as const)('of method %s is told as such, and not redirected', async (method, verb) => {
    server().answerWith(reset(), redirect(307, '/elsewhere'));
    const asked = { method, url: server().origin };
    const message = expect.stringContaining(`Cannot ${verb} "${server().origin}/": `) as string;
    expect(await rejectionOf(transport().send(asked, NO_SIGNAL))).toMatchObject({ code: 'REMOTE_CUT', message });
    expect(await rejectionOf(transport().send(asked, NO_SIGNAL))).toMatchObject({ code: 'REMOTE_REDIRECT', message });
    expect(server().requests).toHaveLength(2);
  });

  it('that closes has a connection of its own', async () => {
    server().answerWith(send(200, 'a'));
    const closing = transport();
    for (let i = 0; i < 4; i += 1) {
      await (await closing.send({ ...get(server().origin), closes: true }, NO_SIGNAL)).text();
    }
    expect(server().connectionCount).toBe(4);
    expect(server().requests.map(({ headers }) => headers.connection)).toEqual(Array(4).fill('close'));
  });

  it('has a limit of its own to the length of its answer as text', async () => {
    server().answerWith(send(200, 'abcd'));
    const short = { ...get(server().origin), maxTextBytes: 3 };
    expect(await rejectionOf((await transport().send(short, NO_SIGNAL)).text())).toMatchObject({
      code: 'REMOTE_ANSWER',
      message: expect.stringContaining('the answer is longer than 3 bytes') as string,
    });
    expect(await (await transport().send({ ...short, maxTextBytes: 4 }, NO_SIGNAL)).text()).toBe('abcd');
  });

  it('has a limit of its own to the wait for headers', async () => {
    server().answerWith(neverAnswer());
    const impatient = { ...get(server().origin), headersSec: 0.05 };
    expect(await rejectionOf(transport().send(impatient, NO_SIGNAL))).toMatchObject({ code: 'REMOTE_STALLED' });
  });
});
