/**
 * PostgreSQL from Debian's packages.
 */
import { chownSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOrThrow } from '../../openstack/support/run.ts';
import { systemEnvironment } from '../../openstack/support/system-environment.ts';
import { ACCOUNTS, literal } from './accounts.ts';
import { asAdmin } from './admin.ts';
import type { ServerKind } from './running-server.ts';
import { systemUser } from './system-user.ts';
import { placeTlsFiles } from './tls-files.ts';

/** Who may come how; `md5` is whatever a password is stored as, which is SCRAM unless the server is told otherwise. */
const HBA = [
  'local all postgres trust',
  'local all all md5',
  'hostnossl all secured,certified 127.0.0.1/32 reject',
  'hostssl all certified 127.0.0.1/32 md5 clientcert=verify-ca',
  'host all all 127.0.0.1/32 md5',
];

/** For data that has to outlive the server's process, and not the machine. */
const NO_SYNC = { fsync: 'off', full_page_writes: 'off' };

/** PostgreSQL, as Debian's user `postgres`. */
export function postgresql(): ServerKind {
  const user = systemUser('postgres');
  const programs = programsFolder();
  const dataOf = (folder: string): string => join(folder, 'data');
  return {
    engine: 'postgresql',
    user,
    // Of the folder's own: its files are named after the port.
    socketIn: (folder) => folder,
    // Ends sessions that are still open, unlike SIGTERM.
    stopSignal: 'SIGINT',
    prepare: async (folder) => {
      chownSync(folder, user.uid, user.gid);
      placeTlsFiles(folder, user);
      const order = ['--encoding=UTF8', '--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US'];
      await runOrThrow(
        [join(programs, 'initdb'), `--pgdata=${dataOf(folder)}`, '--username=postgres', '--no-sync', ...order],
        { as: user, env: systemEnvironment('/nonexistent') },
      );
      writeFileSync(join(dataOf(folder), 'pg_hba.conf'), `${HBA.join('\n')}\n`);
    },
    argv: ({ folder, port }) => {
      const settings = {
        port,
        listen_addresses: '127.0.0.1',
        unix_socket_directories: folder,
        timezone: 'America/St_Johns',
        ssl: 'on',
        ssl_cert_file: join(folder, 'server.pem'),
        ssl_ca_file: join(folder, 'ca.pem'),
        ssl_key_file: join(folder, 'server.key'),
        ...NO_SYNC,
      };
      const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      return [join(programs, 'postgres'), '-D', dataOf(folder), ...flags];
    },
    populate: (address) =>
      asAdmin(address, undefined, async ({ run }) => {
        await run('SET standard_conforming_strings = on');
        for (const [name, password] of Object.entries(ACCOUNTS)) {
          await run(`CREATE ROLE ${name} LOGIN PASSWORD ${literal(password, 'postgresql')}`);
        }
      }),
  };
}

/** Where the newest version's programs lie: Debian keeps them out of the path. */
function programsFolder(): string {
  const root = '/usr/lib/postgresql';
  const [version] = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  if (version === undefined) throw new Error(`There is no PostgreSQL in ${root}`);
  return join(root, version, 'bin');
}
