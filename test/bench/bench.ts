/**
 * `npm run bench`: measures the built programs and prints each figure beside its target, as tables and as JSON. It needs
 * no network, and no rights but with `--stock`.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { Case, Figure, LeftOut, Scale } from './case.ts';
import { CASES } from './cases.ts';
import { removeFolders } from './folders.ts';
import { describeMachine, machineText } from './machine.ts';
import { type BenchOptions, HELP, parseOptions } from './options.ts';
import { say } from './progress.ts';
import { renderFigures } from './tables.ts';
import { installTools } from './tools.ts';

const GIB = 1024 ** 3;
const FULL: Scale = {
  runs: 5,
  shortRuns: 40,
  longRuns: 3,
  sizes: [1000, 10_000, 100_000],
  stockSize: 10_000,
  leftovers: 10_000,
  verifyBytes: 4 * GIB,
  imageBytes: GIB,
};
const SMOKE: Scale = {
  runs: 1,
  shortRuns: 1,
  longRuns: 1,
  sizes: [10, 100, 1000],
  stockSize: 100,
  leftovers: 100,
  verifyBytes: GIB / 16,
  imageBytes: GIB / 64,
};

const RESULT = 'test-results/bench.json';

/** What came of all cases. */
interface Results {
  readonly figures: Figure[];
  readonly leftOut: LeftOut[];
  readonly broken: string[];
}

async function measureAll(cases: readonly Case[], scale: Scale): Promise<Results> {
  const results: Results = { figures: [], leftOut: [], broken: [] };
  for (const { name, measure } of cases) {
    say(name);
    try {
      for (const figure of await measure(scale)) {
        if ('leftOut' in figure) results.leftOut.push(figure);
        else results.figures.push(figure);
      }
    } catch (error) {
      results.broken.push(name);
      console.log(`${name}: BROKEN: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    // A signal that came meanwhile is heard now.
    await turn();
  }
  return results;
}

async function bench({ smoke, stock, only }: BenchOptions): Promise<void> {
  const cases = CASES.filter(({ name }) => name.includes(only));
  if (cases.length === 0)
    throw new Error(`No case has "${only}" in its name: ${CASES.map(({ name }) => name).join(', ')}`);
  if (stock) installTools();
  const machine = describeMachine();
  console.log(machineText(machine));
  const scale = smoke ? SMOKE : FULL;
  const { figures, leftOut, broken } = await measureAll(cases, scale);
  mkdirSync('test-results', { recursive: true });
  const counts = { numPassedTests: cases.length - broken.length, numFailedTests: broken.length };
  writeFileSync(RESULT, `${JSON.stringify({ machine, scale, ...counts, broken, leftOut, figures }, null, 2)}\n`);
  if (smoke) {
    for (const { name, leftOut: why } of leftOut) console.log(`${name}: left out: ${why}`);
    console.log(`${counts.numPassedTests} cases ran, ${broken.length} broke; their figures mean nothing`);
  } else console.log(renderFigures(figures, leftOut));
  console.log(`Written to ${RESULT}`);
  if (broken.length === 0) return;
  console.log(`Broken: ${broken.join(', ')}`);
  process.exitCode = 1;
}

function optionsOrUsage(): BenchOptions | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    process.exitCode = 2;
    return undefined;
  }
}

process.on('exit', removeFolders);
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => process.exit(code));
}
const options = optionsOrUsage();
if (options?.help === true) console.log(HELP);
else if (options !== undefined) {
  await bench(options).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
