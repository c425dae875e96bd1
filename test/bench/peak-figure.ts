import { type Figure, MEMORY_TARGET_MIB } from './case.ts';
import { type CommandLine, peakMemoryOf } from './measure.ts';

const MIB = 1024 * 1024;

/** The peak memory of a program of ours, of a run that is not timed. */
export function peakFigure(name: string, line: CommandLine): Figure {
  return { name, baseline: 'none', value: peakMemoryOf(line) / MIB, unit: 'MiB', target: MEMORY_TARGET_MIB };
}
