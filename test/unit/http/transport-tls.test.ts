import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { TlsSettings } from '../../../src/http/tls-settings.ts';
import type { Transport } from '../../../src/http/transport.ts';
import { cutAfter, send } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { TLS } from '../../support/tls.ts';
import { DEFAULT_TLS, get, NO_SIGNAL, useTransports } from '../../support/transports.ts';

const secure = useHttpServer(TLS.localhost);
const wrongName = useHttpServer(TLS.wrongName);
const expired = useHttpServer(TLS.expired);
const exacting = useHttpServer({ ...TLS.localhost, ca: TLS.ca, requestCert: true });
const plain = useHttpServer();
const transport = useTransports();

function trusting(tls: Partial<TlsSettings> = {}): Transport {
  return transport({ tls: { ...DEFAULT_TLS, ca: TLS.ca, ...tls } });
}

async function bodyOf(from: Transport, url: string): Promise<string> {
  return (await from.send(get(url), NO_SIGNAL)).text();
}

describe('send over TLS', () => {
  it('trusts a server whose authority the settings name', async () => {
    secure().answerWith(send(200, 'secret'));
    expect(await bodyOf(trusting(), secure().origin)).toBe('secret');
    expect(await bodyOf(trusting(), `https://localhost:${secure().port}`)).toBe('secret');
  });

  it('trusts a server whose authority this system trusts, where the settings name none', async () => {
    secure().answerWith(send(200, 'secret'));
    expect(await bodyOf(transport({ authorities: () => TLS.ca }), secure().origin)).toBe('secret');
  });

  it('refuses an unknown authority, before anything is sent', async () => {
    const error = await rejectionOf(transport().send(get(`${secure().origin}/v3`, { 'x-auth-token': 'T' }), NO_SIGNAL));
    expect(error).toMatchObject({
      code: 'REMOTE_TLS',
      isTransient: false,
      message: `Cannot get "${secure().origin}/v3": its certificate comes from an authority that is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)`,
      hint: expect.stringMatching(/cafile.*--insecure/) as string,
    });
    expect(secure().requests).toEqual([]);
  });

  it('refuses a certificate for another name, and says for which', async () => {
    const error = await rejectionOf(trusting().send(get(wrongName().origin), NO_SIGNAL));
    expect(error).toMatchObject({
      code: 'REMOTE_TLS',
      isTransient: false,
      message: expect.stringContaining('its certificate is for DNS:elsewhere.test, not for 127.0.0.1') as string,
    });
    expect(wrongName().requests).toEqual([]);
  });

  it('refuses a certificate that has expired', async () => {
    const error = await rejectionOf(trusting().send(get(expired().origin), NO_SIGNAL));
    expect(error).toMatchObject({ code: 'REMOTE_TLS', message: expect.stringContaining('has expired') as string });
    expect(expired().requests).toEqual([]);
  });

  it('takes any certificate when it need not be secure, even beside a list of authorities that is none', async () => {
    const careless = transport({ tls: { ...DEFAULT_TLS, insecure: true, ca: 'no certificate' } });
    for (const server of [secure(), wrongName(), expired()]) {
      server.answerWith(send(200, 'whatever'));
      expect(await bodyOf(careless, server.origin)).toBe('whatever');
    }
  });

  it('shows its own certificate to a server that wants one', async () => {
    exacting().answerWith(send(200, 'welcome'));
    expect(await bodyOf(trusting(TLS.client), exacting().origin)).toBe('welcome');
  });

  it('finds the key in the file of the certificate where none is named', async () => {
    exacting().answerWith(send(200, 'welcome'));
    const cert = `${TLS.client.cert}${TLS.client.key}`;
    expect(await bodyOf(trusting({ cert }), exacting().origin)).toBe('welcome');
  });

  it('says that a server wants a certificate of the client', async () => {
    const error = await rejectionOf(trusting().send(get(exacting().origin), NO_SIGNAL));
    expect(error).toMatchObject({
      code: 'REMOTE_TLS',
      isTransient: false,
      hint: expect.stringContaining('certfile') as string,
    });
    expect(exacting().requests).toEqual([]);
  });

  it('says that a server does not speak TLS', async () => {
    const error = await rejectionOf(trusting().send(get(`https://127.0.0.1:${plain().port}/`), NO_SIGNAL));
    expect(error).toMatchObject({
      code: 'REMOTE_TLS',
      message: expect.stringContaining('does not speak TLS') as string,
    });
  });

  it('says that a body was cut as it does without TLS', async () => {
    secure().answerWith(cutAfter(5, Buffer.from('0123456789')));
    expect(await rejectionOf(bodyOf(trusting(), secure().origin))).toMatchObject({ code: 'REMOTE_CUT' });
  });

  it.each([
    ['a list of authorities without any', { ca: 'no certificate' }],
    ['a certificate that is none', { cert: 'no certificate', key: TLS.client.key }],
    ['a certificate without a key', { cert: TLS.client.cert }],
    ['the key of another certificate', { cert: TLS.client.cert, key: TLS.localhost.key }],
  ])('refuses %s as a fault of the settings', async (_what, tls) => {
    const faulty = trusting(tls);
    const error = await rejectionOf(faulty.send(get(secure().origin), NO_SIGNAL));
    expect(error).toMatchObject({ code: 'CONFIG_TLS' });
    expect(secure().connectionCount).toBe(0);
    await expect(faulty.close()).resolves.toBeUndefined();
  });

  it('does not look at certificates when the server has none', async () => {
    plain().answerWith(send(200, 'plain'));
    expect(await bodyOf(trusting({ ca: 'no certificate' }), plain().origin)).toBe('plain');
  });
});

describe('send to a host that takes connections and says nothing', () => {
  const PATIENT = { timeouts: { connectSec: 600, headersSec: 600, stallSec: 600 } };
  let mute: Server | undefined;

  afterEach(() => mute?.close());

  async function muteOrigin(): Promise<string> {
    mute = createServer((socket) => socket.on('error', () => {}));
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const address = mute.address();
    return `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  it('says that the host does not take the connection in time', async () => {
    const impatient = transport({ timeouts: { connectSec: 1, headersSec: 5, stallSec: 5 } });
    expect(await rejectionOf(impatient.send(get(await muteOrigin()), NO_SIGNAL))).toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      isTransient: true,
      details: { error: 'UND_ERR_CONNECT_TIMEOUT' },
    });
  });

  it("ends with the signal's reason when it is aborted while it connects", async () => {
    const controller = new AbortController();
    const origin = await muteOrigin();
    const reason = new Error('enough');
    mute?.on('connection', () => controller.abort(reason));
    await expect(transport(PATIENT).send(get(origin), controller.signal)).rejects.toBe(reason);
  });

  it('close ends connections that are still being made', async () => {
    const closing = transport(PATIENT);
    const origin = await muteOrigin();
    const closed = new Promise((resolve) => {
      mute?.on('connection', (socket) => {
        socket.resume().on('close', resolve);
        void closing.close();
      });
    });
    await rejectionOf(closing.send(get(origin), NO_SIGNAL));
    await closed;
  });
});
