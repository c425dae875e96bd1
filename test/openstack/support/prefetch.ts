import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, inject } from 'vitest';
import type { GlanceClient } from './api.ts';
import { readCache, readEntry, readRow } from './cache.ts';
import { sha256Of } from './digest.ts';
import type { TestImage } from './images.ts';
import { runOurs, startOurs } from './on-node.ts';
import { openrc } from './openrc.ts';
import type { ProgramOptions } from './programs.ts';
import type { RunningProgram, RunResult } from './run.ts';
import type { GlanceNode } from './stack-info.ts';

/** An image in the prefetcher's JSON report. */
export interface FetchItem {
  readonly image_id: string;
  readonly action: string;
  readonly result: string;
  readonly reason: string | null;
  readonly area: string | null;
  readonly name: string | null;
  readonly source: string | null;
  readonly size: number | null;
  readonly fetched: number | null;
  readonly resumed: number | null;
  readonly elapsed: number | null;
  readonly error: string | null;
  /** Of that error, for people. */
  readonly message: string | null;
}

/** The prefetcher's JSON report. */
export interface FetchReport {
  readonly program: string;
  readonly dry_run: boolean;
  readonly cache_dir: string;
  readonly fetched_images: number;
  readonly fetched_bytes: number;
  readonly elapsed: number;
  readonly items: readonly FetchItem[];
}

/** A finished run of the prefetcher, and what it reported. */
export interface FetchResult extends Omit<RunResult, 'stdout'> {
  readonly report: FetchReport;
}

/** The store of a machine that is not the one the images lie on: they have to come over HTTP. */
export const NO_STORE = { OS_GLANCE_STORE__FILESYSTEM_STORE_DATADIR: '/nonexistent' } as const;

/** Which cache, by its configuration. */
type Node = Pick<GlanceNode, 'cacheConf'>;

/** Runs the prefetcher with admin's openrc, unless the environment given says otherwise; as Glance's user. */
export async function prefetch(
  node: Node,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Promise<RunResult> {
  return runOurs(node, 'glance-cache-prefetcher', args, withOpenrc(options));
}

/** Starts the prefetcher in the same way, without waiting. */
export function startPrefetch(node: Node, args: readonly string[] = [], options: ProgramOptions = {}): RunningProgram {
  return startOurs(node, 'glance-cache-prefetcher', args, withOpenrc(options));
}

/** Runs the prefetcher in the same way and reads its report. */
export async function prefetchReport(
  node: Node,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Promise<FetchResult> {
  return readReport(await prefetch(node, [...args, '--format', 'json'], options));
}

/** Reads the report of a run that was told `--format json`. */
export function readReport({ stdout, ...result }: RunResult): FetchResult {
  if (stdout === '') throw new Error(`The prefetcher has reported nothing:\n${JSON.stringify(result)}`);
  return { ...result, report: JSON.parse(stdout) as FetchReport };
}

/** The error that a run with `--format json` ended with. */
export interface ReportedError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly exit_code: number;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Reads the error that a run with `--format json` ended with: the last line on stderr. */
export function errorOf({ stderr }: Pick<RunResult, 'stderr'>): ReportedError {
  return (JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { error: ReportedError }).error;
}

/** Queues images through the API so that their order is told: places are times, to which the kernel gives some grain. */
export async function queueInOrder(client: GlanceClient, images: readonly TestImage[]): Promise<void> {
  for (const { id } of images) {
    await client.queueImage(id);
    await delay(20);
  }
}

/** Demands that an image is in the cache as if glance-api had put it there, and that nothing else is left of its fetch. */
export function expectCached(node: GlanceNode, image: TestImage): void {
  const { uid, gid } = inject('stack').user;
  const { path, ...entry } = readEntry(node.cacheDir, image.id);
  expect(entry).toMatchObject({ kind: 'file', sizeBytes: image.sizeBytes, mode: '0640', uid, gid });
  expect(sha256Of(readFileSync(path)), `content of ${image.id}`).toBe(image.sha256);
  const row = readRow(node.cacheDir, image.id);
  expect(row).toMatchObject({ size: image.sizeBytes, hits: 0, checksum: null });
  // Times are when it came into the cache.
  expect(row?.last_accessed).toBe(row?.last_modified);
  expect(Math.abs((row?.last_modified ?? 0) - statSync(path).ctimeMs / 1000)).toBeLessThan(30);
  expect(partsOf(node)).not.toContain(`${image.id}.part`);
  expect(partsOf(node)).not.toContain(`${image.id}.json`);
}

/** Demands that a cache holds these images and nothing besides. */
export function expectOnlyCached(node: GlanceNode, images: readonly TestImage[], queued: readonly string[] = []): void {
  const { rows, ...cache } = readCache(node.cacheDir);
  const ids = images.map(({ id }) => id).sort();
  expect({
    images: cache.images.map(({ name }) => name),
    rows: rows.map(({ image_id }) => image_id),
    queue: cache.queue.map(({ name }) => name),
    incomplete: cache.incomplete.map(({ name }) => name),
    invalid: cache.invalid.map(({ name }) => name),
  }).toEqual({ images: ids, rows: ids, queue: [...queued].sort(), incomplete: [], invalid: [] });
}

/** All that a run which changes nothing must leave as it is: names, sizes, owners, modes and change times. */
export function cacheFacts({ cacheDir }: Pick<GlanceNode, 'cacheDir'>): unknown {
  return ['.', ...readdirSync(cacheDir, { recursive: true, encoding: 'utf8' }).sort()].map((name) => {
    const { mode, uid, gid, size, ino, mtimeMs, ctimeMs } = statSync(join(cacheDir, name));
    return { name, mode, uid, gid, size, ino, mtimeMs, ctimeMs };
  });
}

/** What prefetches that were cut short have left: parts and journals. */
export function partsOf({ cacheDir }: Pick<GlanceNode, 'cacheDir'>): readonly string[] {
  const folder = join(cacheDir, '.glance-cache-tools', 'prefetch');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** Where the part of an image grows. */
export function partPath({ cacheDir }: Pick<GlanceNode, 'cacheDir'>, id: string): string {
  return join(cacheDir, '.glance-cache-tools', 'prefetch', `${id}.part`);
}

/** How long the part of an image is; 0 where there is none. */
export function partBytes(node: Pick<GlanceNode, 'cacheDir'>, id: string): number {
  return statSync(partPath(node, id), { throwIfNoEntry: false })?.size ?? 0;
}

/** Waits until so much of an image is in its part; throws when the program ends before. */
export async function untilPart(
  node: Pick<GlanceNode, 'cacheDir'>,
  id: string,
  { bytes, of: { child } }: { readonly bytes: number; readonly of: RunningProgram },
): Promise<void> {
  await expect
    .poll(() => child.exitCode !== null || child.signalCode !== null || partBytes(node, id) >= bytes, {
      timeout: 20_000,
      interval: 5,
    })
    .toBe(true);
  expect({ exitCode: child.exitCode, signal: child.signalCode }).toEqual({ exitCode: null, signal: null });
}

function withOpenrc(options: ProgramOptions): ProgramOptions {
  return { ...options, env: { ...openrc(inject('stack')), ...options.env } };
}
