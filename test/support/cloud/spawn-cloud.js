// Starts a cloud in a process of its own, for whoever runs programs and waits for them with spawnSync.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * @param {import('./cloud.d.ts').CloudOptions} options
 * @returns {Promise<import('./spawn-cloud.d.ts').SpawnedCloud>}
 */
export async function spawnCloud(options = {}) {
  const script = join(import.meta.dirname, 'serve.js');
  const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(([code]) => {
      throw new Error(`The cloud ended with ${code} before it served`);
    }),
  ]);
  return {
    ...JSON.parse(line),
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
