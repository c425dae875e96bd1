import { describe, expect, it } from 'vitest';
import type { ProxySettings } from '../../../src/http/proxies.ts';
import { NO_PROXIES } from '../../../src/http/proxies.ts';
import type { Transport } from '../../../src/http/transport.ts';
import { cutAfter, redirect, send } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import { useProxy } from '../../support/proxy-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { TLS } from '../../support/tls.ts';
import { DEFAULT_TLS, get, NO_SIGNAL, useTransports } from '../../support/transports.ts';

const plain = useHttpServer();
const secure = useHttpServer(TLS.localhost);
const wrongName = useHttpServer(TLS.wrongName);
const proxy = useProxy();
const transport = useTransports();

function through(proxies: Partial<ProxySettings>): Transport {
  return transport({
    tls: { ...DEFAULT_TLS, ca: TLS.ca },
    proxies: { ...NO_PROXIES, ...proxies },
    timeouts: { connectSec: 1, headersSec: 1, stallSec: 1 },
  });
}

async function bodyOf(from: Transport, url: string): Promise<string> {
  return (await from.send(get(url, { 'x-auth-token': 'T' }), NO_SIGNAL)).text();
}

describe('send through a proxy', () => {
  it('asks it for plain URLs, without a tunnel', async () => {
    plain().answerWith(send(200, 'plain'));
    expect(await bodyOf(through({ http: proxy().origin }), `${plain().origin}/v3?a=1`)).toBe('plain');
    expect(proxy().asked).toEqual([`GET ${plain().origin}/v3?a=1`]);
    expect(plain().onlyRequest).toMatchObject({
      url: '/v3?a=1',
      headers: { host: `127.0.0.1:${plain().port}`, 'x-auth-token': 'T' },
    });
  });

  it('asks it for a tunnel for secure URLs, and shows it nothing else', async () => {
    secure().answerWith(send(200, 'secure'));
    expect(await bodyOf(through({ https: proxy().origin }), `${secure().origin}/v3`)).toBe('secure');
    expect(proxy().asked).toEqual([`CONNECT 127.0.0.1:${secure().port}`]);
    expect(secure().onlyRequest.headers['x-auth-token']).toBe('T');
  });

  it('verifies the server, not the proxy', async () => {
    const error = await rejectionOf(through({ https: proxy().origin }).send(get(wrongName().origin), NO_SIGNAL));
    expect(error).toMatchObject({
      code: 'REMOTE_TLS',
      message: expect.stringContaining('DNS:elsewhere.test') as string,
    });
    expect(wrongName().requests).toEqual([]);
  });

  it('asks secure servers directly when the proxy is for plain URLs only', async () => {
    secure().answerWith(send(200, 'secure'));
    expect(await bodyOf(through({ http: proxy().origin }), secure().origin)).toBe('secure');
    expect(proxy().asked).toEqual([]);
  });

  it('asks hosts directly that no_proxy names', async () => {
    plain().answerWith(send(200, 'plain'));
    const direct = through({ http: proxy().origin, noProxy: 'localhost,127.0.0.0/8' });
    expect(await bodyOf(direct, plain().origin)).toBe('plain');
    expect(proxy().asked).toEqual([]);
  });

  it('takes a proxy without a scheme, with a user whom no message shows', async () => {
    plain().answerWith(send(200, 'plain'), cutAfter(5, Buffer.from('0123456789')));
    const authorised = through({ http: `user:hunter2@${proxy().authority}` });
    expect(await bodyOf(authorised, plain().origin)).toBe('plain');
    expect(proxy().credentials).toEqual([`Basic ${Buffer.from('user:hunter2').toString('base64')}`]);
    expect(plain().onlyRequest.headers['proxy-authorization']).toBeUndefined();
    const error = await rejectionOf(bodyOf(authorised, plain().origin));
    expect(error).toMatchObject({
      code: 'REMOTE_CUT',
      message: expect.stringContaining(
        `Cannot get "${plain().origin}/" through the proxy "${proxy().origin}":`,
      ) as string,
    });
    expect(`${JSON.stringify(error)} ${String(error)}`).not.toContain('hunter2');
  });

  it.each([403, 407, 503])(
    'says that the proxy refuses when it answers a request for a tunnel with %i',
    async (status) => {
      proxy().refusal = status;
      const error = await rejectionOf(through({ https: proxy().origin }).send(get(secure().origin), NO_SIGNAL));
      expect(error).toMatchObject({
        code: 'REMOTE_UNREACHABLE',
        isTransient: true,
        message: `Cannot get "${secure().origin}/" through the proxy "${proxy().origin}": the proxy does not pass it on`,
        details: { proxy: proxy().origin },
      });
    },
  );

  it('says that the proxy refuses when it wants a user for a plain request', async () => {
    proxy().refusal = 407;
    const error = await rejectionOf(through({ http: proxy().origin }).send(get(plain().origin), NO_SIGNAL));
    expect(error).toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      message: expect.stringContaining('the proxy does not pass') as string,
    });
  });

  it.each(['http', 'https'] as const)(
    'says that nothing came in time when the proxy for %s is silent',
    async (scheme) => {
      proxy().isSilent = true;
      const url = scheme === 'http' ? plain().origin : secure().origin;
      const error = await rejectionOf(through({ [scheme]: proxy().origin }).send(get(url), NO_SIGNAL));
      expect(error).toMatchObject({ code: 'REMOTE_STALLED', isTransient: true });
    },
  );

  it('says that the proxy cannot be reached', async () => {
    const gone = proxy().origin;
    await proxy().close();
    const error = await rejectionOf(through({ http: gone }).send(get(plain().origin), NO_SIGNAL));
    expect(error).toMatchObject({ code: 'REMOTE_UNREACHABLE', details: { proxy: gone, error: 'ECONNREFUSED' } });
  });

  it('verifies a proxy that speaks TLS itself', async () => {
    const falseProxy = through({ https: `https://localhost:${wrongName().port}` });
    const error = await rejectionOf(falseProxy.send(get(secure().origin), NO_SIGNAL));
    expect(error).toMatchObject({ code: 'REMOTE_TLS' });
    expect(wrongName().requests).toEqual([]);
  });

  it('follows redirects within the origin through it', async () => {
    plain().answerWith(redirect(302, '/there'), send(200, 'there'));
    expect(await bodyOf(through({ http: proxy().origin }), `${plain().origin}/here`)).toBe('there');
    expect(proxy().asked).toEqual([`GET ${plain().origin}/here`, `GET ${plain().origin}/there`]);
  });
});
