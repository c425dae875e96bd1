/**
 * Folders for the data of the bench. They go when the bench ends, however it ends: they may hold gigabytes.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();

/** Makes an empty folder. */
export function makeFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'glance-cache-bench-')));
  folders.add(folder);
  return folder;
}

/** Removes a folder with everything in it. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** Removes what is left of all folders. */
export function removeFolders(): void {
  for (const folder of folders) removeFolder(folder);
}
