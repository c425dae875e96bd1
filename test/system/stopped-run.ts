/**
 * Runs of built programs that get a signal: where their work begins, and whether they took it well.
 */
import type { CacheFixture } from '../support/cache-fixture.ts';
import { outcomeOf } from '../support/cache-outcome.ts';
import { partNames } from '../support/parts.ts';
import { isHalfDone } from '../support/row-keepers.ts';
import type { RunResult } from '../support/run-program.ts';
import { goneToTell, inventoryOf, saidCome, saidGone, type ToldItem } from '../support/told.ts';
import type { Undisturbed } from './disturbed-run.ts';
import type { KillJob, ProgramCall } from './kill-jobs.ts';

/** The folder in which a job changes something first, once it is at work: locks, or what it fetches. */
export function firstPlace({ layout }: CacheFixture, { call: [program] }: KillJob): string {
  return program === 'prefetcher' ? layout.parts : layout.locks;
}

/** A call that tells what it has done. */
export function telling([program, ...args]: ProgramCall): ProgramCall {
  return [program, '--format', 'json', ...args];
}

/** How a run ended that was stopped. */
export interface StoppedRun {
  readonly run: RunResult;
  readonly signal: 'SIGINT' | 'SIGTERM';
}

const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * What is wrong with how a run took a signal; nothing where it took it well. To be asked before anybody opens the index,
 * which would roll back what is half done.
 */
export function complaintsAboutStop(
  cache: CacheFixture,
  { pristine, job, before, after }: Undisturbed & { readonly job: KillJob },
  { run, signal }: StoppedRun,
): readonly string[] {
  const { layout } = cache;
  const complaints: string[] = [];
  if (isHalfDone(layout)) complaints.push('left a transaction half done');
  if (partNames(layout).some((name) => name.endsWith('.json.new') && !partNames(pristine.layout).includes(name))) {
    complaints.push('left a journal half written');
  }
  const { code, stdout, stderr } = run;
  // Before a program listens to signals, and once it has done everything, it dies of them as any other.
  if (code === signal) {
    const outcome = JSON.stringify(outcomeOf(layout));
    if (![before, after].some((state) => JSON.stringify(state) === outcome)) complaints.push(`died of it half way`);
    return complaints;
  }
  if (code !== 0 && code !== CODES[signal]) complaints.push(`ended with ${code}: ${stderr}`);
  if (code !== 0 && !stderr.includes(`{"error":{"code":"${signal}","message":"Stopped by ${signal}`)) {
    complaints.push(`said ${stderr}`);
  }
  const items = stdout === '' ? [] : toldItems(stdout);
  const there = inventoryOf(layout);
  const gone = goneToTell(inventoryOf(pristine.layout), there, kindOf(job)).join();
  const said = saidGone(items).join();
  if (gone !== said) complaints.push(`told of ${said}, and yet ${gone} have gone`);
  const missing = saidCome(items).filter((entry) => !there.has(entry));
  if (missing.length > 0) complaints.push(`told of ${missing.join()}, which is not there`);
  return complaints;
}

function kindOf({ call: [program] }: KillJob): 'clean' | 'fetch' | 'change' {
  if (program === 'cleaner') return 'clean';
  return program === 'prefetcher' ? 'fetch' : 'change';
}

function toldItems(stdout: string): readonly ToldItem[] {
  const { items } = JSON.parse(stdout) as {
    readonly items: readonly (Omit<ToldItem, 'imageId' | 'sizeBytes'> & {
      readonly image_id: string;
      readonly size: number | null;
    })[];
  };
  return items.map(({ image_id, size, ...item }) => ({ ...item, imageId: image_id, sizeBytes: size }));
}
