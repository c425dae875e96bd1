/**
 * Files to be hashed, and the hashers that do it, for the tests of a file; all closed after each test.
 */
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { fileFacts } from '../../src/cache/file-facts.ts';
import { type FileHasherOptions, FileHashers, type FileHashRequest } from '../../src/execute/verify/file-hashers.ts';
import { NO_SIGNAL } from './transports.ts';

/** Makes hashers. */
export function useFileHashers(): (options: Required<FileHasherOptions>) => FileHashers {
  const made: FileHashers[] = [];
  afterEach(async () => {
    for (const hashers of made.splice(0)) await hashers.close();
  });
  return (options) => {
    const hashers = new FileHashers(options);
    made.push(hashers);
    return hashers;
  };
}

/** Asks for the SHA-256 of a file as it is now. */
export function requestFor(path: string, more: Partial<FileHashRequest> = {}): FileHashRequest {
  const facts = fileFacts(lstatSync(path));
  return { path, facts, algorithm: 'sha256', onBytes: () => undefined, signal: NO_SIGNAL, ...more };
}

/** The files below a folder that this process has open. */
export function openBelow(folder: string): readonly string[] {
  const paths = readdirSync('/proc/self/fd').map((descriptor) => {
    try {
      return readlinkSync(join('/proc/self/fd', descriptor));
    } catch {
      // The one that the folder of descriptors was listed with.
      return '';
    }
  });
  return paths.filter((path) => path.startsWith(`${folder}/`));
}
