/**
 * Reports of the toolkit, cut down to what the model foresees.
 */
import type { Item, Report } from './request.ts';

/** What the model says of a run beside its items. */
const FACTS = [
  'max_size',
  'target_size',
  'before',
  'after',
  'freed_bytes',
  'shortfall_bytes',
  'shortfall_reasons',
  'pinned',
];

/** A report in its form for scripts. */
export function reportOf(whole: Readonly<Record<string, unknown>>): Report {
  const items = Array.isArray(whole['items']) ? whole['items'].map(itemOf) : [];
  return { items, facts: Object.fromEntries(Object.entries(whole).filter(([key]) => FACTS.includes(key))) };
}

function itemOf(record: Readonly<Record<string, unknown>>): Item & Readonly<Record<string, unknown>> {
  const { last_used: used, last_written: written, error, message, ...item } = record;
  const failure = error === null && message === null ? {} : { error, message };
  return { ...(item as Omit<Item, 'time'>), time: (used ?? written ?? null) as Item['time'], ...failure };
}
