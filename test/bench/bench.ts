/**
 * `npm run bench`: measures the built programs and prints each figure beside its target, as a table and as JSON.
 * `npm run bench -- --smoke` does the same on little data: it shows that every case runs, its figures mean nothing.
 * `--only=TEXT` takes the cases that have the text in their name.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, release, totalmem } from 'node:os';
import { CASES, type Figure, type Scale } from './cases.ts';

const FULL: Scale = { runs: 5, images: 10_000, imageBytes: 1024 ** 3 };
const SMOKE: Scale = { runs: 1, images: 100, imageBytes: 16 * 1024 ** 2 };

const isSmoke = process.argv.includes('--smoke');
const only = process.argv.find((arg) => arg.startsWith('--only='))?.slice('--only='.length) ?? '';
const cases = CASES.filter(({ name }) => name.includes(only));
const scale = isSmoke ? SMOKE : FULL;
const machine = {
  node: process.version,
  kernel: `Linux ${release()} ${arch()}`,
  cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  memory_gib: Math.round(totalmem() / 1024 ** 3),
};

function show({ name, baseline, value, unit, target }: Figure): string {
  const goal = target === undefined ? '' : `target ≤ ${target} ${unit}${value <= target ? '' : '  MISSED'}`;
  const against = baseline === 'none' ? '' : `of ${baseline}`;
  return `${name.padEnd(52)} ${`${value.toFixed(2)} ${unit}`.padStart(12)} ${against.padEnd(24)} ${goal}`.trimEnd();
}

console.log(`${machine.node}, ${machine.kernel}, ${machine.cpu}, ${machine.memory_gib} GiB; medians of ${scale.runs}`);
const figures: Figure[] = [];
const broken: string[] = [];
for (const { name, measure } of cases) {
  try {
    for (const figure of await measure(scale)) {
      if ('leftOut' in figure) {
        console.log(`${figure.name}: left out: ${figure.leftOut}`);
        continue;
      }
      figures.push(figure);
      console.log(isSmoke ? `${figure.name}: ran` : show(figure));
    }
  } catch (error) {
    broken.push(name);
    console.log(`${name}: BROKEN: ${String(error)}`);
    process.exitCode = 1;
  }
}
mkdirSync('test-results', { recursive: true });
const counts = { numPassedTests: cases.length - broken.length, numFailedTests: broken.length };
writeFileSync('test-results/bench.json', `${JSON.stringify({ machine, scale, ...counts, figures }, null, 2)}\n`);
console.log('Written to test-results/bench.json');
