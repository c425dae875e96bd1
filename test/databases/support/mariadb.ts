/**
 * MariaDB from Debian's packages.
 */
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runOrThrow } from '../../openstack/support/run.ts';
import { systemEnvironment } from '../../openstack/support/system-environment.ts';
import { ACCOUNTS, literal, TABLE_RIGHTS } from './accounts.ts';
import { asAdmin } from './admin.ts';
import type { ServerKind } from './running-server.ts';
import { DATABASE_PREFIX } from './server-address.ts';
import { systemUser } from './system-user.ts';
import { placeTlsFiles } from './tls-files.ts';

/** For data that has to outlive the server's process, and not the machine. */
const NO_SYNC = ['--innodb-flush-log-at-trx-commit=2', '--innodb-flush-method=nosync'];

/** How an account has to come. */
const NEEDS: Readonly<Record<string, string>> = { secured: 'REQUIRE SSL', certified: 'REQUIRE X509' };

const SMALL = [
  '--innodb-log-file-size=8M',
  '--innodb-buffer-pool-size=32M',
  '--skip-log-bin',
  '--performance-schema=off',
];

/** MariaDB, as Debian's user `mysql`. */
export function mariadb(): ServerKind {
  const user = systemUser('mysql');
  const dataOf = (folder: string): string => join(folder, 'data');
  // Its own: a server that starts removes what others have left of temporary tables where it puts its own.
  const tmpOf = (folder: string): string => join(folder, 'tmp');
  const socketIn = (folder: string): string => join(folder, 'socket');
  return {
    engine: 'mariadb',
    user,
    socketIn,
    stopSignal: 'SIGTERM',
    prepare: async (folder) => {
      mkdirSync(tmpOf(folder));
      for (const path of [folder, tmpOf(folder)]) chownSync(path, user.uid, user.gid);
      placeTlsFiles(folder, user);
      const options = [
        '--no-defaults',
        `--datadir=${dataOf(folder)}`,
        `--tmpdir=${tmpOf(folder)}`,
        '--innodb-log-file-size=8M',
      ];
      const accounts = ['--auth-root-authentication-method=normal', '--skip-test-db'];
      await runOrThrow(['/usr/bin/mariadb-install-db', ...options, ...accounts], {
        as: user,
        env: systemEnvironment('/nonexistent'),
      });
    },
    argv: ({ folder, port, socket }) => [
      '/usr/sbin/mariadbd',
      '--no-defaults',
      `--datadir=${dataOf(folder)}`,
      `--tmpdir=${tmpOf(folder)}`,
      `--socket=${socket}`,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      '--skip-name-resolve',
      `--pid-file=${join(folder, 'pid')}`,
      `--ssl-ca=${join(folder, 'ca.pem')}`,
      `--ssl-cert=${join(folder, 'server.pem')}`,
      `--ssl-key=${join(folder, 'server.key')}`,
      ...SMALL,
      ...NO_SYNC,
    ],
    populate: (address) =>
      asAdmin(address, undefined, async ({ run }) => {
        await run("SET SESSION sql_mode = 'TRADITIONAL'");
        const databases = `\`${DATABASE_PREFIX.replaceAll('_', '\\_')}%\`.*`;
        for (const [name, password] of Object.entries(ACCOUNTS)) {
          await run(`CREATE USER '${name}'@'%' IDENTIFIED BY ${literal(password, 'mariadb')} ${NEEDS[name] ?? ''}`);
        }
        await run(`GRANT ALL ON ${databases} TO 'glance'@'%'`);
        for (const [name, rights] of Object.entries(TABLE_RIGHTS)) {
          await run(`GRANT ${rights} ON ${databases} TO '${name}'@'%'`);
        }
      }),
  };
}
