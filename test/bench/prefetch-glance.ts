/**
 * The Glance that images are prefetched from: a small server that is as fast as Node can send, or a real glance-api with
 * a Keystone, both on loopback.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { GlanceClient } from '../openstack/support/api.ts';
import type { ConfSections } from '../openstack/support/conf-text.ts';
import { findServiceUser } from '../openstack/support/service-user.ts';
import { bringUpStack } from '../openstack/support/stack.ts';
import { createStateFolder, removeStaleStateFolders, removeStateFolder } from '../openstack/support/state-folder.ts';
import { STACK_PACKAGES } from './tools.ts';

/** How much there is to do. */
export interface PrefetchWork {
  readonly images: number;
  readonly sizeBytes: number;
}

/** A Glance that runs, and has the images. */
export interface BenchGlance {
  readonly imageIds: readonly string[];
  /** What the prefetcher's configuration says of it. */
  readonly conf: ConfSections;
  /** What curl is told to download an image as the prefetcher does. */
  curlArgs(imageId: string): string;
  /** Ends it, and removes what it had. */
  close(): void;
}

/** Starts a Glance for some work. */
export type StartGlance = (work: PrefetchWork) => Promise<BenchGlance>;

/** Starts the small server. Nobody has to log in there. */
export async function startImageServer({ images, sizeBytes }: PrefetchWork): Promise<BenchGlance> {
  const server = spawn(process.execPath, [join(process.cwd(), 'test/bench/image-server.js'), String(sizeBytes)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = (await once(createInterface(server.stdout), 'line')) as [string];
  const url = `http://127.0.0.1:${port}`;
  return {
    imageIds: Array.from({ length: images }, (_, i) => `${String(i).padStart(8, '0')}-0000-4000-8000-000000000000`),
    conf: { cache_tools: { auth_type: 'none', endpoint: url } },
    curlArgs: (imageId) => `${url}/v2/images/${imageId}/file`,
    close: () => server.stdin.end(),
  };
}

/** Why there can be no glance-api here; undefined where there can. */
export function whyNoGlanceApi(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can start a glance-api as its own user';
  const missing = STACK_PACKAGES.find((name) => spawnSync('dpkg-query', ['--status', name]).status !== 0);
  return missing && `${missing} is not installed; npm run bench -- --stock installs it`;
}

/** Starts a Keystone and a glance-api and uploads the images. curl has its token before the clock starts. */
export async function startGlanceApi({ images, sizeBytes }: PrefetchWork): Promise<BenchGlance> {
  // What the services make is theirs alone otherwise, whatever the umask of this shell.
  process.umask(0o022);
  removeStaleStateFolders();
  const stateDir = createStateFolder(findServiceUser());
  const close = (): void => removeStateFolder(stateDir);
  try {
    const { keystoneUrl, node, accounts } = await bringUpStack(stateDir);
    const client = await GlanceClient.connect(keystoneUrl, node, accounts.admin);
    const content = Buffer.alloc(sizeBytes, 'an image of no particular content, ');
    const imageIds: string[] = [];
    // One at a time: its SQLite database bears no more.
    for (let i = 0; i < images; i++) imageIds.push(await client.uploadImage(content));
    const { name, password, project } = accounts.admin;
    return {
      imageIds,
      conf: {
        DEFAULT: {
          auth_url: keystoneUrl,
          admin_user: name,
          admin_password: password,
          admin_tenant_name: project,
        },
      },
      // With a range, as the prefetcher: a glance-api caches what is downloaded without.
      curlArgs: (imageId) => `-r 0- -H 'X-Auth-Token: ${client.token}' ${node.url}/v2/images/${imageId}/file`,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
