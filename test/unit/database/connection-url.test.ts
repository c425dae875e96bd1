import { describe, expect, test } from 'vitest';
import { parseConnectionUrl } from '../../../src/database/connection-url.ts';
import type { DatabaseTarget, ServerTarget } from '../../../src/database/database-target.ts';
import { CacheError } from '../../../src/errors/cache-error.ts';
import { thrownBy } from '../../support/thrown.ts';

const ORIGIN = '/etc/glance/glance-api.conf, line 7';

function parse(url: string, parameters = ''): DatabaseTarget {
  return parseConnectionUrl({ url, parameters, origin: ORIGIN });
}

function server(url: string, parameters = ''): ServerTarget {
  const target = parse(url, parameters);
  if (target.dialect === 'sqlite') throw new Error('not a server');
  return target;
}

function refusalOf(url: string): { readonly message: string; readonly hint: string } {
  const error = thrownBy(() => parse(url));
  expect(error).toMatchObject({ code: 'CONFIG_DATABASE', exitCode: 3 });
  if (!(error instanceof CacheError)) throw new Error('not an error of the toolkit');
  return { message: error.message, hint: error.hint ?? '' };
}

describe('parseConnectionUrl() on the parts of a URL', () => {
  test.each([
    ['mysql://', 'mysql', 3306],
    ['mysql+pymysql://', 'mysql', 3306],
    ['mysql+mysqldb://', 'mysql', 3306],
    ['mysql+mysqlconnector://', 'mysql', 3306],
    ['mariadb+pymysql://', 'mysql', 3306],
    ['postgresql://', 'postgresql', 5432],
    ['postgresql+psycopg2://', 'postgresql', 5432],
    ['postgresql+psycopg://', 'postgresql', 5432],
    ['postgresql+asyncpg://', 'postgresql', 5432],
    ['postgresql+pg8000://', 'postgresql', 5432],
    ['postgres://', 'postgresql', 5432],
  ])('knows %s and its port', (scheme, dialect, port) => {
    expect(server(`${scheme}glance:secret@db/glance`)).toMatchObject({
      dialect,
      addresses: [{ host: 'db', port }],
      user: 'glance',
      password: 'secret',
      database: 'glance',
      label: `${scheme}glance@db/glance`,
      notes: [],
    });
  });

  test.each([
    ['percent-encoded', 'p%40ss%2Fw%3A%25', 'p@ss/w:%'],
    ['in UTF-8', 'gl%C3%A4nce', 'glänce'],
    ['with a plus', 'a+b%2Bc', 'a+b+c'],
    ['with a slash, a colon and a question mark', 'a/b:c?d#e', 'a/b:c?d#e'],
    ['with a percent sign that begins no code', '100%', '100%'],
    ['of half a code', 'a%4', 'a%4'],
  ])('reads a password %s as SQLAlchemy does', (_what, written, password) => {
    expect(server(`mysql+pymysql://glance:${written}@db:3307/glance`)).toMatchObject({
      password,
      addresses: [{ host: 'db', port: 3307 }],
      label: 'mysql+pymysql://glance@db:3307/glance',
    });
  });

  test.each([
    ['mysql+pymysql://glance:@db/glance', 'glance', undefined],
    ['mysql+pymysql://glance@db/glance', 'glance', undefined],
    ['mysql+pymysql://gl%40nce:x@db/glance', 'gl@nce', 'x'],
    ['mysql+pymysql://glance@realm@db/glance', 'glance@realm', undefined],
    ['mysql+pymysql://db/glance', undefined, undefined],
    ['mysql+pymysql://db/glance?user=other&passwd=two', 'other', 'two'],
    ['postgresql://glance:one@db/glance?password=two', 'glance', 'two'],
  ])('reads the account of %s', (url, user, password) => {
    expect(server(url)).toMatchObject({ user, password });
  });

  test.each([
    ['mysql+pymysql://u@[2001:db8::1]:3307/glance', [{ host: '2001:db8::1', port: 3307 }]],
    ['mysql+pymysql://u@[::1]/glance', [{ host: '::1', port: 3306 }]],
    ['mysql+pymysql:///glance', [{ host: 'localhost', port: 3306 }]],
    ['mysql+pymysql://u@localhost/glance', [{ host: 'localhost', port: 3306 }]],
    ['mysql+pymysql://u@db/glance?unix_socket=/run/x.sock', [{ host: '/run/x.sock', port: 3306 }]],
    ['postgresql:///glance?host=/var/run/postgresql', [{ host: '/var/run/postgresql', port: 5432 }]],
    ['postgresql://u@/glance?host=%2Fsockets&port=5433', [{ host: '/sockets', port: 5433 }]],
    [
      'postgresql:///glance?host=a,b',
      [
        { host: 'a', port: 5432 },
        { host: 'b', port: 5432 },
      ],
    ],
    [
      'postgresql:///glance?host=a,b&port=1,2',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    ],
    [
      'postgresql:///glance?host=a:1&host=b',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 5432 },
      ],
    ],
  ])('finds the addresses of %s', (url, addresses) => {
    expect(server(url).addresses).toEqual(addresses);
  });

  test('tries the usual sockets first where the C library would', () => {
    for (const url of ['mysql://u@localhost/glance', 'mysql+mysqldb:///glance', 'postgresql:///glance']) {
      const { addresses } = server(url);
      expect(addresses.length).toBeGreaterThan(1);
      expect(addresses[0]?.host).toMatch(/^\//);
      expect(addresses.at(-1)?.host).toBe('localhost');
    }
    expect(server('mysql://u@db/glance').addresses).toEqual([{ host: 'db', port: 3306 }]);
  });

  test('keeps the name of the database as it is written, and takes the user for it as libpq does', () => {
    expect(server('mysql+pymysql://u@db/gl%61nce/x').database).toBe('gl%61nce/x');
    expect(server('postgresql://glance@db').database).toBe('glance');
  });

  test('adds connection_parameters to those of the URL', () => {
    expect(server('mysql+pymysql://u@db/glance', 'connect_timeout=3&read_timeout=4')).toMatchObject({
      connectTimeoutSec: 3,
      readTimeoutSec: 4,
    });
    expect(server('mysql+pymysql://u@db/glance?connect_timeout=3', 'read_timeout=4')).toMatchObject({
      connectTimeoutSec: 3,
      readTimeoutSec: 4,
    });
  });

  test('tells which parameters do nothing, without their values', () => {
    const { notes } = server('mysql+pymysql://u@db/glance?charset=utf8mb4&plugin_dir=hidden&empty=');
    expect(notes).toEqual(['The parameter "plugin_dir" of the database URL does nothing here']);
  });
});

describe('parseConnectionUrl() on SQLite', () => {
  test.each(['sqlite:////var/lib/glance/glance.sqlite', 'sqlite+pysqlite:////var/lib/glance/glance.sqlite'])(
    'takes the absolute path of %s',
    (url) => {
      expect(parse(url)).toEqual({ dialect: 'sqlite', label: url, path: '/var/lib/glance/glance.sqlite', notes: [] });
    },
  );

  test('refuses a relative path with the reason, and shows an absolute one', () => {
    const { message, hint } = refusalOf('sqlite:///glance.sqlite');
    expect(message).toContain('its path is relative to the folder that glance-api was started in');
    expect(hint).toContain('sqlite:////');
  });

  test.each(['sqlite://', 'sqlite:///:memory:', 'sqlite:///file:x?uri=true'])(
    'refuses %s, which nobody shares',
    (url) => {
      expect(refusalOf(url).message).toContain('no file which glance-api and this program could share');
    },
  );

  test('refuses a host', () => {
    expect(refusalOf('sqlite://var/lib/glance.sqlite').hint).toContain('three slashes');
  });
});

describe('parseConnectionUrl() on what it cannot use', () => {
  test.each([
    ['', 'it is not a database URL'],
    ['glance:hunter2@db/glance', 'it is not a database URL'],
    ['oracle://u:hunter2@db/glance', '"oracle" is none of mysql, mariadb, postgresql, sqlite'],
    ['mysql+pymysql://u:hunter2@db', 'it names no database'],
    ['mysql+pymysql://u:hunter2@db/', 'it names no database'],
    ['postgresql://db', 'it names no database'],
    ['mysql+pymysql://u:hunter2@db:99999/glance', 'its port is not a number between 1 and 65535'],
    ['mysql+pymysql://u:hunter2@db:0/glance', 'its port is not a number between 1 and 65535'],
    ['mysql+pymysql://u:x@hunter2@db/glance', 'has characters that it cannot have'],
    ['mysql+pymysql://u:x@hunter2/y@db/glance', 'has characters that it cannot have'],
    ['mysql+pymysql://u:x@y:hunter2@db/glance', 'has characters that it cannot have'],
    ['postgresql://u:x@hunter2@db/glance', 'has characters that it cannot have'],
    [
      'mysql+pymysql://u@db/glance?connect_timeout=hunter2',
      'its parameter "connect_timeout" is not a number of seconds',
    ],
    ['mysql+pymysql://u@db/glance?ssl_verify_cert=hunter2', 'its parameter "ssl_verify_cert" is not true or false'],
    ['mysql+mysqldb://u@db/glance?ssl_mode=hunter2', 'its parameter "ssl_mode" is not one of'],
    ['postgresql://u@db/glance?sslmode=hunter2', 'its parameter "sslmode" is not one of disable, allow'],
  ])('refuses %s, and shows nothing of a password', (url, state) => {
    const { message, hint } = refusalOf(url);
    expect(message).toMatch(/^Cannot use /);
    expect(message).toContain(state);
    expect(message).toContain(`from ${ORIGIN}`);
    expect(`${message}${hint}`).not.toContain('hunter2');
    expect(hint).not.toBe('');
  });
});
