/**
 * Memory of a large cache: what V8 does with it by itself is made for programs that run for long.
 */
import { createRequire } from 'node:module';

/** Of so many images or entries on, memory counts; below, not even the loading of `node:v8` is worth it. */
export const MANY_ENTRIES = 10_000;

/**
 * The heap may grow by so much of what is in use before garbage is collected again. By itself V8 lets it double and more,
 * because collecting takes time; here it is a few hundredths of a second for a hundred thousand images.
 */
const GROWTH_PERCENT = 20;

let isLean = false;

/**
 * From now on keeps the heap of this process near to what is in use. New objects get no more room than they had at the
 * start, either: V8 would give them 48 MiB as soon as many of them stay, as all images do. V8 reads both values whenever it
 * collects, so they may be changed at any time; one that it does not know any more changes nothing.
 */
export function keepHeapLean(): void {
  if (isLean) return;
  isLean = true;
  // Not imported above: it takes half a millisecond, which every start would pay for.
  const { setFlagsFromString } = createRequire(import.meta.url)('node:v8') as typeof import('node:v8');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
