import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ServerTarget, TlsMode } from '../../../src/database/database-target.ts';
import { mysqlTrouble } from '../../../src/database/mysql-trouble.ts';
import { ServerDatabase } from '../../../src/database/server-database.ts';
import { type Answer, coded, type ScriptedEngine, scriptedEngine, someTarget } from '../../support/scripted-wire.ts';
import { rejectionOf } from '../../support/thrown.ts';

const LOST = coded('gone', { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });
const DEADLOCK = coded('Deadlock found', { code: 'ER_LOCK_DEADLOCK', errno: 1213 });
const TIMEOUT = coded('Lock wait timeout', { code: 'ER_LOCK_WAIT_TIMEOUT', errno: 1205 });
const UNREACHABLE = coded('connect ECONNREFUSED', { code: 'ECONNREFUSED', errno: -111 });
const DENIED = coded("Access denied for 'glance' with secret", { code: 'ER_ACCESS_DENIED_ERROR', errno: 1045 });

function open(
  { engine }: ScriptedEngine,
  more: { readonly target?: Partial<ServerTarget>; readonly signal?: AbortSignal } = {},
): ServerDatabase {
  const { target = {}, signal = new AbortController().signal } = more;
  return new ServerDatabase({
    target: someTarget(target),
    engine,
    troubleOf: mysqlTrouble,
    lockTimeoutSec: 1,
    signal,
  });
}

/** Fails the statements with these numbers, counted from 1. */
function failing(error: Error, ...numbers: readonly number[]): Answer {
  let count = 0;
  return (sql) => (numbers.includes(++count) ? error : [[sql]]);
}

describe('ServerDatabase', () => {
  test('connects at the first statement, and once', async () => {
    const script = scriptedEngine((sql) => [[sql]]);
    const database = open(script);
    expect(script.log).toEqual([]);
    expect(await database.rows('A')).toEqual([['A']]);
    await database.run('B');
    database.close();
    expect(script.log).toEqual(['connect db:3306', 'A', 'B', 'destroy']);
  });

  test('transaction() commits when its work has ended, and gives back what it returns', async () => {
    const script = scriptedEngine(() => []);
    const result = await open(script).transaction(async (statements) => {
      await statements.run('A');
      return 'done';
    });
    expect(result).toBe('done');
    expect(script.log.slice(1)).toEqual(['BEGIN', 'A', 'COMMIT']);
  });

  test('transaction() rolls back and throws the same when its work throws', async () => {
    const script = scriptedEngine(() => []);
    const fault = new Error('fault');
    expect(await rejectionOf(open(script).transaction(() => Promise.reject(fault)))).toBe(fault);
    expect(script.log.slice(1)).toEqual(['BEGIN', 'ROLLBACK']);
  });

  test('transaction() throws what its work has thrown even when nobody hears the ROLLBACK', async () => {
    const script = scriptedEngine((sql) => (sql === 'ROLLBACK' ? LOST : []));
    const fault = new Error('fault');
    expect(await rejectionOf(open(script).transaction(() => Promise.reject(fault)))).toBe(fault);
    expect(script.log.at(-1)).toBe('destroy');
  });
});

describe('ServerDatabase on a connection that is lost', () => {
  test('reads once again on a new one', async () => {
    const script = scriptedEngine(failing(LOST, 2));
    const database = open(script);
    await database.rows('A');
    expect(await database.rows('B')).toEqual([['B']]);
    expect(script.log).toEqual(['connect db:3306', 'A', 'B', 'destroy', 'connect db:3306', 'B']);
  });

  test('begins once again on a new one', async () => {
    const script = scriptedEngine(failing(LOST, 2));
    const database = open(script);
    await database.rows('A');
    await database.transaction((statements) => statements.run('B'));
    expect(script.log.slice(3)).toEqual(['destroy', 'connect db:3306', 'BEGIN', 'B', 'COMMIT']);
  });

  test.each([
    ['at once again', [2, 3]],
    ['on a new connection', [1]],
  ])('is INDEX_IO when that happens %s', async (_when, numbers) => {
    const database = open(scriptedEngine(failing(LOST, ...numbers)));
    if (numbers.length > 1) await database.rows('A');
    expect(await rejectionOf(database.rows('B'))).toMatchObject({ code: 'INDEX_IO', exitCode: 4 });
  });

  test.each([2, 3])(
    'is INDEX_IO within a transaction, after %d statements, and the next one goes well',
    async (number) => {
      const script = scriptedEngine(failing(LOST, number));
      const database = open(script);
      const work = database.transaction((statements) => statements.run('A'));
      expect(await rejectionOf(work)).toMatchObject({
        code: 'INDEX_IO',
        message: 'Cannot write to the database mysql://glance@db/glance: gone',
      });
      expect(script.log.at(-1)).toBe('destroy');
      expect(await database.rows('B')).toEqual([['B']]);
    },
  );
});

describe('ServerDatabase on what a server refuses', () => {
  test.each([
    [DEADLOCK, 'INDEX_IO'],
    [TIMEOUT, 'BUSY_INDEX'],
  ])('keeps the connection: %s', async (error, code) => {
    const script = scriptedEngine(failing(error, 2));
    const database = open(script);
    const work = database.transaction((statements) => statements.run('A'));
    expect(await rejectionOf(work)).toMatchObject({ code });
    expect(script.log).toEqual(['connect db:3306', 'BEGIN', 'A', 'ROLLBACK']);
  });

  test('shows no password, whoever repeats it', async () => {
    const database = open(
      scriptedEngine(
        () => [],
        () => DENIED,
      ),
    );
    const error = await rejectionOf(database.rows('A'));
    expect(error).toMatchObject({ code: 'AUTH_REFUSED', exitCode: 7, details: { database_error: 1045 } });
    expect(String(error)).toContain("Access denied for 'glance' with ***");
    expect(String(error)).not.toContain('secret');
  });
});

describe('ServerDatabase on several addresses', () => {
  const addresses = [1, 2, 3].map((port) => ({ host: 'db', port }));

  test('takes the first that can be reached', async () => {
    const script = scriptedEngine(
      () => [],
      ({ address }) => (address.port < 2 ? UNREACHABLE : undefined),
    );
    await open(script, { target: { addresses } }).rows('A');
    expect(script.log).toEqual(['connect db:1', 'connect db:2', 'A']);
  });

  test('tells why the last could not be, and goes no further when an account is refused', async () => {
    const all = open(
      scriptedEngine(
        () => [],
        () => UNREACHABLE,
      ),
      { target: { addresses } },
    );
    expect(await rejectionOf(all.rows('A'))).toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      exitCode: 8,
      isTransient: true,
    });
    const denied = scriptedEngine(
      () => [],
      () => DENIED,
    );
    expect(await rejectionOf(open(denied, { target: { addresses } }).rows('A'))).toMatchObject({ exitCode: 7 });
    expect(denied.log).toEqual(['connect db:1']);
  });
});

describe('ServerDatabase on TLS', () => {
  const target = (mode: TlsMode): Partial<ServerTarget> => ({ tls: { ...someTarget().tls, mode } });

  test.each([
    ['disable', ['connect db:3306']],
    ['prefer', ['connect db:3306 with TLS', 'connect db:3306']],
    ['allow', ['connect db:3306']],
  ] as const)('%s goes on without where the server has none', async (mode, log) => {
    const script = scriptedEngine(
      () => [],
      ({ tls }) => (tls === undefined ? undefined : new Error('no TLS')),
    );
    await open(script, { target: target(mode) }).rows('A');
    expect(script.log.slice(0, -1)).toEqual(log);
  });

  test.each(['require', 'verify-ca', 'verify-full'] as const)('%s does not', async (mode) => {
    const script = scriptedEngine(
      () => [],
      () => coded('no TLS', { code: 'HANDSHAKE_NO_SSL_SUPPORT' }),
    );
    expect(await rejectionOf(open(script, { target: target(mode) }).rows('A'))).toMatchObject({ code: 'REMOTE_TLS' });
    expect(script.log).toEqual(['connect db:3306 with TLS']);
  });

  test('prefer does not go on without when a certificate is bad, or the server hangs up', async () => {
    for (const code of ['CERT_HAS_EXPIRED', 'ECONNRESET']) {
      const script = scriptedEngine(
        () => [],
        () => coded('bad', { code }),
      );
      expect(await rejectionOf(open(script, { target: target('prefer') }).rows('A'))).toMatchObject({ exitCode: 8 });
      expect(script.log).toEqual(['connect db:3306 with TLS']);
    }
  });

  test('allow begins with it when the server wants it', async () => {
    const script = scriptedEngine(
      () => [],
      ({ tls }) => (tls === undefined ? DENIED : undefined),
    );
    await open(script, { target: target('allow') }).rows('A');
    expect(script.log).toEqual(['connect db:3306', 'connect db:3306 with TLS', 'A']);
  });

  test('never is on a socket', async () => {
    const script = scriptedEngine(() => []);
    await open(script, { target: { ...target('verify-full'), addresses: [{ host: '/run/x', port: 1 }] } }).rows('A');
    expect(script.log[0]).toBe('connect /run/x:1');
  });
});

describe('ServerDatabase on a signal', () => {
  const never = (): Promise<never> => new Promise(() => undefined);

  test('ends what waits for an answer, with its reason, and the connection', async () => {
    const controller = new AbortController();
    const reason = new Error('stopped');
    const script = scriptedEngine(never);
    const waiting = rejectionOf(open(script, { signal: controller.signal }).rows('A'));
    setImmediate(() => controller.abort(reason));
    expect(await waiting).toBe(reason);
    expect(script.log.at(-1)).toBe('destroy');
  });

  test('does not end a commit', async () => {
    const controller = new AbortController();
    const script = scriptedEngine(() => []);
    const database = open(script, { signal: controller.signal });
    await database.transaction(async () => controller.abort(new Error('stopped')));
    expect(script.log.at(-1)).toBe('COMMIT');
  });

  test('keeps from beginning anything', async () => {
    const script = scriptedEngine(() => []);
    const reason = new Error('stopped');
    expect(await rejectionOf(open(script, { signal: AbortSignal.abort(reason) }).rows('A'))).toBe(reason);
    expect(script.log).toEqual([]);
  });
});

describe('ServerDatabase on a server that hangs', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('gives up on a statement, and on the connection', async () => {
    vi.useFakeTimers();
    const script = scriptedEngine((sql) => (sql === 'A' ? new Promise(() => undefined) : []));
    const database = open(script);
    const error = rejectionOf(database.rows('A'));
    await vi.advanceTimersByTimeAsync(30_900);
    expect(script.log.at(-1)).toBe('A');
    await vi.advanceTimersByTimeAsync(200);
    expect(await error).toMatchObject({
      code: 'REMOTE_STALLED',
      message: 'Cannot read the database mysql://glance@db/glance: the server has not answered for 31 s',
    });
    expect(script.log.at(-1)).toBe('destroy');
    expect(await database.rows('B')).toEqual([]);
  });
});
