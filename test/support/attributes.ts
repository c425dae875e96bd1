/**
 * User attributes for tests, and a folder for those that need a file system which keeps them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getAttributeSync, setAttributeSync } from 'fs-xattr';
import { mountOf } from '../../src/cache/index/xattr/mount-options.ts';
import { ROOT } from './run-program.ts';
import { IN_MEMORY } from './temp-dir.ts';

/** Sets an attribute such as `user.hits`. */
export function setAttribute(path: string, name: string, value: string | Buffer): void {
  setAttributeSync(path, name, value);
}

/** An attribute of a file; undefined where it has none. */
export function attributeOf(path: string, name: string): string | undefined {
  try {
    return getAttributeSync(path, name).toString('utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENODATA') return undefined;
    throw error;
  }
}

/** Why a folder is no place for the `xattr` driver; undefined where it is one. */
function unfitness(parent: string): string | undefined {
  if (mountOf(parent)?.options.includes('noatime') === true) return 'is mounted with noatime';
  const folder = mkdtempSync(join(parent, 'glance-cache-tools-'));
  try {
    const probe = join(folder, 'probe');
    writeFileSync(probe, '');
    setAttribute(probe, 'user.hits', '0');
    return undefined;
  } catch {
    return 'keeps no user attributes';
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Where temporary folders may lie whose files keep attributes, or why nowhere on this machine. */
export const ATTRIBUTES: { readonly parent: string; readonly missing: string | undefined } = (() => {
  const parents = [IN_MEMORY, tmpdir(), ROOT];
  const reasons: string[] = [];
  for (const parent of parents) {
    const reason = unfitness(parent);
    if (reason === undefined) return { parent, missing: undefined };
    reasons.push(`${parent} ${reason}`);
  }
  return { parent: tmpdir(), missing: reasons.join(', ') };
})();

/** What is added to the title of tests that are left out for want of such a folder. */
export const WITHOUT_ATTRIBUTES = ATTRIBUTES.missing === undefined ? '' : ` (left out: ${ATTRIBUTES.missing})`;
