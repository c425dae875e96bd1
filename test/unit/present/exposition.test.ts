import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderExposition } from '../../../src/present/metrics/exposition.ts';
import { hasUnprintable } from '../../../src/text/printable.ts';
import { METRICS, type Metric } from '../../../src/use-cases/metrics/metric-table.ts';
import { readExposition } from '../../support/exposition.ts';
import { seedOfRun } from '../../support/rounds.ts';

const seed = seedOfRun();

const SPEED: Metric = { name: 'speed_bytes', type: 'gauge', help: 'How fast', labels: [] };
const TURNS: Metric = { name: 'turns_total', type: 'counter', help: 'A \\ and\na line', labels: ['wheel', 'side'] };

test('renderExposition() keeps the samples of a metric together, below what it is', () => {
  const samples = [
    { metric: TURNS, labels: ['front', 'left'], value: 1 },
    { metric: SPEED, labels: [], value: 1.5 },
    { metric: TURNS, labels: ['back', 'a "quoted"\\one\n'], value: 2 },
  ];
  expect(renderExposition([SPEED, TURNS], samples)).toBe(`# HELP speed_bytes How fast
# TYPE speed_bytes gauge
speed_bytes 1.5
# HELP turns_total A \\\\ and\\na line
# TYPE turns_total counter
turns_total{wheel="front",side="left"} 1
turns_total{wheel="back",side="a \\"quoted\\"\\\\one\\\\x0a"} 2
`);
});

test('renderExposition() says nothing of a metric without samples', () => {
  expect(renderExposition([SPEED, TURNS], [])).toBe('');
});

test(`renderExposition() can be read, whatever a label and a value are (TEST_SEED=${seed})`, () => {
  const value = fc.double({ noNaN: true, noDefaultInfinity: true });
  const anyText = fc.string({
    unit: fc.constantFrom('a', '"', '\\', '\n', '\u001b', '\ud800', '{', '}', ',', '=', 'ü', '€'),
  });
  fc.assert(
    fc.property(anyText, anyText, value, (wheel, side, turns) => {
      const text = renderExposition([TURNS], [{ metric: TURNS, labels: [wheel, side], value: turns }]);
      const [sample] = readExposition(text).get(TURNS.name)?.samples ?? [];
      expect(sample?.value).toBe(turns + 0);
      if (!hasUnprintable(wheel + side)) expect(sample?.labels).toEqual({ wheel, side });
      expect(hasUnprintable(text.replaceAll('\n', ''))).toBe(false);
    }),
    { seed, numRuns: 40 },
  );
});

test('METRICS has names as Prometheus wants them, each once', () => {
  const all: readonly Metric[] = Object.values(METRICS);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  for (const { name, type, help, labels } of all) {
    expect(name).toMatch(/^glance_cache_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
    expect(help, name).toMatch(/^[^.].*[^.]$/);
    expect(help, name).not.toContain('\n');
    for (const label of labels) expect(label).toMatch(/^(?:program|result|version|directory|driver)$/);
  }
});
