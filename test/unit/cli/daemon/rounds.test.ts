import { describe, expect, test } from 'vitest';
import { HangUps } from '../../../../src/cli/daemon/hang-ups.ts';
import { goRound, type RoundOutcome, type RoundPorts } from '../../../../src/cli/daemon/rounds.ts';
import { CacheStateError, ConfigError, InterruptedError } from '../../../../src/errors/cache-error.ts';
import { VirtualClock } from '../../../support/clocks.ts';

const WRONG = new ConfigError('CONFIG_VALUE', 'Cannot use it: it is wrong');
const BROKEN = new CacheStateError('CACHE_IO', 'Cannot read it: it is broken');

/** What a test does in a round: nothing, fail with an error, or something of its own. */
type Script = readonly (Error | ((course: Course) => void) | undefined)[];

/** A daemon with a clock of its own, whose rounds go by a script, and which is stopped after it. */
class Course {
  readonly clock = new VirtualClock();
  readonly stopping = new AbortController();
  hangUp: () => void = () => undefined;
  /** The time each round began at, with what it was told. */
  readonly began: string[] = [];
  readonly told: string[] = [];
  /** Errors of loading, call by call. */
  loads: (Error | undefined)[] = [];
  random = 0.5;
  takesSec = 0;
  /** When a round is needed, seconds after the one before. */
  neededSec: number | undefined;
  #loaded = 0;

  async run(script: Script): Promise<void> {
    const rest = [...script];
    const hangUps = new HangUps({
      listenForHangUps: (told) => {
        this.hangUp = told;
        return () => undefined;
      },
    });
    await goRound(this.#ports(hangUps, rest));
  }

  stop(): void {
    this.stopping.abort(new InterruptedError('SIGTERM', 'Stopped by SIGTERM'));
  }

  #ports(hangUps: HangUps, rest: Script[number][]): RoundPorts<string> {
    const { clock } = this;
    return {
      clock,
      hangUps,
      signal: this.stopping.signal,
      random: () => this.random,
      wakeupSec: () => 100,
      load: () => {
        const error = this.loads.shift();
        if (error !== undefined) throw error;
        this.#loaded += 1;
        return `settings ${this.#loaded}`;
      },
      work: async (settings, { number, cause, hasNewSettings }) => {
        this.began.push(
          `${clock.seconds} #${number} ${settings}${hasNewSettings ? ' new' : ''}${cause === undefined ? '' : ` ${cause}`}`,
        );
        const startedSec = clock.seconds;
        if (this.takesSec > 0) await clock.sleep(this.takesSec, new AbortController().signal);
        const next = rest.shift();
        if (typeof next === 'function') next(this);
        if (rest.length === 0) this.stop();
        const error = typeof next === 'function' ? undefined : next;
        const result: RoundOutcome['result'] = error === undefined ? 'done' : 'failed';
        return { result, error, summary: undefined, startedSec, elapsedSec: this.takesSec };
      },
      untilNeeded: async (_settings, _since, signal) => {
        await clock.sleep(this.neededSec ?? 1e9, signal);
        return 'needed';
      },
      tellEnd: async ({ number }, { result }, nextSec) =>
        void this.told.push(`#${number} ${result} ${nextSec ?? 'last'}`),
      tellKept: async (error) => void this.told.push(`kept: ${error instanceof Error ? error.message : ''}`),
    };
  }
}

describe('goRound()', () => {
  test('begins at once, and then so long after the end of each round', async () => {
    const course = new Course();
    course.takesSec = 7;
    await course.run([undefined, undefined, undefined]);
    expect(course.began).toEqual(['0 #1 settings 1 new', '107 #2 settings 1', '214 #3 settings 1']);
    expect(course.told).toEqual(['#1 done 100', '#2 done 100', '#3 done last']);
  });

  test.each([
    [0, 90],
    [0.5, 100],
    [0.999_999, 110],
  ])('waits a tenth less to a tenth more as chance has it: %d', async (random, seconds) => {
    const course = new Course();
    course.random = random;
    await course.run([undefined, undefined]);
    expect(course.clock.seconds).toBeCloseTo(seconds, 3);
  });

  test('goes on after a round that has failed', async () => {
    const course = new Course();
    await course.run([undefined, BROKEN, WRONG, undefined]);
    expect(course.told).toEqual(['#1 done 100', '#2 failed 100', '#3 failed 100', '#4 done last']);
  });

  test('ends with the error of the first round when that is the fault of the configuration', async () => {
    const course = new Course();
    await expect(course.run([WRONG, undefined])).rejects.toBe(WRONG);
    expect(course.told).toEqual([]);
  });

  test('goes on when the first round fails for another reason', async () => {
    const course = new Course();
    await course.run([BROKEN, undefined]);
    expect(course.told).toEqual(['#1 failed 100', '#2 done last']);
  });

  test('throws what keeps the first settings from being loaded', async () => {
    const course = new Course();
    course.loads = [WRONG];
    await expect(course.run([undefined])).rejects.toBe(WRONG);
    expect(course.began).toEqual([]);
  });

  test('loads the settings anew when SIGHUP comes, at once while it waits', async () => {
    const course = new Course();
    void course.clock.sleep(130, new AbortController().signal).then(() => course.hangUp());
    await course.run([undefined, undefined, undefined]);
    expect(course.began).toEqual(['0 #1 settings 1 new', '100 #2 settings 1', '130 #3 settings 2 new SIGHUP']);
  });

  test('takes several hang-ups in mid-round for one, after the round', async () => {
    const course = new Course();
    const hangUpTwice = ({ hangUp }: Course): void => {
      hangUp();
      hangUp();
    };
    await course.run([hangUpTwice, undefined, undefined]);
    expect(course.began).toEqual(['0 #1 settings 1 new', '0 #2 settings 2 new SIGHUP', '100 #3 settings 2']);
    expect(course.told[0]).toBe('#1 done 0');
  });

  test('keeps the earlier settings when the new ones cannot be loaded', async () => {
    const course = new Course();
    course.loads = [undefined, WRONG];
    await course.run([({ hangUp }) => hangUp(), undefined]);
    expect(course.began).toEqual(['0 #1 settings 1 new', '0 #2 settings 1 SIGHUP']);
    expect(course.told).toEqual(['#1 done 0', `kept: ${WRONG.message}`, '#2 done last']);
  });

  test('goes back to the earlier settings when the first round with new ones is refused', async () => {
    const course = new Course();
    await course.run([({ hangUp }) => hangUp(), WRONG, undefined]);
    expect(course.began).toEqual(['0 #1 settings 1 new', '0 #2 settings 2 new SIGHUP', '0 #2 settings 1 SIGHUP']);
    expect(course.told).toEqual(['#1 done 0', `kept: ${WRONG.message}`, '#2 done last']);
  });

  test('begins a round before its time when it is needed', async () => {
    const course = new Course();
    course.neededSec = 5;
    await course.run([undefined, undefined]);
    expect(course.began).toEqual(['0 #1 settings 1 new', '5 #2 settings 1 needed']);
  });

  test('ends at once when it is stopped while it waits', async () => {
    const course = new Course();
    void course.clock.sleep(30, new AbortController().signal).then(() => course.stop());
    await course.run([undefined, undefined]);
    expect(course.began).toHaveLength(1);
    expect(course.clock.seconds).toBe(30);
  });
});
