import type { Metric, Sample } from './metric-table.ts';

/** A value of a metric without labels. */
export function plain(metric: Metric, value: number): Sample {
  return { metric, labels: [], value };
}

/** A time, epoch seconds; nothing where there is none, for any number would be one. */
export function instant(metric: Metric, epochSec: number | undefined, ...labels: readonly string[]): readonly Sample[] {
  return epochSec === undefined ? [] : [{ metric, labels, value: epochSec }];
}
