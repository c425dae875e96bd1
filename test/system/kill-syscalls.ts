/**
 * Shows that a kill before any system call of a built program that changes something in the cache, and so after the one
 * before it, leaves nothing wrong, and nothing that the next ordinary runs do not bring to the same end as if nobody had
 * been killed.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { patienceMs } from '../support/rounds.ts';
import { changesBelow, signalling, watchedInto } from '../support/strace.ts';
import { IN_MEMORY, useTempDir } from '../support/temp-dir.ts';
import { complaintsAbout, copyOf, forEach, makeCache, startCall, undisturbedRun } from './disturbed-run.ts';
import { useCloudOf } from './kill-cloud.ts';
import { CLOUD_IMAGES, type KillJob } from './kill-jobs.ts';

/** Declares the tests of some jobs. */
export function testKills(jobs: readonly KillJob[], parent = IN_MEMORY): void {
  const folder = useTempDir(parent);
  const environmentOf = useCloudOf(CLOUD_IMAGES);

  for (const job of jobs) {
    const title = `glance-cache-${job.call.join(' ')} (${[job.fill.name, job.driver ?? 'sqlite'].join(', ')})`;
    test(
      `${title} leaves what the next runs bring to the same end when it is killed at any system call`,
      async () => {
        const env = environmentOf(job);
        const pristine = makeCache(folder(), 'pristine', job);
        const log = join(folder(), 'log');
        const undisturbed = await undisturbedRun(pristine, job, { within: watchedInto(log), env });
        const { base } = undisturbed.cache;
        const changes = changesBelow(base, log);
        expect(changes.length).toBeGreaterThan(1);
        const complaints: string[] = [];
        let killed = 0;
        await forEach(changes, async ({ name, path, which }, place) => {
          const cache = copyOf(pristine, String(place));
          const at = { name, path: path.replace(base, cache.base), which };
          const { code, stderr } = await startCall(cache, job.call, { within: signalling(at, 'SIGKILL'), env }).ended;
          if (code === 'SIGKILL') killed++;
          else if (code !== 0) complaints.push(`${code} ${stderr}`);
          const found = await complaintsAbout(cache, job, undisturbed, env);
          if (found.length > 0) complaints.push([`killed at ${JSON.stringify(at)}`, ...found].join('\n  '));
          rmSync(cache.base, { recursive: true });
        });
        console.log(`${title}: killed at ${killed} of ${changes.length} system calls`);
        expect(complaints).toEqual([]);
        // What SQLite and libuv do differs a little from run to run.
        expect(killed).toBeGreaterThan(changes.length * 0.9);
      },
      patienceMs(120_000),
    );
  }
}
