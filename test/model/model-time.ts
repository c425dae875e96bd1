/**
 * The time that a cache under test lives in: it stands still, and moves in steps when it is told to. Stamps that the
 * kernel gives to files, which nobody can set, are told in that time: each as the moment it was when the stamp was given.
 */
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileFacts } from '../../src/cache/file-facts.ts';
import type { Clock } from '../../src/time/clock.ts';
import { systemClock } from '../../src/time/system-clock.ts';
import { START_SEC } from './model.ts';

/** From a stamp of the kernel on, in milliseconds, it was this time. */
type Moment = readonly [fromMs: number, sec: number];

/** Stamps of the kernel are later; times that were set are those of the model. */
const FIRST_KERNEL_MS = 1.5e12;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** A clock that is moved by hand. */
export class ModelTime {
  readonly #moments: Moment[];
  readonly #folder: string;

  /** @param folder on the file system of the cache, whose stamps count */
  constructor(folder: string) {
    this.#folder = folder;
    this.#moments = [[0, START_SEC]];
  }

  get nowSec(): number {
    return this.#moments.at(-1)?.[1] ?? START_SEC;
  }

  /** Lets time pass; a negative span sets the clock back. */
  pass(seconds: number): void {
    const probe = join(this.#folder, 'probe');
    // Some stamps are as fine as the clock, others as coarse as the kernel's ticks: the next moment begins when all of
    // them are past this one.
    const beforeMs = Date.now() + 1;
    let afterMs = stampOf(probe);
    while (afterMs <= beforeMs) {
      Atomics.wait(sleeper, 0, 0, 1);
      afterMs = stampOf(probe);
    }
    rmSync(probe);
    this.#moments.push([(beforeMs + afterMs) / 2, this.nowSec + seconds]);
  }

  /** When it was by the model's time. */
  ofStamp(stampMs: number): number {
    if (stampMs < FIRST_KERNEL_MS) return stampMs / 1000;
    return this.#moments.findLast(([fromMs]) => fromMs <= stampMs)?.[1] ?? START_SEC;
  }

  /** The facts of a file, in the model's time. */
  ofFacts(facts: FileFacts): FileFacts {
    return {
      ...facts,
      accessedSec: this.ofStamp(facts.accessedSec * 1000),
      modifiedSec: this.ofStamp(facts.modifiedSec * 1000),
      changedSec: this.ofStamp(facts.changedSec * 1000),
    };
  }

  /** The time of day stands still, waiting does not. */
  get clock(): Clock {
    return { ...systemClock, nowSec: () => this.nowSec };
  }

  /** What makes a program live in this time: environment variables. */
  environment(): Readonly<Record<string, string>> {
    const path = join(this.#folder, 'model-time.cjs');
    writeFileSync(path, PRELOADED);
    return { NODE_OPTIONS: `--require=${path}`, MODEL_MOMENTS: JSON.stringify(this.#moments) };
  }
}

/** Tells clock and stamps as {@link ModelTime.ofStamp} does, before anything of the program is loaded. */
const PRELOADED = `
const fs = require('node:fs');
const moments = JSON.parse(process.env.MODEL_MOMENTS);
const ofStamp = (ms) => (ms < ${FIRST_KERNEL_MS} ? ms : moments.findLast(([fromMs]) => fromMs <= ms)[1] * 1000);
Date.now = () => moments.at(-1)[1] * 1000;
for (const name of ['lstatSync', 'statSync', 'fstatSync']) {
  const call = fs[name];
  fs[name] = (...args) => {
    const stats = call(...args);
    if (typeof stats?.mtimeMs !== 'number') return stats;
    for (const key of ['atimeMs', 'mtimeMs', 'ctimeMs']) stats[key] = ofStamp(stats[key]);
    return stats;
  };
}
require('node:module').syncBuiltinESMExports();
`;

function stampOf(path: string): number {
  writeFileSync(path, '');
  return statSync(path).mtimeMs;
}
