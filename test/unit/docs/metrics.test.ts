import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { METRICS, type Metric } from '../../../src/use-cases/metrics/metric-table.ts';
import { commandLinesIn, expectToParse } from './command-lines.ts';
import { entriesOf, ROOT, readPage } from './manual.ts';

const ALL: readonly Metric[] = Object.values(METRICS);
const NAMES: ReadonlySet<string> = new Set(ALL.map(({ name }) => name));

/** Labels that Prometheus adds, and those that any metric of ours has. */
const LABELS: ReadonlySet<string> = new Set(['instance', ...ALL.flatMap(({ labels }) => labels)]);

const read = (name: string): string => readFileSync(join(ROOT, 'man', 'examples', name), 'utf8');

interface Alerts {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly refId: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
}

const { rules } = (parse(read('prometheus-alerts.yml')) as Alerts).groups[0] ?? { rules: [] };
const dashboard = JSON.parse(read('grafana-dashboard.json')) as Dashboard;
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const targets = panels.flatMap((panel) => (panel.targets ?? []).map(({ expr }) => [panel.title, expr] as const));

/** Holds an expression to what there is. */
function expectToBeKnown(expr: string): void {
  const named = Array.from(expr.matchAll(/\bglance_cache_\w+/g), ([name]) => name);
  expect(named.filter((name) => !NAMES.has(name))).toEqual([]);
  expect(named.length, expr).toBeGreaterThan(0);
  for (const [, name = '', selector = ''] of expr.matchAll(/(glance_cache_\w+)\{([^}]*)\}/g)) {
    const labels = Array.from(selector.matchAll(/(\w+)(?:=~|!=|!~|=)"/g), ([, label = '']) => label);
    const known = ['instance', ...(ALL.find((metric) => metric.name === name)?.labels ?? [])];
    expect(labels.filter((label) => !known.includes(label))).toEqual([]);
  }
}

describe('glance-cache-manage(1)', () => {
  test('has every metric as the table has it', () => {
    const page = readPage('glance-cache-manage.1');
    const entries = entriesOf(page).filter(({ head }) => head.startsWith('Li glance_cache_'));
    expect(entries.map(({ head, body }) => [head, body.replaceAll('\n', ' ')])).toEqual(
      ALL.map(({ name, labels, help }) => {
        const braced = labels.length === 0 ? '' : ` Ns Brq Ar ${labels.join(' , ')}`;
        return [`Li ${name}${braced}`, `${help}.`];
      }),
    );
  });

  test('names no metric that there is not', () => {
    const named = Array.from(readPage('glance-cache-manage.1').matchAll(/\bglance_cache_\w+/g), ([name]) => name);
    expect(named.filter((name) => !NAMES.has(name))).toEqual([]);
  });
});

describe('man/examples/prometheus-alerts.yml', () => {
  test.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s is about what there is, and says what to do',
    (_name, rule) => {
      expectToBeKnown(rule.expr);
      expect(rule.labels['severity']).toMatch(/^(?:warning|critical)$/);
      const { summary = '', description = '' } = rule.annotations;
      expect(summary).toContain('{{ $labels.instance }}');
      for (const [, label = ''] of `${summary} ${description}`.matchAll(/\$labels\.(\w+)/g))
        expect(LABELS).toContain(label);
      for (const [, line = ''] of description.matchAll(/"(glance-cache-[^"]+)"/g)) {
        for (const command of commandLinesIn(line)) expectToParse(command);
      }
    },
  );

  test('has names that are told apart', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});

describe('man/examples/grafana-dashboard.json', () => {
  test.each(targets)('%s shows what there is: %s', (_title, expr) => {
    expectToBeKnown(expr);
    expect(expr).toContain('instance=~"$instance"');
  });

  test('asks the data source that is chosen', () => {
    expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['instance', 'query'],
    ]);
    expect(new Set(panels.map(({ datasource }) => datasource?.uid))).toEqual(new Set([`\${datasource}`]));
  });

  test('has panels that do not lie on each other', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });
});

test('the alert rules and the dashboard make use of most metrics', () => {
  const shown = read('prometheus-alerts.yml') + read('grafana-dashboard.json');
  const unused = [...NAMES].filter((name) => !new RegExp(`\\b${name}\\b`).test(shown));
  // What is left is for joins, and for whoever wants to know more.
  expect(unused.length).toBeLessThan(NAMES.size / 4);
});

test('man/examples/glance-cache-metrics.service writes where node_exporter looks', () => {
  const [line = ''] = /^ExecStart=.*$/m.exec(read('glance-cache-metrics.service')) ?? [];
  const [command] = commandLinesIn(line);
  expect(command?.args).toEqual(['metrics', '--textfile', '/var/lib/prometheus/node-exporter/glance-cache.prom']);
  if (command !== undefined) expectToParse(command);
});
