import { describe, expect, test } from 'vitest';
import { parseConnectionUrl } from '../../../src/database/connection-url.ts';
import type { TlsWish } from '../../../src/database/database-target.ts';

function tlsOf(url: string): TlsWish {
  const target = parseConnectionUrl({ url, parameters: '', origin: 'a test' });
  if (target.dialect === 'sqlite') throw new Error('not a server');
  expect(target.notes).toEqual([]);
  return target.tls;
}

describe('parseConnectionUrl() on TLS of MySQL', () => {
  test.each([
    ['mysql+pymysql', '', 'disable'],
    ['mysql+mysqldb', '', 'prefer'],
    ['mysql+mysqlconnector', '', 'prefer'],
    ['mysql+pymysql', 'ssl_ca=/ca.pem', 'verify-full'],
    ['mysql+mysqldb', 'ssl_ca=/ca.pem', 'verify-ca'],
    ['mysql+pymysql', 'ssl_capath=/certs', 'verify-full'],
    ['mysql+pymysql', 'ssl_ca=/ca.pem&ssl_check_hostname=false', 'verify-ca'],
    ['mysql+mysqldb', 'ssl_ca=/ca.pem&ssl_check_hostname=true', 'verify-full'],
    ['mysql+pymysql', 'ssl_ca=/ca.pem&ssl_verify_identity=false', 'verify-ca'],
    ['mysql+pymysql', 'ssl_ca=/ca.pem&ssl_verify_cert=false', 'require'],
    ['mysql+pymysql', 'ssl_ca=/ca.pem&ssl_verify_cert=true', 'verify-full'],
    ['mysql+pymysql', 'ssl_verify_cert=true', 'verify-ca'],
    ['mysql+pymysql', 'ssl_verify_cert=true&ssl_verify_identity=true', 'verify-full'],
    ['mysql+pymysql', 'ssl_cert=/c.pem&ssl_key=/k.pem', 'require'],
    ['mysql+pymysql', 'ssl_cipher=AES256-SHA', 'require'],
    ['mysql+pymysql', 'ssl=true', 'require'],
    ['mysql+mysqldb', 'ssl=false', 'disable'],
    ['mysql+mysqlconnector', 'ssl_ca=/ca.pem&ssl_disabled=True', 'disable'],
    ['mysql+mysqldb', 'ssl_mode=DISABLED', 'disable'],
    ['mysql+mysqldb', 'ssl_mode=PREFERRED', 'prefer'],
    ['mysql+mysqldb', 'ssl_mode=REQUIRED&ssl_ca=/ca.pem', 'require'],
    ['mysql+mysqldb', 'ssl_mode=VERIFY_CA', 'verify-ca'],
    ['mysql+mysqldb', 'ssl_mode=verify_identity', 'verify-full'],
  ])('%s with "%s" is %s', (scheme, query, mode) => {
    expect(tlsOf(`${scheme}://u@db/glance?${query}`).mode).toBe(mode);
  });

  test('knows every file', () => {
    const query = 'ssl_ca=/ca.pem&ssl_capath=/certs&ssl_cert=/c.pem&ssl_key=/k.pem&ssl_cipher=AES256-SHA';
    expect(tlsOf(`mysql+pymysql://u@db/glance?${query}`)).toEqual({
      mode: 'verify-full',
      caFile: '/ca.pem',
      caFolder: '/certs',
      certFile: '/c.pem',
      keyFile: '/k.pem',
      keyPassword: undefined,
      ciphers: 'AES256-SHA',
    });
  });
});

describe('parseConnectionUrl() on TLS of PostgreSQL', () => {
  test.each([
    ['postgresql', '', 'prefer'],
    ['postgresql+pg8000', '', 'disable'],
    ['postgresql', 'sslmode=disable', 'disable'],
    ['postgresql', 'sslmode=allow', 'allow'],
    ['postgresql', 'sslmode=require', 'require'],
    ['postgresql', 'sslmode=require&sslrootcert=/ca.pem', 'verify-ca'],
    ['postgresql', 'sslmode=verify-ca', 'verify-ca'],
    ['postgresql', 'sslmode=verify-full&sslrootcert=/ca.pem', 'verify-full'],
    ['postgresql', 'sslrootcert=system', 'verify-full'],
    ['postgresql+asyncpg', 'ssl=require', 'require'],
  ])('%s with "%s" is %s', (scheme, query, mode) => {
    expect(tlsOf(`${scheme}://u@db/glance?${query}`).mode).toBe(mode);
  });

  test('knows every file', () => {
    const query = 'sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem&sslpassword=secret';
    expect(tlsOf(`postgresql://u@db/glance?${query}`)).toEqual({
      mode: 'verify-full',
      caFile: '/ca.pem',
      caFolder: undefined,
      certFile: '/c.pem',
      keyFile: '/k.pem',
      keyPassword: 'secret',
      ciphers: undefined,
    });
    expect(tlsOf('postgresql://u@db/glance?sslrootcert=system').caFile).toBeUndefined();
  });
});
