import { afterEach, describe, expect, test } from 'vitest';
import { parseConnectionUrl } from '../../../src/database/connection-url.ts';
import { openDatabase } from '../../../src/database/open-database.ts';
import { systemClock } from '../../../src/time/system-clock.ts';
import { type MysqlGreeter, startMysqlGreeter } from '../../support/mysql-greeter.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { type KeyPair, TLS, tlsFile } from '../../support/tls.ts';

const CA = `ssl_ca=${tlsFile('ca.pem')}`;

let greeter: MysqlGreeter | undefined;

afterEach(() => {
  greeter?.close();
  greeter = undefined;
});

/** What connecting fails with, and whether the server was told who comes. */
async function meet(certificate: KeyPair, host: string, query: string): Promise<readonly [unknown, number]> {
  greeter = await startMysqlGreeter(certificate);
  const url = `mysql+pymysql://glance:secret@${host}:${greeter.port}/glance?${query}`;
  const target = parseConnectionUrl({ url, parameters: '', origin: 'a test' });
  const signal = new AbortController().signal;
  const database = await openDatabase(target, { clock: systemClock, timeoutSec: 1, signal });
  const error = await rejectionOf(database.rows('SELECT 1'));
  database.close();
  return [error, greeter.logins()];
}

// The server lets nobody in: that it was asked to says that its certificate was good enough.
describe('mysql.connect() over TLS', () => {
  test.each([
    ['of its name', 'localhost', CA, TLS.localhost],
    ['of its address', '127.0.0.1', CA, TLS.localhost],
    ['of another name, when no name is looked at', '127.0.0.1', `${CA}&ssl_check_hostname=false`, TLS.wrongName],
    ['that nobody vouches for, when none is looked at', '127.0.0.1', 'ssl=true', TLS.expired],
  ])('goes on with a certificate %s', async (_what, host, query, certificate) => {
    const [error, logins] = await meet(certificate, host, query);
    expect(error).toMatchObject({ code: 'AUTH_REFUSED' });
    expect(logins).toBe(1);
  });

  test.each([
    ['of another name', 'localhost', CA, TLS.wrongName],
    // It has the name that Node takes where it is told none.
    ['of another address', '127.0.0.2', CA, TLS.localhost],
    ['that has expired', 'localhost', CA, TLS.expired],
    ['that nobody vouches for', 'localhost', 'ssl_verify_cert=true', TLS.localhost],
  ])('tells nobody the account who shows a certificate %s', async (_what, host, query, certificate) => {
    const [error, logins] = await meet(certificate, host, query);
    expect(error).toMatchObject({ code: 'REMOTE_TLS', exitCode: 8, isTransient: false });
    expect(logins).toBe(0);
  });
});
