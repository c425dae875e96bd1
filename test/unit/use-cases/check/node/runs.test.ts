import { symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DiskRuns } from '../../../../../src/cache/runs/disk-runs.ts';
import type { EndedRun } from '../../../../../src/cache/runs/run-record.ts';
import { systemClock } from '../../../../../src/time/system-clock.ts';
import { RUNS } from '../../../../../src/use-cases/check/node/runs.ts';
import { told, useCheckHost } from '../../../../support/check-host.ts';
import { clockAhead } from '../../../../support/clocks.ts';
import { imageIdOf, putFile } from '../../../../support/seeded-cache.ts';

const host = useCheckHost();
const DAY_SEC = 24 * 3600;

async function enter(job: string, result: Partial<EndedRun> = {}): Promise<void> {
  const endedSec = systemClock.nowSec() - 60;
  const times = { startedSec: endedSec - 1, endedSec, durationSec: 1 };
  const done = { exitCode: 0, errorCode: undefined, images: 0, bytes: 0 };
  await new DiskRuns(host().layout, systemClock).enter({
    program: `glance-cache-${job}`,
    version: '1.0.0',
    ...times,
    ...done,
    ...result,
  });
}

describe('RUNS', () => {
  test('has nothing to say where nothing was noted, or all went well a moment ago', async () => {
    expect(await host().check(RUNS)).toEqual([]);
    for (const job of ['pruner', 'cleaner', 'prefetcher']) await enter(job);
    await enter('cleaner', { exitCode: 143, errorCode: 'SIGTERM' });
    expect(await host().check(RUNS)).toEqual([]);
  });

  test('finds runs that failed, and since when', async () => {
    await enter('pruner', { endedSec: systemClock.nowSec() - 7200 });
    await enter('pruner', { exitCode: 4, errorCode: 'CACHE_PERMISSION' });
    await enter('prefetcher', { exitCode: 10, errorCode: 'PARTIAL' });
    const findings = await host().check(RUNS);
    expect(told(findings)).toEqual(['warning last-run-failed', 'warning last-run-failed']);
    expect(findings.map(({ message }) => message)).toEqual([
      'The last run of glance-cache-pruner, 1 min ago, failed (CACHE_PERMISSION, exit code 4); the last one that succeeded was 2 h ago',
      'The last run of glance-cache-prefetcher, 1 min ago, failed in part (PARTIAL, exit code 10); it has never succeeded here',
    ]);
  });

  test('finds programs that have not run for long; the prefetcher only where something is queued', async () => {
    for (const job of ['pruner', 'cleaner', 'prefetcher']) await enter(job);
    expect(told(await host().check(RUNS, { clock: clockAhead(2 * DAY_SEC) }))).toEqual(['warning last-run-old']);
    putFile(host().layout, 'queue', imageIdOf(1));
    const findings = await host().check(RUNS, { clock: clockAhead(9 * DAY_SEC) });
    expect(told(findings)).toEqual(['warning last-run-old', 'warning last-run-old', 'warning last-run-old']);
  });

  test('leaves a link in place of its folder alone', async () => {
    symlinkSync('/nowhere', host().layout.tools);
    expect(await host().check(RUNS)).toEqual([]);
  });
});
