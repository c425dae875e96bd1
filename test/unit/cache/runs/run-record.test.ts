import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type EndedRun,
  parseRunRecord,
  RUN_ENDS,
  type RunRecord,
  runEndOf,
  runRecordText,
  withRun,
} from '../../../../src/cache/runs/run-record.ts';
import { EXIT_CODES } from '../../../../src/errors/exit-codes.ts';
import { endedRun } from '../../../support/ended-run.ts';
import { seedOfRun } from '../../../support/rounds.ts';

const PROGRAM = 'glance-cache-pruner';
const seed = seedOfRun();

const RUN = endedRun(PROGRAM);

const FAILED: EndedRun = { ...RUN, endedSec: 2000, exitCode: 4, errorCode: 'CACHE_IO', images: 1, bytes: 10 };

/** A record of one run, with other fields than it has. */
function altered(change: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...(JSON.parse(runRecordText(withRun(undefined, RUN))) as object), ...change });
}

const anyAmount = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e18, noNaN: true }));

const anyRun: fc.Arbitrary<EndedRun> = fc.record({
  program: fc.constant(PROGRAM),
  version: fc.constantFrom('0.1.0', '1.0.0-rc.1', '2.0.0+local'),
  startedSec: anyAmount,
  endedSec: anyAmount,
  durationSec: anyAmount,
  exitCode: fc.constantFrom(...Object.values(EXIT_CODES)),
  errorCode: fc.constantFrom(undefined, 'BUG', 'CACHE_IO', 'SIGTERM'),
  images: fc.nat(),
  bytes: fc.nat({ max: 1e15 }),
});

describe('withRun()', () => {
  test('begins a record when there is none', () => {
    expect(withRun(undefined, RUN)).toEqual({
      ...RUN,
      lastSuccessSec: 1002.5,
      totals: { images: 3, bytes: 3000, runs: { success: 1, partial: 0, failure: 0, stopped: 0 } },
    });
  });

  test('remembers the last success when a later run fails', () => {
    const record = withRun(withRun(undefined, RUN), FAILED);
    expect(record).toMatchObject({ exitCode: 4, errorCode: 'CACHE_IO', lastSuccessSec: 1002.5, images: 1 });
    expect(record.totals).toEqual({ images: 4, bytes: 3010, runs: { success: 1, partial: 0, failure: 1, stopped: 0 } });
  });

  test(`counts every run once, and loses none of what they did, when there are many (TEST_SEED=${seed})`, () => {
    fc.assert(
      fc.property(fc.array(anyRun, { minLength: 1, maxLength: 20 }), (runs) => {
        let record: RunRecord | undefined;
        for (const run of runs) record = withRun(record, run);
        const { totals, lastSuccessSec } = record ?? withRun(undefined, RUN);
        expect(RUN_ENDS.map((end) => totals.runs[end])).toEqual(
          RUN_ENDS.map((end) => runs.filter(({ exitCode }) => runEndOf(exitCode) === end).length),
        );
        expect(totals.images).toBe(runs.reduce((sum, { images }) => sum + images, 0));
        expect(totals.bytes).toBe(runs.reduce((sum, { bytes }) => sum + bytes, 0));
        expect(lastSuccessSec).toBe(runs.findLast(({ exitCode }) => exitCode === 0)?.endedSec);
      }),
      { seed },
    );
  });
});

test.each([
  [0, 'success'],
  [10, 'partial'],
  [130, 'stopped'],
  [143, 'stopped'],
  [1, 'failure'],
  [4, 'failure'],
])('runEndOf() tells of exit code %i that the run was a %s', (exitCode, end) => {
  expect(runEndOf(exitCode)).toBe(end);
});

describe('parseRunRecord()', () => {
  test(`gets back any record from its text (TEST_SEED=${seed})`, () => {
    fc.assert(
      fc.property(anyRun, anyRun, (first, second) => {
        for (const record of [withRun(undefined, first), withRun(withRun(undefined, first), second)])
          expect(parseRunRecord(runRecordText(record), PROGRAM)).toEqual(record);
      }),
      { seed },
    );
  });

  test('takes a text for none when it is cut off anywhere', () => {
    const text = runRecordText(withRun(undefined, RUN)).trimEnd();
    for (let length = 0; length < text.length; length++) {
      expect(parseRunRecord(text.slice(0, length), PROGRAM)).toBeUndefined();
    }
  });

  test.each([
    ['of another program', { program: 'glance-cache-cleaner' }],
    ['of another layout', { layout: 2 }],
    ['one with a version that is none', { version: '\u001b[31m' }],
    ['one with an error that is no code', { error_code: 'a b' }],
    ['one with a time that is none', { ended: 'today' }],
    ['one with a negative time', { started: -1 }],
    ['one with a number that is too large for one', { bytes: Number.POSITIVE_INFINITY }],
    ['one without totals', { totals: null }],
    ['one without runs', { totals: { images: 1, bytes: 1 } }],
  ])('takes a record for none when it is %s', (_what, change) => {
    expect(parseRunRecord(altered(change), PROGRAM)).toBeUndefined();
  });

  test(`survives any text (TEST_SEED=${seed})`, () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parseRunRecord(text, PROGRAM)).toBeUndefined();
      }),
      { seed },
    );
  });
});
