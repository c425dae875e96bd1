import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** For tests that must not wait for a disk, or for others who write to it. */
export const IN_MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/**
 * A fresh folder for every test of a file; gone after it, whatever became of the test.
 *
 * @param parent where it lies
 */
export function useTempDir(parent = tmpdir()): () => string {
  let folder: string | undefined;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(parent, 'glance-cache-tools-')));
  });
  afterEach(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    folder = undefined;
  });
  return () => {
    if (folder === undefined) throw new Error('There is a temporary folder only while a test runs');
    return folder;
  };
}
