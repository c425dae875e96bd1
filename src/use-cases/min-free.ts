import type { FileSystemSpace } from '../cache/directory.ts';
import type { SizeOrPercent } from '../settings/types/size-or-percent.ts';

/** What is to stay free on a file system, bytes; 0 where nothing is said. */
export function minFreeBytes(minFree: SizeOrPercent | undefined, { totalBytes }: FileSystemSpace): number {
  if (minFree === undefined) return 0;
  return minFree.kind === 'percent' ? Math.ceil((totalBytes * minFree.percent) / 100) : minFree.bytes;
}
