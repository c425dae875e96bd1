import { describe, expect, test } from 'vitest';
import {
  EXACT_STYLE,
  statsColumns,
  statsExtraColumns,
  statsHereColumns,
} from '../../../src/present/reports/stats-columns.ts';
import { statsRecord } from '../../../src/present/reports/stats-record.ts';
import { fileOf, madeUp, nodeStats } from '../../support/node-stats.ts';
import { readPage } from './manual.ts';

/** The names of all fields, those of nested objects as well. */
function namesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => [name, ...namesIn(field)]);
}

describe('glance-cache-manage(1)', () => {
  test('names every field and every column of stats', () => {
    const here = nodeStats([madeUp(1, { sizeBytes: 5 })], {
      prune: { maxSizeBytes: 0 },
      leftovers: { invalid: [fileOf(2, 1, 1)] },
    });
    const { total } = here;
    const item = { ...total, nodeUrl: undefined, isOwn: true, here };
    const columns = [...statsColumns(EXACT_STYLE), ...statsExtraColumns(EXACT_STYLE), ...statsHereColumns(EXACT_STYLE)];
    const { head } = statsRecord({ allNodes: false, total, distinctImages: 1, items: [item], here }, columns);
    const [, section = ''] = /^\.Ss Figures of a cache\n(.*?)^\.S[sh] /ms.exec(readPage('glance-cache-manage.1')) ?? [];
    const documented = new Set(section.split(/[\s,;.()]+/));
    const named = [...namesIn(head), ...columns.map(({ key }) => key), ...here.ages.map(({ age }) => age)];
    expect(named.length).toBeGreaterThan(90);
    expect(named.filter((name) => !documented.has(name))).toEqual([]);
  });
});
