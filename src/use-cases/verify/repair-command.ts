import type { FindingKind } from '../../plan/verify.ts';

/** What nobody finds without reading images, and so nobody mends without. */
const FOUND_BY_READING: ReadonlySet<string> = new Set<FindingKind>([
  'wrong-hash',
  'wrong-length',
  'unreadable',
  'deleted',
]);

/** The command that mends findings: those in the bytes of images need to be found once more. */
export function repairCommand(kinds: readonly string[]): string {
  const reads = kinds.some((kind) => FOUND_BY_READING.has(kind));
  return `glance-cache-manage verify --repair${reads ? ' --read-data' : ''}`;
}
