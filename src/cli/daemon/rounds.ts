/**
 * The course of a daemon: a round, a wait, the next round, until it is stopped. What a round does, and how it is told,
 * comes through ports.
 */
import { ConfigError, UsageError } from '../../errors/cache-error.ts';
import type { Clock } from '../../time/clock.ts';
import type { JobSummary } from '../record-run.ts';
import type { HangUps } from './hang-ups.ts';

/** What became of a round. */
export interface RoundOutcome {
  /** Skipped is one that has found another run at work. */
  readonly result: 'done' | 'skipped' | 'failed' | 'stopped';
  /** Why it was not done. */
  readonly error: unknown;
  /** What was done; undefined where it did not come that far. */
  readonly summary: JobSummary | undefined;
  /** Epoch seconds. */
  readonly startedSec: number;
  readonly elapsedSec: number;
}

/** A round that begins. */
export interface RoundStart {
  /** From 1. */
  readonly number: number;
  /** Why it begins before its time; undefined where it does not. */
  readonly cause: string | undefined;
  /** Whether no round has gone with these settings before. */
  readonly hasNewSettings: boolean;
}

/** What the rounds are made of; `S` are the settings. */
export interface RoundPorts<S> {
  readonly clock: Clock;
  /** A number from 0 up to, not including, 1. */
  readonly random: () => number;
  /** Aborted when the daemon is to stop. */
  readonly signal: AbortSignal;
  readonly hangUps: HangUps;
  /** Reads the settings anew. */
  load(): S;
  /** How long to wait between two rounds, seconds. */
  wakeupSec(settings: S): number;
  /** Does a round; never throws. */
  work(settings: S, start: RoundStart): Promise<RoundOutcome>;
  /**
   * Resolves when the next round is needed before its time, with the reason; ends in any way when the signal is aborted.
   *
   * @param sinceSec when the last round began, epoch seconds
   */
  untilNeeded(settings: S, sinceSec: number, signal: AbortSignal): Promise<string>;
  /** @param nextSec seconds until the next round; undefined where there is none */
  tellEnd(start: RoundStart, outcome: RoundOutcome, nextSec: number | undefined): Promise<void>;
  /** Tells that new settings cannot be used, and that the earlier ones stay. */
  tellKept(error: unknown): Promise<void>;
}

/** How far a wait may be off, to either side: the nodes of a cloud are not to ask Keystone in step. */
const JITTER = 0.1;

/**
 * Does rounds until the signal is aborted. The first begins at once, the next ones so long after the end of the one
 * before, or when they are needed, or when SIGHUP asks for one, with settings read anew.
 *
 * @throws what a wrong configuration makes of the first round, and what cannot be loaded before it
 */
export async function goRound<S>(ports: RoundPorts<S>): Promise<void> {
  const { signal, hangUps } = ports;
  let settings = ports.load();
  // Settings that a round has gone with. Values are read where they are used, so that loading alone proves little.
  let trusted: S | undefined;
  let cause: string | undefined;
  for (let number = 1; ; ) {
    const start: RoundStart = { number, cause, hasNewSettings: settings !== trusted };
    const outcome = await ports.work(settings, start);
    if (start.hasNewSettings && isRefusal(outcome.error)) {
      if (trusted === undefined) throw outcome.error;
      settings = trusted;
      await ports.tellKept(outcome.error);
      if (signal.aborted) return;
      continue;
    }
    trusted = settings;
    number += 1;
    const waitSec = hangUps.isPending ? 0 : jittered(ports.wakeupSec(settings), ports.random());
    await ports.tellEnd(start, outcome, signal.aborted ? undefined : waitSec);
    cause = await waitForNext(ports, { settings, waitSec, sinceSec: outcome.startedSec });
    if (signal.aborted) return;
    if (!hangUps.take()) continue;
    cause = 'SIGHUP';
    try {
      settings = ports.load();
    } catch (error) {
      await ports.tellKept(error);
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ConfigError || error instanceof UsageError;
}

function jittered(seconds: number, random: number): number {
  return seconds * (1 + JITTER * (2 * random - 1));
}

/** @returns why the wait has ended before its time; undefined where it has not */
async function waitForNext<S>(
  { clock, signal, hangUps, untilNeeded }: RoundPorts<S>,
  { settings, waitSec, sinceSec }: { readonly settings: S; readonly waitSec: number; readonly sinceSec: number },
): Promise<string | undefined> {
  if (signal.aborted || hangUps.isPending) return undefined;
  // Its own for each wait: what listens to the daemon's would gather there.
  const wait = new AbortController();
  const end = (): void => wait.abort();
  signal.addEventListener('abort', end);
  hangUps.onNext(end);
  const ways = [clock.sleep(waitSec, wait.signal).then(() => undefined), untilNeeded(settings, sinceSec, wait.signal)];
  try {
    return await Promise.race(ways);
  } catch (error) {
    if (!wait.signal.aborted) throw error;
    return undefined;
  } finally {
    end();
    await Promise.allSettled(ways);
    signal.removeEventListener('abort', end);
    hangUps.onNext(undefined);
  }
}
