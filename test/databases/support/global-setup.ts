import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { installPackages } from '../../support/packages.ts';
import { AS_ROOT } from '../../support/run-program.ts';
import { mariadb } from './mariadb.ts';
import { postgresql } from './postgresql.ts';
import { RunningServer } from './running-server.ts';
import { makeServerFolder } from './server-folder.ts';

/**
 * Once per run: the packages, and a server of each kind that all test files share. They die with this process.
 */

const PACKAGES = ['mariadb-server', 'postgresql', 'python3-oslo.db', 'python3-pymysql', 'python3-psycopg2'];

let folder: string | undefined;
let running: readonly RunningServer[] = [];

/** Vitest's hook before the first test file. */
export async function setup(project: TestProject): Promise<void> {
  if (!AS_ROOT)
    throw new Error('These tests need root: they run MariaDB and PostgreSQL as the users of the packages of Debian');
  // As under cron and systemd.
  process.umask(0o022);
  installPackages(PACKAGES);
  const root = makeServerFolder();
  folder = root;
  process.once('exit', () => rmSync(root, { recursive: true, force: true }));
  const [mariadbServer, postgresqlServer] = await Promise.all([
    RunningServer.create(mariadb(), join(root, 'mariadb')),
    RunningServer.create(postgresql(), join(root, 'postgresql')),
  ]);
  running = [mariadbServer, postgresqlServer];
  project.provide('servers', { mariadb: mariadbServer.address, postgresql: postgresqlServer.address });
}

/** Vitest's hook after the last test file. */
export async function teardown(): Promise<void> {
  await Promise.all(running.map((server) => server.kill()));
  running = [];
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
