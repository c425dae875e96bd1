/**
 * What is measured. A target is printed beside the figure and never fails a run: only a case that breaks does.
 */
import type { Case } from './case.ts';
import { clean } from './clean.ts';
import { growth } from './growth.ts';
import { listCached } from './list-cached.ts';
import { lockHold } from './lock-hold.ts';
import { PREFETCH_CASES } from './prefetch-cases.ts';
import { prune } from './prune.ts';
import { startUp } from './start-up.ts';
import { verify } from './verify.ts';

/** All cases, in the order they are run. */
export const CASES: readonly Case[] = [startUp, listCached, prune, clean, growth, lockHold, verify, ...PREFETCH_CASES];
