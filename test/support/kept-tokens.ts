/**
 * Runs that keep their tokens, on the cache and the cloud of a prefetch.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parseRecord } from '../../src/keystone/token-cache/token-record.ts';
import { idOf } from './cache-fixture.ts';
import type { PrefetchFixture } from './prefetch-fixture.ts';
import type { RunOptions } from './run-program.ts';

/** The image that is looked at. */
export const ONE = idOf('1');

/** The flag. */
export const CACHE = '--os-token-cache';

/** Fetches the image. */
export const FETCH: readonly string[] = ['--image', ONE, CACHE];

/** Asks Glance for the image, and changes nothing. */
export const LOOK: readonly string[] = [...FETCH, '--dry-run', '--format', 'json'];

/** Where tokens are in a home. */
export const FOLDER = '.cache/glance-cache-tools/tokens';

/** A cloud that has it. */
export const CLOUD = { images: [{ id: ONE, name: 'debian', sizeBytes: 1000 }] };

/** The files of tokens in a home, as paths. */
export function filesIn(home: string): readonly string[] {
  const folder = join(home, FOLDER);
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

/** The only file of tokens. */
export function fileOf({ cache }: PrefetchFixture): string {
  const [file, ...others] = filesIn(cache.home);
  expect(others).toEqual([]);
  return file ?? 'none';
}

/** What a file keeps. */
export function tokenIn(file: string): string | undefined {
  return parseRecord(readFileSync(file, 'utf8'))?.issued.token;
}

/** A run that looks at the image, and has to succeed without a word. */
export async function lookSilently(it: PrefetchFixture, options: RunOptions = {}): Promise<void> {
  expect(await it.run(LOOK, options)).toMatchObject({ code: 0, stderr: '' });
}
