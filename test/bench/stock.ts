/**
 * The stock tools on a cache of ours. All but `glance-cache-manage` work on the directory; that one asks a glance-api,
 * which runs for as long as it is needed, without Keystone.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LargeCache } from './large-cache.ts';
import { type CommandLine, ENVIRONMENT } from './measure.ts';
import type { ProgramName } from './programs.ts';

/** Debian's Python, not one that comes before it in the path and lacks Glance's modules. */
const PYTHON = '/usr/bin/python3';

const START_PATIENCE_MS = 60_000;
const PAUSE_MS = 50;

/** Runs a stock program that works on the directory. */
export function stockProgram(name: ProgramName, conf: string): CommandLine {
  return { argv: [PYTHON, `/usr/bin/${name}`, '--config-file', conf] };
}

/** Makes the database of Glance, which the stock prefetcher asks for images as well. */
function makeGlanceDatabase(cache: LargeCache): void {
  const args = ['/usr/bin/glance-manage', '--config-file', cache.conf, 'db_sync'];
  const { status, stderr } = spawnSync(PYTHON, args, { env: ENVIRONMENT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`Cannot make a database for Glance: ${stderr}`);
}

/** Lets a glance-api serve a cache, for the stock `glance-cache-manage`. */
export async function withStockManage<T>(
  cache: LargeCache,
  use: (manage: (...args: readonly string[]) => CommandLine) => T,
): Promise<T> {
  const port = await freePort();
  const conf = writeApiConf(cache, port);
  makeGlanceDatabase(cache);
  // It must not outlive us, whatever ends us.
  const args = ['--pdeathsig', 'KILL', '--', PYTHON, '/usr/bin/glance-api', '--config-file', conf];
  const api = spawn('/usr/bin/setpriv', args, { env: ENVIRONMENT, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  api.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-2000);
  });
  const ended = once(api, 'exit');
  try {
    const deadlineMs = performance.now() + START_PATIENCE_MS;
    while (!(await serves(port))) {
      if (api.exitCode !== null || performance.now() > deadlineMs) {
        throw new Error(`Cannot start glance-api: ${complaint}`);
      }
      await delay(PAUSE_MS);
    }
    const host = ['--host', '127.0.0.1', '--port', String(port), '--os-auth-token', 'none'];
    return use((...args) => ({ argv: [PYTHON, '/usr/bin/glance-cache-manage', ...host, ...args] }));
  } finally {
    api.kill('SIGKILL');
    await ended;
  }
}

function writeApiConf(cache: LargeCache, port: number): string {
  const at = (name: string): string => join(cache.base, name);
  for (const folder of ['store', 'staging']) mkdirSync(at(folder), { recursive: true });
  // Nobody logs in, so everybody may manage the cache.
  writeFileSync(at('policy.json'), '{"manage_image_cache": "@"}\n');
  writeFileSync(
    at('glance-api.conf'),
    `[DEFAULT]
bind_host = 127.0.0.1
bind_port = ${port}
workers = 0
image_cache_dir = ${cache.dir}
image_cache_driver = sqlite
node_staging_uri = file://${at('staging')}
[database]
connection = sqlite:///${at('glance.db')}
[glance_store]
filesystem_store_datadir = ${at('store')}
[paste_deploy]
flavor = cachemanagement
config_file = /usr/share/glance-common/glance-api-paste.ini
[oslo_policy]
policy_file = ${at('policy.json')}
[oslo_messaging_notifications]
driver = noop
`,
  );
  return at('glance-api.conf');
}

/** Whether the cache is being served; the first question makes glance-api load what it needs for the answer. */
async function serves(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: '/v2/cached_images', agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode === 200));
    });
    request.on('error', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
