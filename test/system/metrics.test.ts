import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { readExposition } from '../support/exposition.ts';
import { ROOT, success, UNPRIVILEGED } from '../support/run-program.ts';

// Prometheus' own tools, and its node_exporter, read what the toolkit writes for them.

const cache = useCache();

const EXAMPLES = join(ROOT, 'man', 'examples');
const ALERTS = join(EXAMPLES, 'prometheus-alerts.yml');

/** Runs promtool; its complaints, and what it has to say. */
function promtool(args: readonly string[], input = ''): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync('/usr/bin/promtool', args, { input, encoding: 'utf8' });
  return { code: status, said: stdout + stderr };
}

/** Something of everything, a path that has to be escaped included. */
async function fill(): Promise<void> {
  for (const digit of ['1', '2', '3']) cache().addImage(idOf(digit), { hits: 2 });
  cache().addFile('invalid', idOf('4'), { ageSec: 2000 });
  cache().addFile('incomplete', idOf('5'));
  cache().addMarker(idOf('6'));
  for (const program of ['pruner', 'cleaner'] as const) {
    expect(await cache().run(program, program === 'pruner' ? ['--max-size', '2000'] : [])).toEqual(success());
  }
  cache().addFile('invalid', idOf('4'));
}

describe('promtool', () => {
  test('finds nothing to complain about in the metrics', async () => {
    await fill();
    const { code, stdout } = await cache().manage('metrics');
    expect(code).toBe(0);
    expect(promtool(['check', 'metrics'], stdout)).toEqual({ code: 0, said: '' });
  });

  test('finds nothing to complain about in what is left when the cache cannot be read', async () => {
    cache().replaceIndex((path) => writeFileSync(path, 'this is no index at all'));
    const { code, stdout } = await cache().manage('metrics');
    expect([code, promtool(['check', 'metrics'], stdout)]).toEqual([4, { code: 0, said: '' }]);
  });

  test('reads a cache directory of any name', async () => {
    const odd = join(cache().base, 'a "b" \\ c');
    mkdirSync(odd);
    cache().configureExactly('[DEFAULT]', `image_cache_dir = ${odd}`);
    const { stdout } = await cache().manage('metrics');
    expect(promtool(['check', 'metrics'], stdout)).toEqual({ code: 0, said: '' });
    expect(readExposition(stdout).get('glance_cache_info')?.samples[0]?.labels['directory']).toBe(odd);
  });

  test('understands the alert rules', () => {
    const rules = (parse(readFileSync(ALERTS, 'utf8')) as { groups: [{ rules: unknown[] }] }).groups[0].rules.length;
    expect(promtool(['check', 'rules', ALERTS])).toEqual({
      code: 0,
      said: expect.stringContaining(`SUCCESS: ${rules} rules found`) as string,
    });
  });

  test('understands all that the dashboard asks', () => {
    const { panels } = JSON.parse(readFileSync(join(EXAMPLES, 'grafana-dashboard.json'), 'utf8')) as {
      panels: { targets?: { expr: string }[] }[];
    };
    const rules = panels
      .flatMap(({ targets = [] }) => targets)
      .map(({ expr }, at) => ({ record: `asked:${at}`, expr: expr.replaceAll('$instance', '.*') }));
    const path = join(cache().base, 'dashboard.yml');
    writeFileSync(path, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    expect(promtool(['check', 'rules', path])).toEqual({
      code: 0,
      said: expect.stringContaining(`SUCCESS: ${rules.length} rules found`) as string,
    });
  });
});

/** What is known of a node on which all is well, each a value or how it goes on. It is day 5, five minutes by five. */
const DAY = 86_400;
const WELL: Readonly<Record<string, string>> = {
  up: '1+0x1450',
  collected_timestamp_seconds: '0+300x1450',
  size_bytes: '50+0x1450',
  max_size_bytes: '100+0x1450',
  target_size_bytes: '80+0x1450',
  pinned_bytes: '10+0x1450',
  filesystem_available_bytes: '50+0x1450',
  filesystem_size_bytes: '100+0x1450',
  index_flipped: '0+0x1450',
  'last_success_timestamp_seconds{program="glance-cache-pruner"}': '0+300x1450',
  'last_success_timestamp_seconds{program="glance-cache-cleaner"}': '0+300x1450',
  'last_success_timestamp_seconds{program="glance-cache-prefetcher"}': '0+300x1450',
};

/** What goes wrong, and which alerts that raises. */
const TROUBLES: Readonly<Record<string, readonly [Readonly<Record<string, string | undefined>>, readonly string[]]>> = {
  'all is well': [{}, []],
  'the file is not written any more': [{ collected_timestamp_seconds: `${4 * DAY}+0x1450` }, ['MetricsStale']],
  'the cache cannot be read': [{ up: '0+0x1450' }, ['Unreadable']],
  'the pruner fails': [
    { 'last_success_timestamp_seconds{program="glance-cache-pruner"}': `${4 * DAY}+0x1450` },
    ['PrunerFails'],
  ],
  'the cleaner fails': [
    { 'last_success_timestamp_seconds{program="glance-cache-cleaner"}': `${2 * DAY}+0x1450` },
    ['CleanerFails'],
  ],
  'the prefetcher fails': [
    { 'last_success_timestamp_seconds{program="glance-cache-prefetcher"}': `${4 * DAY}+0x1450` },
    ['PrefetcherFails'],
  ],
  'nobody prunes or cleans': [
    {
      'last_success_timestamp_seconds{program="glance-cache-pruner"}': undefined,
      'last_success_timestamp_seconds{program="glance-cache-cleaner"}': undefined,
    },
    ['NeverPruned', 'NeverCleaned'],
  ],
  'the cache is too large': [{ size_bytes: '101+0x1450' }, ['OverMaximum']],
  'pins take all room': [{ pinned_bytes: '79+0x1450' }, ['PinsFillCache']],
  'the disk is full': [{ filesystem_available_bytes: '4+0x1450' }, ['DiskNearlyFull']],
  'invalid images stay': [{ invalid_oldest_timestamp_seconds: `${DAY}+0x1450` }, ['InvalidPileUp']],
  'a download stalls': [{ incomplete_oldest_timestamp_seconds: `${DAY}+0x1450` }, ['StalledDownloads']],
  'an image waits': [{ queued_oldest_timestamp_seconds: `${4 * DAY}+0x1450` }, ['QueueWaits']],
  'the index has no rows': [{ index_flipped: '1+0x1450' }, ['IndexFlipped']],
};

test('each alert is raised by what it is about, and by nothing else', () => {
  const names = Array.from(
    readFileSync(ALERTS, 'utf8').matchAll(/- alert: GlanceCache(\w+)/g),
    ([, name = '']) => name,
  );
  const tests = Object.entries(TROUBLES).map(([what, [change, raised]]) => ({
    name: what,
    interval: '5m',
    input_series: Object.entries({ ...WELL, ...change }).flatMap(([name, values]) => {
      if (values === undefined) return [];
      const labelled = name.includes('{') ? name.replace('{', '{instance="node1",') : `${name}{instance="node1"}`;
      return [{ series: `glance_cache_${labelled}`, values }];
    }),
    // Which alerts there are; texts and values are left to the rules.
    promql_expr_test: names.map((name) => ({
      expr: `count(ALERTS{alertname="GlanceCache${name}",alertstate="firing"})`,
      eval_time: '5d',
      exp_samples: raised.includes(name) ? [{ labels: '{}', value: 1 }] : [],
    })),
  }));
  expect(new Set(Object.values(TROUBLES).flatMap(([, raised]) => raised))).toEqual(new Set(names));
  const path = join(cache().base, 'tests.yml');
  writeFileSync(path, JSON.stringify({ rule_files: [ALERTS], evaluation_interval: '5m', tests }));
  expect(promtool(['test', 'rules', path])).toEqual({ code: 0, said: expect.stringContaining('SUCCESS') as string });
});

describe('node_exporter', () => {
  const running: { kill: () => void }[] = [];
  afterEach(() => {
    for (const child of running.splice(0)) child.kill();
  });

  /** Starts one that only reads a folder, as somebody who has no rights. */
  async function startExporter(folder: string): Promise<string> {
    const flags = ['disable-defaults', 'textfile', `textfile.directory=${folder}`].map((flag) => `--collector.${flag}`);
    const args = [...flags, '--web.listen-address=127.0.0.1:0'];
    const child = spawn('/usr/bin/prometheus-node-exporter', args, {
      ...UNPRIVILEGED,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    running.push({ kill: () => child.kill() });
    for await (const line of createInterface({ input: child.stderr })) {
      const [, address] = /address=(127\.0\.0\.1:\d+)/.exec(line) ?? [];
      if (address !== undefined) return `http://${address}/metrics`;
    }
    throw new Error('node_exporter has ended');
  }

  test('passes on what metrics --textfile has written', async () => {
    await fill();
    cache().handTo({ uid: 12_345, gid: 12_345 });
    const folder = join(cache().base, 'node-exporter');
    mkdirSync(folder);
    const url = await startExporter(folder);
    expect(await cache().manage('metrics', '--textfile', join(folder, 'glance-cache.prom'))).toEqual(success());
    const text = await (await fetch(url)).text();
    expect(text).toContain('\nnode_textfile_scrape_error 0\n');
    const written = readFileSync(join(folder, 'glance-cache.prom'), 'utf8');
    const names = [...readExposition(written).keys()];
    const passed = Array.from(text.matchAll(/^# TYPE (glance_cache_\w+)/gm), ([, name]) => name);
    expect(passed.sort()).toEqual(names.sort());
  });
});

test('root writes below a folder of somebody else as Debian has it, and is not led elsewhere', async () => {
  const home = join(cache().base, 'prometheus');
  mkdirSync(join(home, 'node-exporter'), { recursive: true });
  cache().handTo({ uid: 12_345, gid: 12_345 });
  chownSync(home, UNPRIVILEGED.uid, UNPRIVILEGED.gid);
  chownSync(join(home, 'node-exporter'), 0, 0);
  const path = join(home, 'node-exporter', 'glance-cache.prom');
  expect(await cache().manage('metrics', '--textfile', path)).toEqual(success());
  expect(promtool(['check', 'metrics'], readFileSync(path, 'utf8'))).toEqual({ code: 0, said: '' });
});
