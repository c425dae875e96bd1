import { join } from 'node:path';
import { describeNode, makeOwnedFolder, prepareGlanceDatabase, startGlance } from './glance.ts';
import type { GlanceIdentity } from './glance-conf.ts';
import { prepareKeystone, startKeystone } from './keystone.ts';
import { freePorts } from './ports.ts';
import { copyPrograms } from './program-copy.ts';
import { seedKeystone } from './seed.ts';
import { findServiceUser } from './service-user.ts';
import type { Account, StackFolders, StackInfo } from './stack-info.ts';
import { runFolderOf } from './state-folder.ts';

/**
 * A Keystone and a glance-api on loopback, with everything they write in one folder.
 */

const REGION = 'RegionOne';
const ADMIN: Account = { name: 'admin', password: 'adminpw', project: 'admin' };
const DEMO: Account = { name: 'demo', password: 'demopw', project: 'demo' };
const GLANCE: Account = { name: 'glance', password: 'glancepw', project: 'service' };

/** Brings a stack up in a fresh folder; whoever made the folder removes it, whatever comes of this. */
export async function bringUpStack(stateDir: string): Promise<StackInfo> {
  const folders = makeFolders(stateDir);
  const [keystonePort = 0, glancePort = 0] = await freePorts(2);
  const keystoneUrl = `http://127.0.0.1:${keystonePort}/v3`;
  const keystone = { port: keystonePort, url: keystoneUrl, region: REGION, admin: ADMIN };
  const node = describeNode(folders, 'glance-api', { port: glancePort, options: {} });
  const users = [
    { account: GLANCE, role: 'admin' },
    { account: DEMO, role: 'member' },
  ];
  // glance-api meets Keystone with its first request only, so the two can come up side by side.
  const [programs] = await Promise.all([
    copyPrograms(join(stateDir, 'programs'), folders.user),
    prepareKeystone(folders, keystone)
      .then(async () => startKeystone(folders, keystone))
      .then(async () => seedKeystone(keystoneUrl, { region: REGION, glanceUrl: node.url, admin: ADMIN, users })),
    prepareGlanceDatabase(folders).then(async () =>
      startGlance(folders, node, { identity: glanceIdentity(keystoneUrl), options: {} }),
    ),
  ]);
  return { ...folders, ...programs, keystoneUrl, region: REGION, accounts: { admin: ADMIN, demo: DEMO }, node };
}

/** How the glance-api of any node signs in to this Keystone. */
export function glanceIdentity(keystoneUrl: string): GlanceIdentity {
  return { keystoneUrl, region: REGION, service: GLANCE };
}

function makeFolders(stateDir: string): StackFolders {
  const stateOf = (name: string): string => join(stateDir, name);
  const folders: StackFolders = {
    stateDir,
    runDir: runFolderOf(stateDir),
    homeDir: stateOf('home'),
    logDir: stateOf('log'),
    storeDir: stateOf('store'),
    glanceDatabase: stateOf('glance-db/glance.db'),
    user: findServiceUser(),
  };
  for (const path of [
    folders.homeDir,
    folders.logDir,
    folders.storeDir,
    stateOf('glance-db'),
    stateOf('nodes'),
    folders.runDir,
  ]) {
    makeOwnedFolder(folders, path);
  }
  return folders;
}
