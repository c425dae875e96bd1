/**
 * How long the pruner keeps a glance-api from the index that records hits meanwhile.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LockRecorder } from '../support/lock-recorder.ts';
import { quantile } from '../support/lock-times.ts';
import type { Case, Figure } from './case.ts';
import type { HitReport } from './hit-recorder.ts';
import { type LargeCache, withCache } from './large-cache.ts';
import { ENVIRONMENT, timeOf } from './measure.ts';
import { program } from './programs.ts';
import { say } from './progress.ts';

const TARGET_MS = 50;

/** The case. */
export const lockHold: Case = {
  name: 'index lock',
  measure: ({ longRuns, sizes }) =>
    withCache(Math.max(...sizes), async (cache) => {
      const name = `index lock, pruning half of ${cache.images.toLocaleString('en')} under load`;
      say(name);
      const modules = join(process.cwd(), 'node_modules');
      const recorder = new LockRecorder(join(cache.base, 'locks'), modules);
      const pruner = { ...program('glance-cache-pruner', cache.conf), env: recorder.env };
      const reports: HitReport[] = [];
      for (let run = 0; run < longRuns; run++) {
        cache.restore();
        reports.push(await besideHits(cache, () => timeOf(pruner)));
        cache.checkPruned();
      }
      const { heldMs, commitMs } = recorder.times;
      if (heldMs.length < longRuns) throw new Error('The pruner has not told when it held the index');
      const lost = reports.reduce((sum, report) => sum + report.lost, 0);
      if (lost > 0) throw new Error(`${lost} hits could not be recorded`);
      const figure = (what: string, value: number, target?: number): Figure => {
        return { name: `${name}: ${what}`, baseline: 'none', value, unit: 'ms', target };
      };
      return [
        figure('longest hold, the commit aside', Math.max(...heldMs), TARGET_MS),
        figure('median hold, the commit aside', quantile(heldMs, 0.5)),
        figure('longest commit', Math.max(...commitMs)),
        figure('longest wait of the other one', Math.max(...reports.map(({ longestWaitMs }) => longestWaitMs))),
      ];
    }),
};

/** Does something while hits are recorded. */
async function besideHits(cache: LargeCache, work: () => void): Promise<HitReport> {
  const script = join(process.cwd(), 'test-results', 'hit-recorder.js');
  // Only images that are to stay: the others would not go if somebody used them.
  const args = [script, cache.dir, String(Math.floor(cache.images / 4))];
  const child = spawn(process.execPath, args, { env: ENVIRONMENT, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout);
  try {
    await once(lines, 'line');
    work();
    child.stdin.end();
    const [report] = (await once(lines, 'line')) as [string];
    return JSON.parse(report) as HitReport;
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}
