import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { confText } from './conf-text.ts';
import { apiConfText, cacheConfText, type GlanceIdentity, type GlanceOptions } from './glance-conf.ts';
import { startService, stopService, waitUntilAnswers } from './process.ts';
import { runOrThrow } from './run.ts';
import type { GlanceNode, StackFolders } from './stack-info.ts';
import { systemEnvironment } from './system-environment.ts';
import { useWriteAheadLog } from './write-ahead-log.ts';

/** Makes Glance's database. */
export async function prepareGlanceDatabase(folders: StackFolders): Promise<void> {
  const conf = join(folders.stateDir, 'glance-manage.conf');
  writeFileSync(conf, confText({ database: { connection: `sqlite:///${folders.glanceDatabase}` } }));
  await runOrThrow(['/usr/bin/python3', '/usr/bin/glance-manage', '--config-file', conf, 'db_sync'], {
    as: folders.user,
    env: systemEnvironment(folders.homeDir),
  });
  useWriteAheadLog(folders.glanceDatabase);
}

/** Where the node of this name keeps its files. */
export function describeNode(
  folders: StackFolders,
  name: string,
  { port, options }: { readonly port: number; readonly options: GlanceOptions },
): GlanceNode {
  const dir = join(folders.stateDir, 'nodes', name);
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    port,
    dir,
    apiConf: join(dir, 'glance-api.conf'),
    cacheConf: join(dir, 'glance-cache.conf'),
    cacheDir: join(dir, 'cache'),
    lockDir: options.lockPath === false ? null : join(dir, 'lock'),
    apiLog: join(dir, 'glance-api.log'),
    cacheLog: join(dir, 'glance-cache.log'),
  };
}

/** Writes the node's configuration, makes the folders it needs and starts its glance-api. */
export async function startGlance(
  folders: StackFolders,
  node: GlanceNode,
  setup: { readonly identity: GlanceIdentity; readonly options: GlanceOptions },
): Promise<void> {
  for (const path of [
    node.dir,
    node.cacheDir,
    join(node.dir, 'staging'),
    ...(node.lockDir === null ? [] : [node.lockDir]),
  ]) {
    makeOwnedFolder(folders, path);
  }
  writeFileSync(node.apiConf, apiConfText(folders, node, setup));
  writeFileSync(node.cacheConf, cacheConfText(folders, node, setup.options));
  const glance = startService(folders, {
    name: node.name,
    // Not through python3: the kernel's name of the process is then that of the script, as in a package's service.
    argv: ['/usr/bin/glance-api', '--config-file', node.apiConf],
    log: node.apiLog,
  });
  await waitUntilAnswers(glance, `${node.url}/versions`);
}

/** Stops the node's glance-api; its files stay. */
export async function stopGlance(folders: StackFolders, node: GlanceNode): Promise<void> {
  await stopService(folders, node.name);
}

/** Removes the node's cache directory with everything in it. Only while its glance-api is stopped. */
export function removeCache(node: GlanceNode): void {
  rmSync(node.cacheDir, { recursive: true, force: true });
}

/** Makes a folder as Debian's package makes those of Glance, unless it is there. */
export function makeOwnedFolder({ user }: StackFolders, path: string): void {
  if (existsSync(path)) return;
  // Not recursive: when the stack is being removed, nothing of it may come back.
  mkdirSync(path, { mode: 0o755 });
  chownSync(path, user.uid, user.gid);
}
