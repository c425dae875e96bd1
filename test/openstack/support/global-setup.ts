import { constants } from 'node:os';
import type { TestProject } from 'vitest/node';
import { installPackages } from '../../support/packages.ts';
import { makeAgedCaches } from './aged-caches.ts';
import { findServiceUser } from './service-user.ts';
import { bringUpStack } from './stack.ts';
import { createStateFolder, removeStaleStateFolders, removeStateFolder } from './state-folder.ts';

/**
 * Once per run: the packages, and a stack that every test file shares. It goes away whichever way the run ends; only a
 * SIGKILL leaves it, until the next run finds it.
 */

let stateDir: string | undefined;

/** Vitest's hook before the first test file. */
export async function setup(project: TestProject): Promise<void> {
  // As under cron and systemd. The test processes inherit it, and so does all that they start.
  process.umask(0o022);
  installPackages([
    'python3-keystone',
    'python3-openstacksdk',
    'glance-api',
    'uwsgi-plugin-python3',
    'python3-xattr',
    'apache2-bin',
    'libapache2-mod-auth-openidc',
  ]);
  removeStaleStateFolders();
  process.once('exit', teardown);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Vitest leaves within a millisecond of a signal: only what happens synchronously happens at all.
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
  stateDir = createStateFolder(findServiceUser());
  const stack = await bringUpStack(stateDir);
  project.provide('stack', stack);
  project.provide('agedCaches', await makeAgedCaches(stack));
}

/** Vitest's hook after the last test file. */
export function teardown(): void {
  if (stateDir === undefined) return;
  removeStateFolder(stateDir);
  stateDir = undefined;
}
