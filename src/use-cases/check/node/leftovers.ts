/**
 * What lies in the cache longer than it would if the programs ran that take care of it.
 */
import type { CacheLayout } from '../../../cache/layout.ts';
import { OPTIONS } from '../../../settings/options.ts';
import { humanDuration, humanShare, humanSize } from '../../../text/amounts.ts';
import type { Check, CheckContext } from '../check.ts';
import { usableValue } from '../files/usable-value.ts';
import type { CheckFinding } from '../finding.ts';
import { type FindingParts, makeFinding } from '../make-finding.ts';
import { type Measured, measureCache } from './look/measure-cache.ts';

const DAY_SEC = 24 * 3600;

/** A cache that is a little above its maximum waits for the next run. */
const PATIENCE_SHARE = 0.1;

/** Looks at what is old. */
export const LEFTOVERS: Check = {
  name: 'leftovers',
  run(context) {
    const { layout } = context;
    if (layout === undefined) return [];
    return [
      ...aboveMaximum(context, layout),
      ...oldOnes(context, layout, 'incomplete'),
      ...oldOnes(context, layout, 'invalid'),
      ...oldOnes(context, layout, 'queue'),
    ];
  },
};

function aboveMaximum({ settings }: CheckContext, layout: CacheLayout): readonly CheckFinding[] {
  const maxBytes = usableValue(settings, OPTIONS.imageCacheMaxSize);
  const { sizeBytes } = measureCache(layout).areas.cached;
  if (maxBytes === undefined || sizeBytes <= maxBytes * (1 + PATIENCE_SHARE)) return [];
  const above =
    maxBytes === 0 ? '' : `, ${humanShare(sizeBytes - maxBytes, maxBytes)} above its maximum of ${humanSize(maxBytes)}`;
  return [
    makeFinding({
      check: 'above-maximum',
      severity: 'warning',
      message: `The cache holds ${humanSize(sizeBytes)}${above}`,
      reason: 'The pruner does not run, runs too rarely, or fails',
      command: 'glance-cache-pruner --dry-run --verbose',
    }),
  ];
}

type OldArea = 'incomplete' | 'invalid' | 'queue';

const TOLD: Readonly<Record<OldArea, Omit<FindingParts, 'severity' | 'message'> & { readonly of: string }>> = {
  incomplete: {
    check: 'old-incomplete',
    of: 'incomplete',
    reason: 'The cleaner does not run, or fails: what was given up takes space, and keeps its image from being cached',
    command: 'glance-cache-cleaner --dry-run --verbose',
  },
  invalid: {
    check: 'old-invalid',
    of: 'invalid',
    reason: 'The cleaner does not run, or fails: what failed takes space',
    command: 'glance-cache-cleaner --dry-run --verbose',
  },
  queue: {
    check: 'old-queue',
    of: 'queued',
    reason: 'The prefetcher does not run, or fails for it again and again',
    command: 'glance-cache-prefetcher --dry-run --verbose',
  },
};

function oldOnes(context: CheckContext, layout: CacheLayout, area: OldArea): readonly CheckFinding[] {
  const { count, oldest }: Measured = measureCache(layout).areas[area];
  const limitSec = limitOf(context, area);
  if (oldest === undefined || limitSec === undefined) return [];
  const ageSec = context.clock.nowSec() - oldest.atSec;
  if (ageSec < limitSec) return [];
  const { of, ...told } = TOLD[area];
  const others = count === 1 ? '' : `, and there are ${count} ${of} ones in all`;
  return [
    makeFinding({
      ...told,
      severity: 'warning',
      message: `${JSON.stringify(oldest.path)} has been ${of} for ${humanDuration(ageSec)}${others}`,
    }),
  ];
}

/** Once it has run every day, the cleaner has taken what was due a day ago. */
function limitOf({ settings }: CheckContext, area: OldArea): number | undefined {
  const option = { incomplete: OPTIONS.imageCacheStallTime, invalid: OPTIONS.invalidGrace, queue: undefined }[area];
  const graceSec = option === undefined ? 0 : usableValue<number>(settings, option);
  return graceSec === undefined ? undefined : graceSec + DAY_SEC;
}
