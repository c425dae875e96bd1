import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, inject, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import type { RunResult } from '../support/run-program.ts';
import { tlsFile } from '../support/tls.ts';
import { ACCOUNTS } from './support/accounts.ts';
import type { CentralNode } from './support/central-node.ts';
import { useOwnServers } from './support/own-servers.ts';
import { ENGINES, type Engine, type ServerAddress, socketUrl, type UrlParts } from './support/server-address.ts';
import { useNodes } from './support/use-nodes.ts';

const startServer = useOwnServers();
const { makeNode } = useNodes();
const ONE = idOf('1');

/** A name of this machine that is in no certificate; of one that means 127.0.0.1 some releases of Node see that it does. */
const OTHER_NAME = '0';

/** Lists what is cached over this connection, telling all there is to tell. */
async function listOver(node: CentralNode, connection: string): Promise<RunResult> {
  node.configure({ connection });
  const result = await node.run('manage', ['--debug', 'list-cached', '--format', 'json']);
  for (const password of [...Object.values(ACCOUNTS), 'no such password']) {
    for (const spelling of [password, encodeURIComponent(password), JSON.stringify(password).slice(1, -1)]) {
      expect(result.stdout + result.stderr).not.toContain(spelling);
    }
  }
  return result;
}

async function expectImages(node: CentralNode, connection: string): Promise<void> {
  const { code, stdout, stderr } = await listOver(node, connection);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(ONE);
}

async function expectFailure(
  node: CentralNode,
  connection: string,
  error: { readonly code: string; readonly exit_code: number },
): Promise<void> {
  const { code, stdout, stderr } = await listOver(node, connection);
  const lines = stderr.trim().split('\n');
  expect({ code, stdout, error: (JSON.parse(lines.at(-1) ?? '') as { error: unknown }).error }).toMatchObject({
    code: error.exit_code,
    stdout: '',
    error: { ...error, message: expect.stringMatching(/^Cannot /) as unknown, hint: expect.any(String) as unknown },
  });
}

async function listedNode(server: Engine | ServerAddress): Promise<CentralNode> {
  const node = await makeNode(server);
  await node.addImages([ONE]);
  return node;
}

/** A URL, and the error it leads to, if any. */
type Trial = readonly [what: string, parts: UrlParts, error?: string];

const SCHEMES: Readonly<Record<Engine, readonly Trial[]>> = {
  mariadb: [
    ['the default driver', { scheme: 'mysql' }],
    ['PyMySQL', { scheme: 'mysql+pymysql', query: { charset: 'utf8mb4' } }],
    ['PyMySQL by the name of MariaDB', { scheme: 'mariadb+pymysql', query: { charset: 'utf8' } }],
    ['mysqlclient', { scheme: 'mysql+mysqldb', query: { charset: 'utf8mb3', use_unicode: '1' } }],
    ['the connector of MySQL', { scheme: 'mysql+mysqlconnector' }],
    ['localhost', { host: 'localhost' }],
    ['an account that may only read', { account: 'reader' }],
  ],
  postgresql: [
    ['the default driver', { scheme: 'postgresql' }],
    ['psycopg2', { scheme: 'postgresql+psycopg2', query: { client_encoding: 'utf8' } }],
    ['psycopg', { scheme: 'postgresql+psycopg', query: { application_name: 'glance' } }],
    ['localhost', { host: 'localhost' }],
    ['an account that may only read', { account: 'reader' }],
  ],
};

const [CA, WRONG_CA, CERT, KEY] = ['ca.pem', 'client.pem', 'client.pem', 'client.key'].map(tlsFile) as [
  string,
  string,
  string,
  string,
];

const TLS_TRIALS: Readonly<Record<Engine, readonly Trial[]>> = {
  mariadb: [
    ['none asked for, where the server asks for it', { account: 'secured' }, 'AUTH_REFUSED'],
    ['an authority', { account: 'secured', query: { ssl_ca: CA } }],
    ['an authority, and localhost', { account: 'secured', host: 'localhost', query: { ssl_ca: CA } }],
    ['another authority', { query: { ssl_ca: WRONG_CA } }, 'REMOTE_TLS'],
    ['a name that the certificate lacks', { host: OTHER_NAME, query: { ssl_ca: CA } }, 'REMOTE_TLS'],
    [
      'that name, not looked at',
      { account: 'secured', host: OTHER_NAME, query: { ssl_ca: CA, ssl_check_hostname: 'false' } },
    ],
    ['a file that is not there', { query: { ssl_ca: '/nonexistent/ca.pem' } }, 'CONFIG_TLS'],
    ['a certificate', { account: 'certified', query: { ssl_ca: CA, ssl_cert: CERT, ssl_key: KEY } }],
    ['no certificate, where one is asked for', { account: 'certified', query: { ssl_ca: CA } }, 'AUTH_REFUSED'],
  ],
  postgresql: [
    [
      'sslmode=disable, where the server asks for TLS',
      { account: 'secured', query: { sslmode: 'disable' } },
      'AUTH_REFUSED',
    ],
    ['sslmode=disable', { query: { sslmode: 'disable' } }],
    ...['allow', 'prefer', 'require'].map(
      (sslmode): Trial => [`sslmode=${sslmode}`, { account: 'secured', query: { sslmode } }],
    ),
    ['no sslmode', { account: 'secured' }],
    ...['require', 'verify-ca', 'verify-full'].map(
      (sslmode): Trial => [
        `sslmode=${sslmode} with an authority`,
        { account: 'secured', query: { sslmode, sslrootcert: CA } },
      ],
    ),
    ...['require', 'verify-ca', 'verify-full'].map(
      (sslmode): Trial => [
        `sslmode=${sslmode} with another authority`,
        { query: { sslmode, sslrootcert: WRONG_CA } },
        'REMOTE_TLS',
      ],
    ),
    [
      'sslmode=verify-full and a name that the certificate lacks',
      { host: OTHER_NAME, query: { sslmode: 'verify-full', sslrootcert: CA } },
      'REMOTE_TLS',
    ],
    [
      'sslmode=verify-ca and such a name',
      { account: 'secured', host: OTHER_NAME, query: { sslmode: 'verify-ca', sslrootcert: CA } },
    ],
    ['a file that is not there', { query: { sslmode: 'verify-ca', sslrootcert: '/nonexistent/ca.pem' } }, 'CONFIG_TLS'],
    ['a certificate', { account: 'certified', query: { sslmode: 'require', sslcert: CERT, sslkey: KEY } }],
    ['no certificate, where one is asked for', { account: 'certified', query: { sslmode: 'require' } }, 'AUTH_REFUSED'],
  ],
};

function named([what, parts, error]: Trial): { what: string; parts: UrlParts; error: string | undefined } {
  return { what, parts, error };
}

const EXIT_CODES: Readonly<Record<string, number>> = { CONFIG_TLS: 3, AUTH_REFUSED: 7, REMOTE_TLS: 8 };

describe.each(ENGINES)('connections to %s', (engine) => {
  test.each(SCHEMES[engine].map(named))('it is reached when the URL names $what', async ({ parts }) => {
    const node = await listedNode(engine);
    await expectImages(node, node.database.url(parts));
  });

  test('it is reached over its socket', async () => {
    const node = await listedNode(engine);
    await expectImages(node, socketUrl(node.database.address, node.database.name));
  });

  test.each(TLS_TRIALS[engine].map(named))('TLS is as asked for: $what', async ({ parts, error }) => {
    const node = await listedNode(engine);
    const url = node.database.url(parts);
    if (error === undefined) await expectImages(node, url);
    else await expectFailure(node, url, { code: error, exit_code: EXIT_CODES[error] ?? 0 });
  });

  test('a server without TLS is talked to without where that is not asked for, and else refused', async () => {
    const { address } = await startServer(engine, engine === 'mariadb' ? ['--skip-ssl'] : ['-c', 'ssl=off']);
    const node = await listedNode(address);
    const asked =
      engine === 'mariadb' ? [{ ssl_ca: CA }] : [{ sslmode: 'require' }, { sslmode: 'verify-full', sslrootcert: CA }];
    const unasked =
      engine === 'mariadb' ? [{}] : [{}, { sslmode: 'prefer' }, { sslmode: 'allow' }, { sslmode: 'disable' }];
    for (const query of unasked) await expectImages(node, node.database.url({ query }));
    for (const query of asked) {
      await expectFailure(node, node.database.url({ query }), { code: 'REMOTE_TLS', exit_code: 8 });
    }
  });

  test('a wrong password is refused credentials', async () => {
    const node = await listedNode(engine);
    const refused = { code: 'AUTH_REFUSED', exit_code: 7 };
    await expectFailure(node, node.database.url({ password: 'no such password' }), refused);
    await expectFailure(node, node.database.url({ password: '' }), refused);
  });

  test('a database that is not there is a wrong configuration', async () => {
    const node = await listedNode(engine);
    const { name } = node.database;
    await expectFailure(node, node.database.url().replace(name, `${name}_not`), {
      code: 'CONFIG_DATABASE',
      exit_code: 3,
    });
  });

  test('a server that is not there cannot be reached', async () => {
    const node = await listedNode(engine);
    const unreachable = { code: 'REMOTE_UNREACHABLE', exit_code: 8 };
    await expectFailure(node, node.database.url({ port: 1 }), unreachable);
    await expectFailure(node, node.database.url({ host: 'no-such-host.invalid' }), unreachable);
    const { address, name } = node.database;
    await expectFailure(node, socketUrl({ ...address, socket: '/nonexistent/socket' }, name), unreachable);
  });

  test.each([
    ['says nothing', undefined],
    ['speaks HTTP', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
    ['sends noise', Buffer.alloc(100, 0xff)],
    ['hangs up', ''],
  ])('a server that %s is told as one that cannot be understood, in time', async (_what, words) => {
    const node = await listedNode(engine);
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (words !== undefined) socket.end(words);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      node.configure({ connection: node.database.url({ port, query: { connect_timeout: '2' } }) });
      const { code, stderr } = await node.run('manage', ['list-cached']);
      expect({ code, stderr }).toEqual({
        code: 8,
        stderr: expect.stringMatching(/^ERROR: Cannot .*\nhint: .*\n$/) as unknown,
      });
    } finally {
      server.close();
    }
  });

  test('the server of the other kind is told as one that cannot be understood, in time', async () => {
    const node = await listedNode(engine);
    const { port } = inject('servers')[engine === 'mariadb' ? 'postgresql' : 'mariadb'];
    node.configure({ connection: node.database.url({ port, query: { connect_timeout: '2' } }) });
    const { code, stderr } = await node.run('manage', ['list-cached']);
    expect({ code, stderr }).toEqual({
      code: 8,
      stderr: expect.stringMatching(/^ERROR: Cannot .*\nhint: .*\n$/) as unknown,
    });
  });
});
