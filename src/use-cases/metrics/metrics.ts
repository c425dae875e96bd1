/**
 * Takes the figures of a cache for a monitoring system. What cannot be read is left out, and said to be: a collector
 * that gets nothing at all cannot tell a broken cache from a node that is off.
 */
import type { CacheAccess } from '../../cache/access.ts';
import { type PruneRequest, pruneLimits } from '../prune.ts';
import { cacheSamples } from './cache-samples.ts';
import { METRICS, type Sample } from './metric-table.ts';
import { RECORDED_PROGRAMS, runSamples } from './run-samples.ts';
import { plain } from './samples.ts';

/** What is not to be seen in the cache. */
export interface MetricsRequest {
  /** Of the toolkit. */
  readonly version: string;
  /** What the pruner prunes to; it may throw what is wrong with the settings. */
  readonly limits: () => Omit<PruneRequest, 'dryRun' | 'adopt'>;
}

/** The figures of a cache. */
export interface MetricsReport {
  readonly samples: readonly Sample[];
  /** What kept some of them from being taken; undefined where nothing did. */
  readonly failure: Error | undefined;
}

/** Takes the figures. Takes no lock, asks nobody, and changes nothing; never throws for what cannot be read. */
export async function takeMetrics(access: CacheAccess, request: MetricsRequest): Promise<MetricsReport> {
  const { layout, index, clock } = access;
  const cache = await attempt(() => cacheSamples(access));
  const space = await attempt(() => spaceSamples(access));
  const limits = await attempt(() => limitSamples(access, request));
  const runs: Attempt[] = [];
  for (const program of RECORDED_PROGRAMS) {
    runs.push(await attempt(() => runSamples(program, access.runs.read(program))));
  }
  const attempts = [space, limits, cache, ...runs];
  const failures = attempts.flatMap(({ failure }) => failure ?? []);
  return {
    samples: [
      ...headSamples({ isUp: failures.length === 0, version: request.version, nowSec: clock.nowSec() }),
      { metric: METRICS.info, labels: [layout.root, index.name], value: 1 },
      ...attempts.flatMap(({ samples }) => samples),
    ],
    failure: failures[0],
  };
}

/** What can be said of any cache, even of one that was not found. */
export function headSamples(head: {
  readonly isUp: boolean;
  readonly version: string;
  /** Epoch seconds. */
  readonly nowSec: number;
}): readonly Sample[] {
  return [
    plain(METRICS.up, Number(head.isUp)),
    { metric: METRICS.buildInfo, labels: [head.version], value: 1 },
    plain(METRICS.collected, head.nowSec),
  ];
}

interface Attempt {
  readonly samples: readonly Sample[];
  readonly failure: Error | undefined;
}

async function attempt(take: () => readonly Sample[] | Promise<readonly Sample[]>): Promise<Attempt> {
  try {
    return { samples: await take(), failure: undefined };
  } catch (error) {
    return { samples: [], failure: error instanceof Error ? error : new Error(String(error)) };
  }
}

function spaceSamples({ directory }: CacheAccess): readonly Sample[] {
  const { totalBytes, availableBytes } = directory.space();
  return [
    plain(METRICS.directoryExists, Number(directory.exists())),
    plain(METRICS.fileSystemSize, totalBytes),
    plain(METRICS.fileSystemAvailable, availableBytes),
  ];
}

function limitSamples({ directory }: CacheAccess, request: MetricsRequest): readonly Sample[] {
  const { maxSizeBytes, targetBytes, minFreeBytes } = pruneLimits(request.limits(), directory.space());
  return [
    plain(METRICS.maxSize, maxSizeBytes),
    plain(METRICS.targetSize, targetBytes),
    plain(METRICS.minFree, minFreeBytes),
  ];
}
