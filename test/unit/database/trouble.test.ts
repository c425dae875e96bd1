import { describe, expect, test } from 'vitest';
import { databaseError } from '../../../src/database/database-error.ts';
import { mysqlTrouble } from '../../../src/database/mysql-trouble.ts';
import { postgresqlTrouble } from '../../../src/database/postgresql-trouble.ts';
import { coded } from '../../support/scripted-wire.ts';

const ATTEMPT = { verb: 'read', label: 'mysql://glance@db/glance', password: 'secret' };

function codeOf(trouble: ReturnType<typeof mysqlTrouble>, error: unknown): unknown {
  return trouble === undefined ? undefined : databaseError(ATTEMPT, trouble, error).code;
}

describe('mysqlTrouble()', () => {
  test.each([
    [1045, 'AUTH_REFUSED'],
    [1698, 'AUTH_REFUSED'],
    [1044, 'CACHE_PERMISSION'],
    [1142, 'CACHE_PERMISSION'],
    [1049, 'CONFIG_DATABASE'],
    [1146, 'INDEX_FOREIGN'],
    [1054, 'INDEX_FOREIGN'],
    [1053, 'INDEX_IO'],
    [1927, 'INDEX_IO'],
    [4031, 'INDEX_IO'],
    [1213, 'INDEX_IO'],
    [1205, 'BUSY_INDEX'],
    [1040, 'REMOTE_UNREACHABLE'],
    [1047, 'REMOTE_UNREACHABLE'],
    [1290, 'CACHE_READ_ONLY'],
    [1792, 'CACHE_READ_ONLY'],
    [1114, 'CACHE_NO_SPACE'],
    [1969, 'REMOTE_STALLED'],
    [1665, 'REMOTE_STATUS'],
    [1064, undefined],
  ])('sorts error %d of a server', (errno, code) => {
    const error = coded('text', { code: 'ER_X', errno });
    expect(codeOf(mysqlTrouble(error), error)).toBe(code);
  });

  test.each([
    [{ code: 'PROTOCOL_CONNECTION_LOST', fatal: true }, 'INDEX_IO'],
    [{ code: 'ECONNRESET', errno: -104, syscall: 'read' }, 'INDEX_IO'],
    [{ code: 'EPIPE' }, 'INDEX_IO'],
    [{ fatal: true }, 'INDEX_IO'],
    [{ code: 'ECONNREFUSED' }, 'REMOTE_UNREACHABLE'],
    [{ code: 'EAI_AGAIN' }, 'REMOTE_UNREACHABLE'],
    [{ code: 'ENOENT' }, 'REMOTE_UNREACHABLE'],
    [{ code: 'HANDSHAKE_NO_SSL_SUPPORT' }, 'REMOTE_TLS'],
    [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'REMOTE_TLS'],
    [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'REMOTE_TLS'],
    [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'REMOTE_TLS'],
    [{}, undefined],
  ])('sorts %j', (fields, code) => {
    const error = coded('text', fields);
    expect(codeOf(mysqlTrouble(error), error)).toBe(code);
  });
});

describe('postgresqlTrouble()', () => {
  test.each([
    ['28P01', 'AUTH_REFUSED'],
    ['28000', 'AUTH_REFUSED'],
    ['3D000', 'CONFIG_DATABASE'],
    ['42501', 'CACHE_PERMISSION'],
    ['42P01', 'INDEX_FOREIGN'],
    ['42703', 'INDEX_FOREIGN'],
    ['57P01', 'INDEX_IO'],
    ['57P02', 'INDEX_IO'],
    ['08006', 'INDEX_IO'],
    ['40001', 'INDEX_IO'],
    ['40P01', 'INDEX_IO'],
    ['55P03', 'BUSY_INDEX'],
    ['57P03', 'REMOTE_UNREACHABLE'],
    ['53300', 'REMOTE_UNREACHABLE'],
    ['53100', 'CACHE_NO_SPACE'],
    ['25006', 'CACHE_READ_ONLY'],
    ['57014', 'REMOTE_STALLED'],
    ['XX001', 'INDEX_IO'],
    ['22003', 'REMOTE_STATUS'],
    ['42601', undefined],
  ])('sorts state %s of a server', (code, told) => {
    const error = coded('text', { severity: 'ERROR', code });
    expect(codeOf(postgresqlTrouble(error), error)).toBe(told);
  });

  test.each([
    ['Connection terminated unexpectedly', 'INDEX_IO'],
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a non-empty string', 'AUTH_REFUSED'],
    ['The server does not support SSL connections', 'REMOTE_TLS'],
  ])('sorts what pg itself says: %s', (message, code) => {
    const error = new Error(message);
    expect(codeOf(postgresqlTrouble(error), error)).toBe(code);
  });

  test('leaves a mistake of our own alone', () => {
    expect(postgresqlTrouble(new TypeError('x is not a function'))).toBeUndefined();
    expect(mysqlTrouble(new TypeError('x is not a function'))).toBeUndefined();
    expect(mysqlTrouble('text')).toBeUndefined();
  });
});

describe('databaseError()', () => {
  test('makes what a server says printable, short, and free of the password', () => {
    const error = coded(`\u001b[31msecret ${'x'.repeat(5000)}`, { errno: 1146 });
    const { message } = databaseError(ATTEMPT, 'schema', error);
    expect(message).toMatch(/^Cannot read the database mysql:\/\/glance@db\/glance: \\x1b\[31m\*\*\* x+$/);
    expect(message.length).toBeLessThan(400);
  });

  test('tells about every address that could not be reached', () => {
    const error = new AggregateError([
      new Error('connect ECONNREFUSED ::1'),
      new Error('connect ECONNREFUSED 127.0.0.1'),
    ]);
    expect(databaseError(ATTEMPT, 'unreachable', error).message).toContain('::1, connect ECONNREFUSED 127.0.0.1');
  });

  test('says which release the tables are of', () => {
    const { hint } = databaseError(ATTEMPT, 'schema', coded('no table', { errno: 1146 }));
    expect(hint).toContain('2024.1');
    expect(hint).toContain('glance-manage db_sync expand');
  });
});
