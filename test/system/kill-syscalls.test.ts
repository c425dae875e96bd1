/**
 * Shows that a kill before any system call of a built program that changes something in the cache, and so after the one
 * before it, leaves nothing wrong, and nothing that the next ordinary runs do not bring to the same end as if nobody had
 * been killed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { patienceMs } from '../support/rounds.ts';
import { changesBelow, signalling, watchedInto } from '../support/strace.ts';
import { IN_MEMORY, useTempDir } from '../support/temp-dir.ts';
import { complaintsAbout, copyOf, forEach, makeCache, startCall, undisturbedRun } from './disturbed-run.ts';
import { useCloudOf } from './kill-cloud.ts';
import { CLOUD_IMAGES, JOBS } from './kill-jobs.ts';

const folder = useTempDir(IN_MEMORY);
const environmentOf = useCloudOf(CLOUD_IMAGES);

for (const job of JOBS) {
  const title = `glance-cache-${job.call.join(' ')} (${job.fill.name})`;
  test(
    `${title} leaves what the next runs bring to the same end when it is killed at any system call`,
    async () => {
      const env = environmentOf(job);
      const pristine = makeCache(folder(), 'pristine', job);
      const log = join(folder(), 'log');
      const undisturbed = await undisturbedRun(pristine, job, { within: watchedInto(log), env });
      const { base, root } = undisturbed.cache;
      const changes = changesBelow(root, log);
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

test('a kill comes before the call that it is sent with', () => {
  const path = join(folder(), 'file');
  writeFileSync(path, '');
  const remove = ['node', '-e', `fs.unlinkSync('${path}')`];
  const [command = '', ...args] = signalling({ name: 'unlink', path, which: 1 }, 'SIGKILL');
  expect([spawnSync(command, [...args, ...remove]).signal, existsSync(path)]).toEqual(['SIGKILL', true]);
});
