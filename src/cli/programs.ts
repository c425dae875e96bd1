/**
 * The programs of the toolkit, in one bundle: what they share is most of each.
 */
import { run as cleaner } from './cleaner.ts';
import { run as manage } from './manage.ts';
import { run as prefetcher } from './prefetcher.ts';
import { run as pruner } from './pruner.ts';

export const PROGRAMS: Readonly<Record<string, () => Promise<void>>> = { manage, pruner, cleaner, prefetcher };
