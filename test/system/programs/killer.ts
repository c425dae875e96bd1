/**
 * Sends signals at the right moment, which the process of the tests, busy with looking at caches, would miss. Reads
 * lines: `watch <id> <folder>`, answered by `watching <id>`; `kill <id> <pid> <signal> <times> <ms>`, to be done so long
 * after the first change in the folder; `ended <id>`, when there is nobody to be killed any more.
 */
import { type FSWatcher, watch } from 'node:fs';
import { createInterface } from 'node:readline';

interface Victim {
  readonly watcher: FSWatcher;
  begunMs: number | undefined;
  kill: (() => void) | undefined;
  timer: NodeJS.Timeout | undefined;
}

const victims = new Map<string, Victim>();

function arm(victim: Victim): void {
  if (victim.begunMs !== undefined) victim.kill?.();
}

function startWatching(id: string, folder: string): void {
  const watcher = watch(folder);
  const victim: Victim = { watcher, begunMs: undefined, kill: undefined, timer: undefined };
  victims.set(id, victim);
  watcher.once('change', () => {
    victim.begunMs = performance.now();
    arm(victim);
  });
  process.stdout.write(`watching ${id}\n`);
}

function killLater(id: string, pid: number, [signal = '', times = '', delayMs = '']: readonly string[]): void {
  const victim = victims.get(id);
  if (victim === undefined) return;
  victim.kill = () => {
    const passedMs = performance.now() - (victim.begunMs ?? 0);
    victim.timer = setTimeout(() => {
      for (let time = 0; time < Number(times); time++) process.kill(pid, signal);
    }, Number(delayMs) - passedMs);
  };
  arm(victim);
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb, id = '', what = '', ...more] = line.split(' ');
  if (verb === 'watch') startWatching(id, what);
  else if (verb === 'kill') killLater(id, Number(what), more);
  else {
    clearTimeout(victims.get(id)?.timer);
    victims.get(id)?.watcher.close();
    victims.delete(id);
  }
});
