/**
 * Servers of a test's own, for those that stop them, let them hang, or want them set up in another way.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { mariadb } from './mariadb.ts';
import { postgresql } from './postgresql.ts';
import { RunningServer } from './running-server.ts';
import type { Engine } from './server-address.ts';
import { makeServerFolder } from './server-folder.ts';

const KINDS = { mariadb, postgresql } as const;

/** Starts such servers, with arguments beside the usual ones; they end after the test. */
export function useOwnServers(): (engine: Engine, more?: readonly string[]) => Promise<RunningServer> {
  const running: RunningServer[] = [];
  const folders: string[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.kill()));
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return async (engine, more = []) => {
    const folder = makeServerFolder();
    folders.push(folder);
    const server = await RunningServer.create(KINDS[engine](), join(folder, engine), more);
    running.push(server);
    return server;
  };
}
