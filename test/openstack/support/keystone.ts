import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { confText } from './conf-text.ts';
import { type Service, startService, waitUntilAnswers } from './process.ts';
import { runOrThrow } from './run.ts';
import type { Account, StackFolders } from './stack-info.ts';
import { systemEnvironment } from './system-environment.ts';
import { useWriteAheadLog } from './write-ahead-log.ts';

/** What Keystone is set up with. */
export interface KeystoneSetup {
  readonly port: number;
  readonly url: string;
  readonly region: string;
  readonly admin: Account;
}

/** Makes Keystone's configuration, database and keys, and the first user. */
export async function prepareKeystone(folders: StackFolders, setup: KeystoneSetup): Promise<void> {
  const keystoneDir = join(folders.stateDir, 'keystone');
  mkdirSync(keystoneDir);
  writeFileSync(confFile(folders), keystoneConf(keystoneDir));
  await runOrThrow(['/usr/bin/chown', '-R', `${folders.user.uid}:${folders.user.gid}`, keystoneDir], { env: {} });
  const manage = async (...args: string[]): Promise<string> =>
    runOrThrow(['/usr/bin/python3', '/usr/bin/keystone-manage', '--config-file', confFile(folders), ...args], {
      as: folders.user,
      env: systemEnvironment(folders.homeDir),
    });
  const owner = ['--keystone-user', folders.user.name, '--keystone-group', folders.user.group];
  await Promise.all([manage('db_sync'), manage('fernet_setup', ...owner), manage('credential_setup', ...owner)]);
  useWriteAheadLog(join(keystoneDir, 'keystone.db'));
  await manage('bootstrap', ...bootstrapOptions(setup));
}

/** Starts Keystone under uwsgi. */
export async function startKeystone(folders: StackFolders, setup: KeystoneSetup): Promise<Service> {
  const keystone = startService(folders, {
    name: 'keystone',
    argv: [
      '/usr/bin/uwsgi_python3',
      '--http-socket',
      `127.0.0.1:${setup.port}`,
      '--wsgi-file',
      '/usr/bin/keystone-wsgi-public',
      '--master',
      '--processes',
      '2',
      // Each worker opens the database itself: SQLite's handles do not survive a fork.
      '--lazy-apps',
      '--need-app',
      // Otherwise SIGTERM means "reload".
      '--die-on-term',
      '--buffer-size',
      '65535',
      '--disable-logging',
      // uwsgi ends the connection after each answer but does not say so.
      '--add-header',
      'Connection: close',
    ],
    env: { OS_KEYSTONE_CONFIG_FILES: confFile(folders) },
  });
  await waitUntilAnswers(keystone, setup.url);
  return keystone;
}

function confFile(folders: StackFolders): string {
  return join(folders.stateDir, 'keystone', 'keystone.conf');
}

function keystoneConf(keystoneDir: string): string {
  return confText({
    database: { connection: `sqlite:///${join(keystoneDir, 'keystone.db')}` },
    // The least that bcrypt takes. The usual twelve rounds would cost each token a third of a second.
    identity: { password_hash_rounds: 4 },
    auth: { methods: 'password,token,application_credential,totp,mapped,openid' },
    token: { provider: 'fernet' },
    fernet_tokens: { key_repository: join(keystoneDir, 'fernet-keys') },
    // Never used, but Keystone wants to make its default folder below /etc.
    fernet_receipts: { key_repository: join(keystoneDir, 'fernet-keys') },
    credential: { key_repository: join(keystoneDir, 'credential-keys') },
  });
}

function bootstrapOptions({ url, region, admin }: KeystoneSetup): string[] {
  const options = {
    username: admin.name,
    password: admin.password,
    'project-name': admin.project,
    'role-name': 'admin',
    'service-name': 'keystone',
    'region-id': region,
    'public-url': url,
    'internal-url': url,
    'admin-url': url,
  };
  return Object.entries(options).flatMap(([name, value]) => [`--bootstrap-${name}`, value]);
}
