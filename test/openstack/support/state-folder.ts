import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killServices } from './process.ts';
import { identify, isRunning, type ProcessIdentity } from './process-table.ts';
import { commandAs } from './service-user.ts';
import type { ServiceUser } from './stack-info.ts';

/**
 * The folder that holds all of a stack. It has to be open to the service user, which a temporary directory under
 * root's home is not.
 */

const PREFIX = 'glance-cache-tools-openstack-';
const REMOVED = '-removed';
const OWNER = 'owner.json';
const CANDIDATES = [...new Set([tmpdir(), '/var/tmp', '/tmp'])];

interface Owner extends ProcessIdentity {
  /** Process ids of another container mean nothing here. */
  readonly pidNamespace: string;
}

/** A new folder that the service user can enter. */
export function createStateFolder(user: ServiceUser): string {
  for (const parent of CANDIDATES) {
    const folder = mkdtempSync(join(parent, PREFIX));
    chmodSync(folder, 0o755);
    if (isReachable(folder, user)) {
      writeFileSync(join(folder, OWNER), JSON.stringify(ownIdentity()));
      return folder;
    }
    rmSync(folder, { recursive: true });
  }
  throw new Error(`Cannot make a folder that user ${user.name} can enter, in any of ${CANDIDATES.join(', ')}`);
}

/** The folder that says which services of this stack run. */
export function runFolderOf(stateDir: string): string {
  return join(stateDir, 'run');
}

/** Kills what runs there and removes the folder. Synchronous: exit handlers use it. */
export function removeStateFolder(stateDir: string): void {
  // Out of the way first. A test process may be about to restart a service at this moment: either its file is in the
  // list that is read next, or it finds no folder to put it in and gives up.
  const removed = `${stateDir}${REMOVED}`;
  renameSync(stateDir, removed);
  if (existsSync(runFolderOf(removed))) killServices(runFolderOf(removed));
  rmSync(removed, { recursive: true });
}

/** Removes the stacks of earlier runs that were killed before they could. */
export function removeStaleStateFolders(): void {
  const { pidNamespace } = ownIdentity();
  for (const parent of CANDIDATES) {
    for (const name of readdirSync(parent).filter((entry) => entry.startsWith(PREFIX))) {
      const owner = readOwner(join(parent, name));
      if (owner?.pidNamespace === pidNamespace && !isRunning(owner)) removeStateFolder(join(parent, name));
    }
  }
}

function isReachable(folder: string, user: ServiceUser): boolean {
  const [command = '', ...args] = commandAs(user, ['/usr/bin/test', '-x', folder]);
  return spawnSync(command, args, { cwd: '/' }).status === 0;
}

function ownIdentity(): Owner {
  const process_ = identify(process.pid);
  if (process_ === undefined) throw new Error('Cannot find this process in /proc');
  return { ...process_, pidNamespace: readlinkSync('/proc/self/ns/pid') };
}

function readOwner(folder: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, OWNER), 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}
