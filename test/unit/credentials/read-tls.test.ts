import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useTempDir } from '../../support/temp-dir.ts';
import { TLS, tlsFile } from '../../support/tls.ts';
import { credentialsOf, refusal, resolved, USER_ENV, write } from './resolved.ts';

const dir = useTempDir();

const NONE = { ca: undefined, cert: undefined, key: undefined, insecure: false };

async function tlsOf(env: Readonly<Record<string, string>>) {
  return (await credentialsOf({ env: { ...USER_ENV, ...env }, dir: dir() })).tls;
}

describe('readTls()', () => {
  test('verifies by the authorities of the system when nothing is said', async () => {
    expect(await tlsOf({})).toEqual(NONE);
  });

  test('reads authorities, from the home and from relative paths too', async () => {
    write(dir(), 'home/ca.pem', TLS.ca);
    write(dir(), 'here.pem', TLS.ca);
    for (const path of [tlsFile('ca.pem'), '~/ca.pem', 'here.pem']) {
      expect(await tlsOf({ OS_CACERT: path })).toEqual({ ...NONE, ca: TLS.ca });
    }
  });

  test('reads a certificate and its key', async () => {
    const identity = { ...NONE, cert: TLS.client.cert, key: TLS.client.key };
    expect(await tlsOf({ OS_CERT: tlsFile('client.pem'), OS_KEY: tlsFile('client.key') })).toEqual(identity);
  });

  test.each([
    ['first', `${TLS.client.cert}${TLS.client.key}`],
    ['last', `${TLS.client.key}${TLS.client.cert}`],
  ])('finds the key in the file of the certificate, which comes %s', async (_what, both) => {
    const path = write(dir(), 'both.pem', both);
    expect(await tlsOf({ OS_CERT: path })).toEqual({ ...NONE, cert: both, key: both });
  });

  test('reads the files of the configuration', async () => {
    const conf = `[cache_tools]
auth_url = https://k
user_id = u
password = x
cafile = ${tlsFile('ca.pem')}
certfile = ${tlsFile('client.pem')}
keyfile = ${tlsFile('client.key')}
`;
    expect((await credentialsOf({ conf })).tls).toEqual({ ...NONE, ca: TLS.ca, ...TLS.client });
    const error = await refusal({ conf: conf.replace(tlsFile('ca.pem'), '/nonexistent/ca.pem') });
    expect(error.message).toBe(
      'Cannot use cafile from /0.conf:5: "/nonexistent/ca.pem": no such file or directory (ENOENT)',
    );
  });

  test.each(['true', 'TRUE', '1', 'yes', 'on'])('verifies nothing when OS_INSECURE is %o', async (word) => {
    expect(await tlsOf({ OS_INSECURE: word })).toEqual({ ...NONE, insecure: true });
  });

  test.each(['false', '0', 'no', ''])('verifies when OS_INSECURE is %o', async (word) => {
    expect(await tlsOf({ OS_INSECURE: word })).toEqual(NONE);
  });

  test.each(['false', 'False', 'no', '0'])('verifies nothing when OS_VERIFY is %o', async (word) => {
    const { credentials, notes } = await resolved({ env: { ...USER_ENV, OS_VERIFY: word } });
    expect(credentials.tls).toEqual({ ...NONE, insecure: true });
    expect(notes).toContain('Certificates are not verified: OS_VERIFY');
  });

  test('takes OS_VERIFY for authorities when it is neither on nor off', async () => {
    expect(await tlsOf({ OS_VERIFY: tlsFile('ca.pem') })).toEqual({ ...NONE, ca: TLS.ca });
    expect(await tlsOf({ OS_VERIFY: 'true', OS_CACERT: tlsFile('ca.pem') })).toEqual({ ...NONE, ca: TLS.ca });
    expect((await refusal({ env: { ...USER_ENV, OS_VERIFY: 'nope' }, dir: dir() })).code).toBe('CONFIG_TLS');
  });

  test('ignores authorities with a warning, unread, when nothing is verified', async () => {
    const env = { ...USER_ENV, OS_INSECURE: 'true', OS_CACERT: '/nonexistent' };
    const { credentials, warnings } = await resolved({ env });
    expect(credentials.tls).toEqual({ ...NONE, insecure: true });
    expect(warnings).toEqual(['OS_CACERT is ignored: OS_INSECURE has any certificate accepted']);
  });

  test('ignores a key with a warning when there is no certificate', async () => {
    const { credentials, warnings } = await resolved({ env: { ...USER_ENV, OS_KEY: '/nonexistent' } });
    expect(credentials.tls).toEqual(NONE);
    expect(warnings).toEqual(['OS_KEY is ignored: there is no certificate that it could be the key of']);
  });

  test('verifies again when a flag names an authority', async () => {
    const { tls } = await credentialsOf({
      flags: { cacert: tlsFile('ca.pem') },
      env: { ...USER_ENV, OS_INSECURE: 'true' },
    });
    expect(tls).toEqual({ ...NONE, ca: TLS.ca });
  });

  test('keeps the secret key out of everything that is printed', async () => {
    const env = { ...USER_ENV, OS_CERT: tlsFile('client.pem'), OS_KEY: tlsFile('client.key') };
    expect((await resolved({ env })).secrets).toContain(TLS.client.key);
  });

  test.each<readonly [string, () => Readonly<Record<string, string>>, string, RegExp]>([
    [
      'authorities that are not there',
      () => ({ OS_CACERT: '/nonexistent' }),
      'OS_CACERT',
      /no such file or directory \(ENOENT\)$/,
    ],
    ['a folder', () => ({ OS_CACERT: folder() }), 'OS_CACERT', /: it is a directory$/],
    [
      'authorities that are a key',
      () => ({ OS_CACERT: tlsFile('client.key') }),
      'OS_CACERT',
      /: there is no certificate in PEM in it$/,
    ],
    [
      'authorities cut in half',
      () => ({ OS_CACERT: write(dir(), 'half.pem', TLS.ca.slice(0, 300)) }),
      'OS_CACERT',
      /: there is no certificate in PEM in it$/,
    ],
    ['an empty file', () => ({ OS_CACERT: '/dev/null' }), 'OS_CACERT', /: it is a device$/],
    [
      'a certificate without a key',
      () => ({ OS_CERT: tlsFile('client.pem') }),
      'OS_CERT',
      /: there is no private key in PEM in it$/,
    ],
    [
      'a key that is a certificate',
      () => ({ OS_CERT: tlsFile('client.pem'), OS_KEY: tlsFile('ca.pem') }),
      'OS_KEY',
      /: there is no private key in PEM in it$/,
    ],
    [
      "somebody else's key",
      () => ({ OS_CERT: tlsFile('client.pem'), OS_KEY: tlsFile('localhost.key') }),
      'OS_KEY',
      /: it is not the key of the certificate in /,
    ],
    [
      'an encrypted key',
      () => ({ OS_CERT: tlsFile('client.pem'), OS_KEY: encrypted() }),
      'OS_KEY',
      /: the key in it is encrypted, /,
    ],
    ['a switch that is none', () => ({ OS_INSECURE: 'maybe' }), 'OS_INSECURE', /: "maybe" is neither true nor false$/],
  ])('refuses %s', async (_what, env, option, message) => {
    const error = await refusal({ env: { ...USER_ENV, ...env() }, dir: dir() });
    expect(error).toMatchObject({
      code: 'CONFIG_TLS',
      exitCode: 3,
      details: { option },
      hint: expect.any(String) as unknown,
    });
    expect(error.message).toMatch(message);
    expect(error.message.startsWith(`Cannot use ${option}: `)).toBe(true);
    const key = readFileSync(tlsFile('client.key'), 'utf8').split('\n')[1] ?? '';
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain(key);
  });
});

function folder(): string {
  const path = join(dir(), 'certs');
  mkdirSync(path, { recursive: true });
  return path;
}

function encrypted(): string {
  return write(dir(), 'encrypted.key', TLS.client.key.replaceAll('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'));
}
