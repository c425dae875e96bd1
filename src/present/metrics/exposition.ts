/**
 * Metrics as Prometheus reads them: the text format 0.0.4.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { printable } from '../../text/printable.ts';
import type { Metric, Sample } from '../../use-cases/metrics/metric-table.ts';

/**
 * The text of samples.
 *
 * @param metrics in the order they are to be in; of those without a sample nothing is said
 */
export function renderExposition(metrics: readonly Metric[], samples: readonly Sample[]): string {
  return metrics
    .map((metric) => {
      const lines = samples.filter((sample) => sample.metric === metric).map(sampleLine);
      return lines.length === 0 ? '' : `${headOf(metric)}${lines.join('')}`;
    })
    .join('');
}

function headOf({ name, type, help }: Metric): string {
  return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n`;
}

function sampleLine({ metric, labels, value }: Sample): string {
  const pairs = metric.labels.map((name, at) => `${name}="${labelValue(labels[at] ?? '')}"`);
  return `${metric.name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
}

function labelValue(text: string): string {
  return escaped(printable(text)).replaceAll('"', '\\"');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
