/**
 * Shows that a SIGINT or SIGTERM at any system call of a built program that changes something in the cache ends it in a
 * clean state, with 130 or 143 and a report that tells what was done and nothing else; and that the next ordinary runs
 * do the rest.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { patienceMs } from '../support/rounds.ts';
import { changesBelow, signalling, watchedInto } from '../support/strace.ts';
import { IN_MEMORY, useTempDir } from '../support/temp-dir.ts';
import { complaintsAbout, copyOf, forEach, makeCache, startCall, undisturbedRun } from './disturbed-run.ts';
import { useCloudOf } from './kill-cloud.ts';
import { CLOUD_IMAGES, JOBS } from './kill-jobs.ts';
import { complaintsAboutStop, telling } from './stopped-run.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const folder = useTempDir(IN_MEMORY);
const environmentOf = useCloudOf(CLOUD_IMAGES);

for (const job of JOBS.map((silent) => ({ ...silent, call: telling(silent.call) }))) {
  const title = `glance-cache-${job.call.join(' ')} (${job.fill.name})`;
  test(
    `${title} ends in a clean state and tells what was done when it is stopped at any system call`,
    async () => {
      const env = environmentOf(job);
      const pristine = makeCache(folder(), 'pristine', job);
      const log = join(folder(), 'log');
      const undisturbed = await undisturbedRun(pristine, job, { within: watchedInto(log), env });
      const { base, root } = undisturbed.cache;
      const changes = changesBelow(root, log);
      const complaints: string[] = [];
      const ends = new Map<unknown, number>();
      await forEach(changes, async ({ name, path, which }, place) => {
        const cache = copyOf(pristine, String(place));
        const at = { name, path: path.replace(base, cache.base), which };
        const signal = SIGNALS[place % SIGNALS.length] ?? 'SIGINT';
        const run = await startCall(cache, job.call, { within: signalling(at, signal), env }).ended;
        ends.set(run.code, (ends.get(run.code) ?? 0) + 1);
        const found = [
          ...complaintsAboutStop(cache, { ...undisturbed, job }, { run, signal }),
          ...(await complaintsAbout(cache, job, undisturbed, env)),
        ];
        if (found.length > 0) complaints.push([`${signal} at ${JSON.stringify(at)}`, ...found].join('\n  '));
        rmSync(cache.base, { recursive: true });
      });
      console.log(`${title}: ends of ${changes.length} runs: ${JSON.stringify([...ends])}`);
      expect(complaints).toEqual([]);
      // A signal that comes while the last small changes are made is heard when all is done.
      expect((ends.get(130) ?? 0) + (ends.get(143) ?? 0)).toBeGreaterThan(0);
    },
    patienceMs(120_000),
  );
}
