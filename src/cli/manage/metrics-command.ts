/**
 * metrics: the figures of this node's cache and of the programs' runs, for Prometheus.
 */
import { resolve } from 'node:path';
import { UsageError } from '../../errors/cache-error.ts';
import { type OptionType, ValueError } from '../../settings/option.ts';
import { systemClock } from '../../time/system-clock.ts';
import type { Sample } from '../../use-cases/metrics/metric-table.ts';
import type { MetricsReport } from '../../use-cases/metrics/metrics.ts';
import { FORMAT } from '../common-flags.ts';
import type { ValueFlag } from '../flag.ts';
import { type OpenRun, withRun } from '../open-run.ts';
import type { Call, Command } from '../program.ts';
import { pruneLimitsOf } from '../prune-request.ts';
import { VERSION_NUMBER } from '../version.ts';

const textfilePath: OptionType<string> = {
  expects: 'the path of a file whose name ends in .prom, which is what node_exporter reads',
  parse(text) {
    if (!/[^/]\.prom$/.test(text)) throw new ValueError('does not end in .prom');
    return text;
  },
};

const TEXTFILE: ValueFlag<string> = {
  names: ['--textfile'],
  beyondStock: true,
  metavar: 'PATH',
  type: textfilePath,
  help: 'Write to this file instead, in one step: for the textfile collector of node_exporter.',
};

/** The command. */
export const metricsCommand: Command = {
  name: 'metrics',
  summary: 'Print what a monitoring system wants to know, in the text format of Prometheus',
  flags: [TEXTFILE],
  examples: [
    { line: 'glance-cache-manage metrics', does: 'All metrics of this node.' },
    {
      line: 'glance-cache-manage metrics --textfile /var/lib/prometheus/node-exporter/glance-cache.prom',
      does: 'For the textfile collector of node_exporter, from cron or a timer.',
    },
  ],
  async run(call) {
    refuseOtherFormat(call);
    const begun = { isTold: false };
    try {
      // Who collects metrics may have no right to Glance's logs, and needs none.
      await withRun(call, { openFiles: false, onSkippedLog: () => undefined }, async (run) => {
        const report = await takeFrom(run);
        begun.isTold = true;
        await put(call, report.samples);
        if (report.failure !== undefined) throw report.failure;
      });
    } catch (error) {
      // A collector that gets nothing cannot tell a wrong configuration from a node that is off.
      if (!begun.isTold) await putDown(call);
      throw error;
    }
  },
};

function refuseOtherFormat({ args }: Call): void {
  const format = args.value(FORMAT);
  if (format === undefined || format === 'table') return;
  throw new UsageError('USAGE_NOT_AVAILABLE', `Cannot print metrics as ${format}: they have a format of their own`, {
    hint: `Leave out --format, or run "glance-cache-manage --format ${format} stats"`,
  });
}

async function takeFrom({ access, settings }: OpenRun): Promise<MetricsReport> {
  const { takeMetrics } = await import('../../use-cases/metrics/metrics.ts');
  return takeMetrics(access, { version: VERSION_NUMBER, limits: () => pruneLimitsOf(settings) });
}

async function putDown(call: Call): Promise<void> {
  const { headSamples } = await import('../../use-cases/metrics/metrics.ts');
  await put(call, headSamples({ isUp: false, version: VERSION_NUMBER, nowSec: systemClock.nowSec() }));
}

async function put({ args, invocation }: Call, samples: readonly Sample[]): Promise<void> {
  const { METRICS } = await import('../../use-cases/metrics/metric-table.ts');
  const { renderExposition } = await import('../../present/metrics/exposition.ts');
  const text = renderExposition(Object.values(METRICS), samples);
  const path = args.value(TEXTFILE);
  if (path === undefined) {
    await invocation.stdout.write(text);
    return;
  }
  const { writeTextfile } = await import('./write-textfile.ts');
  writeTextfile(resolve(invocation.cwd, path), text, invocation);
}
