import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseNodeAddress, parseNodeAddresses } from '../../../src/cache-api/node-address.ts';
import { UsageError } from '../../../src/errors/cache-error.ts';
import { thrownBy } from '../../support/thrown.ts';

const LIKELY = fc.stringMatching(/^(https?:\/\/)?[a-c0-9.:[\]]{1,8}(:[0-9]{1,5})?(\/[v2./ é%\\]{0,8})?$/);

describe('parseNodeAddress()', () => {
  test.each([
    ['node1', 'http://node1:9292', 'node1'],
    ['node1:8080', 'http://node1:8080', 'node1'],
    ['node1:80', 'http://node1', 'node1'],
    ['Node_1.example.org.', 'http://node_1.example.org.:9292', 'Node_1.example.org.'],
    ['10.0.0.1', 'http://10.0.0.1:9292', '10.0.0.1'],
    ['10.0.0.1:1', 'http://10.0.0.1:1', '10.0.0.1'],
    ['0.0.0.0', 'http://0.0.0.0:9292', '0.0.0.0'],
    ['[2001:db8::1]', 'http://[2001:db8::1]:9292', '2001:db8::1'],
    ['[::1]:8080', 'http://[::1]:8080', '::1'],
    ['::1', 'http://[::1]:9292', '::1'],
    ['2001:DB8:0::1', 'http://[2001:db8::1]:9292', '2001:DB8:0::1'],
    ['https://node1', 'https://node1:9292', 'node1'],
    ['HTTPS://node1/', 'https://node1:9292', 'node1'],
    ['https://node1:443', 'https://node1', 'node1'],
    ['https://node1/v2', 'https://node1:9292', 'node1'],
    ['https://node1:9292/image', 'https://node1:9292/image', 'node1'],
    ['https://node1:9292/image/v2/', 'https://node1:9292/image', 'node1'],
    ['https://node1/image', 'https://node1/image', 'node1'],
    ['http://[::1]/image//', 'http://[::1]/image', '::1'],
    ['node1/image', 'http://node1/image', 'node1'],
  ])('takes %j for %s', (host, url, hostname) => {
    expect(parseNodeAddress(host)).toEqual({ host, url, hostname });
  });

  test.each([
    ['node1', 'http://node1:9393'],
    ['::1', 'http://[::1]:9393'],
    ['node1:9292', 'http://node1:9292'],
    ['https://node1/image', 'https://node1:9393/image'],
  ])('gives %j the port that is asked for, unless it has one', (host, url) => {
    expect(parseNodeAddress(host, 9393).url).toBe(url);
  });

  test.each([
    '',
    ' ',
    'node 1',
    'node1:',
    'node1:0',
    'node1:65536',
    'node1:http',
    'node1:92:92',
    '[node1]',
    '[::1',
    '::1]',
    '[::1]9292',
    'fe80::1%eth0',
    '[fe80::1%eth0]',
    '1',
    '0x7f.1',
    '10.0.0.256',
    'ftp://node1',
    'file:///etc/passwd',
    'admin:hunter2@node1',
    'https://admin:hunter2@node1/',
    'node1?a=1',
    'node1/#a',
    'https://',
    '-node1',
    'nöde',
    'node1\n',
    '\x1b[2Jnode1',
  ])('refuses %j, without showing a password', (host) => {
    const error = thrownBy(() => parseNodeAddress(host));
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({
      code: 'USAGE',
      exitCode: 2,
      message: expect.stringMatching(/^Cannot ask the node "[\x20-\x7eö]*": /) as string,
      hint: expect.stringContaining('https://node1:9292/image') as string,
    });
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  test('gives a URL or refuses, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), LIKELY), (text) => {
        let url: string;
        try {
          ({ url } = parseNodeAddress(text));
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
          return;
        }
        const { protocol, username, search, hash, pathname } = new URL(url);
        expect(protocol).toMatch(/^https?:$/);
        expect([username, search, hash]).toEqual(['', '', '']);
        expect(url.endsWith('/')).toBe(false);
        expect(pathname).not.toMatch(/\/v2$/);
      }),
    );
  });
});

describe('parseNodeAddresses()', () => {
  test('takes lists, and each node once, as it came first', () => {
    const nodes = parseNodeAddresses(['node1, node2:9292', 'NODE1:9292,,node2', 'https://node1'], undefined);
    expect(nodes.map(({ host }) => host)).toEqual(['node1', 'node2:9292', 'https://node1']);
  });

  test.each([[[]], [['']], [[' , ']]])('refuses %j, which names none', (texts) => {
    expect(thrownBy(() => parseNodeAddresses(texts))).toMatchObject({ code: 'USAGE' });
  });

  test('refuses all where one cannot be used', () => {
    expect(thrownBy(() => parseNodeAddresses(['node1,node 2']))).toMatchObject({ details: { host: 'node 2' } });
  });
});
