/**
 * Memory of a large cache: what V8 does with it by itself is made for programs that run for long.
 */
import { getBuiltinModule } from 'node:process';

/** Of so many images on, room for new objects counts; below, not even the loading of `node:v8` is worth it. */
const MANY = 5000;

/** Of so many images on, garbage counts. */
const VERY_MANY = 25_000;

/**
 * By how much of what is in use the heap may then grow before garbage is collected again. By itself V8 lets it double and
 * more, because collecting takes time: here a tenth of a second for a hundred thousand images.
 */
const GROWTH_PERCENT = 20;

/**
 * Keeps the heap of this process near to what is in use while a long list is read, and from then on. First, new objects get
 * no more room than they have: V8 would give them 48 MiB as soon as many of them stay, as all images do. Then garbage
 * is collected sooner. V8 looks at both values whenever it collects, so they may be set at any time.
 *
 * @param entries how many have been read; to be called for each
 */
export function keepHeapLean(entries: number): void {
  if (entries === MANY) setFlag('--semi-space-growth-factor=1');
  if (entries === VERY_MANY) setFlag(`--heap-growing-percent=${GROWTH_PERCENT}`);
}

/** The same from now on, for a run that gets its lists as one text each, before it can count what is in them. */
export function keepHeapLeanFromNowOn(): void {
  keepHeapLean(MANY);
  keepHeapLean(VERY_MANY);
}

/** `node:v8` is not imported above: it takes half a millisecond, which every start would pay for. */
function setFlag(flag: string): void {
  getBuiltinModule('node:v8').setFlagsFromString(flag);
}
