import type { EndedRun } from '../../src/cache/runs/run-record.ts';

/** A run of some program that has ended well. */
export function endedRun(program: string): EndedRun {
  return {
    program,
    version: '1.2.3',
    startedSec: 1000,
    endedSec: 1002.5,
    durationSec: 2.5,
    exitCode: 0,
    errorCode: undefined,
    images: 3,
    bytes: 3000,
  };
}
