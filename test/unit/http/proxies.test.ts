import { describe, expect, it } from 'vitest';
import { NO_PROXIES, proxiesOf, proxyFor } from '../../../src/http/proxies.ts';
import { thrownBy } from '../../support/thrown.ts';

describe('proxiesOf', () => {
  it('takes variables in lower case before those in upper case, even when they are empty', () => {
    const upper = { HTTP_PROXY: 'http://upper', HTTPS_PROXY: 'http://upper', NO_PROXY: 'upper' };
    expect(proxiesOf(upper)).toEqual({ http: 'http://upper', https: 'http://upper', noProxy: 'upper' });
    expect(proxiesOf({ ...upper, http_proxy: 'http://lower', https_proxy: '', no_proxy: '' })).toEqual({
      http: 'http://lower',
      https: '',
      noProxy: '',
    });
    expect(proxiesOf({})).toEqual(NO_PROXIES);
  });
});

describe('proxyFor', () => {
  const both = { http: 'http://plain:3128', https: 'http://secure:3128', noProxy: undefined };

  it('chooses by the scheme of the URL', () => {
    expect(proxyFor(new URL('http://k:5000/v3'), both)?.origin).toBe('http://plain:3128');
    expect(proxyFor(new URL('https://k/v3'), both)?.origin).toBe('http://secure:3128');
  });

  it('never sends https through the proxy for http, or the other way', () => {
    expect(proxyFor(new URL('https://k/'), { ...both, https: undefined })).toBeUndefined();
    expect(proxyFor(new URL('https://k/'), { ...both, https: ' ' })).toBeUndefined();
    expect(proxyFor(new URL('http://k/'), { ...both, http: undefined })).toBeUndefined();
  });

  it('takes a proxy without a scheme for one over http', () => {
    expect(proxyFor(new URL('http://k/'), { ...both, http: 'user:pw@proxy:3128' })?.href).toBe(
      'http://user:pw@proxy:3128/',
    );
  });

  it.each(['socks5://user:hunter2@proxy:1080', 'http://user:hunter2@proxy:port', 'http://'])(
    'refuses the proxy %j without showing it',
    (proxy) => {
      const error = thrownBy(() => proxyFor(new URL('http://k/'), { ...both, http: proxy }));
      expect(error).toMatchObject({ code: 'CONFIG_VALUE', details: { variable: 'http_proxy' } });
      expect(`${JSON.stringify(error)} ${String(error)}`).not.toContain('hunter2');
    },
  );

  it.each([
    ['keystone', 'http://keystone/', true],
    ['KEYSTONE.Example.org', 'http://keystone.example.org/', true],
    ['example.org', 'http://keystone.example.org/', true],
    ['.example.org', 'http://keystone.example.org/', true],
    ['*.example.org', 'http://keystone.example.org/', true],
    ['.example.org', 'http://example.org/', true],
    ['ample.org', 'http://example.org/', false],
    ['example.org.evil', 'http://example.org/', false],
    ['example.org:5000', 'http://example.org:5000/', true],
    ['example.org:5000', 'http://example.org/', false],
    ['example.org:80', 'http://example.org/', true],
    ['example.org:443', 'https://example.org/', true],
    ['a, b\texample.org,,', 'http://example.org/', true],
    ['*', 'http://example.org/', true],
    ['', 'http://example.org/', false],
    ['.', 'http://example.org/', false],
    ['127.0.0.1', 'http://127.0.0.1:9292/', true],
    ['127.0.0.1:9292', 'http://127.0.0.1:9292/', true],
    ['127.0.0.1:9293', 'http://127.0.0.1:9292/', false],
    ['10.0.0.0/8', 'http://10.20.30.40/', true],
    ['10.0.0.0/8', 'http://11.20.30.40/', false],
    ['10.0.0.0/0', 'http://11.20.30.40/', true],
    ['10.0.0.0/33', 'http://10.0.0.0/', false],
    ['10.0.0.0/', 'http://10.0.0.0/', false],
    ['10.0.0.0/a', 'http://10.0.0.0/', false],
    ['0.0.1', 'http://127.0.0.1/', false],
    ['::1', 'http://[::1]:9292/', true],
    ['[::1]:9292', 'http://[::1]:9292/', true],
    ['[::1]:9293', 'http://[::1]:9292/', false],
    ['0:0:0:0:0:0:0:1', 'http://[::1]/', true],
    ['fd00::/8', 'http://[fd12::1]/', true],
    ['fd00::/8', 'http://10.0.0.1/', false],
    ['10.0.0.0/8', 'http://keystone/', false],
  ])('with no_proxy %j asks %s directly: %s', (noProxy, url, isDirect) => {
    expect(proxyFor(new URL(url), { ...both, noProxy }) === undefined).toBe(isDirect);
  });
});
