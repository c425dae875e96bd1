/**
 * A cache beside a cloud, and the prefetcher between them, run as users run it. What must hold after every run, however
 * it ended, is looked at after each.
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { CacheFixture } from './cache-fixture.ts';
import { type Cloud, type CloudOptions, startCloud } from './cloud/cloud.js';
import { contentOf } from './cloud/contents.js';
import { headersOf, isDownload, isLogin, ofImage } from './cloud/scripted.ts';
import { partPath } from './parts.ts';
import { clockSetAhead } from './program-clock.ts';
import { type RunningProgram, type RunOptions, type RunResult, success } from './run-program.ts';

/** The password of the cloud's admin. */
export const PASSWORD = 'open sesame';

/** Bytes. */
export const MIB = 1024 * 1024;

/** What there is of an image on this side. */
export interface ImageState {
  /** Whether it is cached: all of its bytes, with the row that goes with them. */
  readonly isCached: boolean;
  readonly isQueued: boolean;
  /** Length of its part, bytes. */
  readonly partBytes: number | undefined;
  readonly mismatches: number | undefined;
}

/** As it is once it is fetched. */
export const FETCHED: ImageState = { isCached: true, isQueued: false, partBytes: undefined, mismatches: undefined };

/** As it is before anything is fetched. */
export const QUEUED: ImageState = { isCached: false, isQueued: true, partBytes: undefined, mismatches: undefined };

/** As it is when nothing is known of it any more. */
export const DROPPED: ImageState = { ...QUEUED, isQueued: false };

/** What a failure leaves that another run can go on from. */
export function keptPart(partBytes: number): ImageState {
  return { ...QUEUED, partBytes, mismatches: 0 };
}

/** Tells how much memory a program took, KiB, as it ends. */
const PEAK = `
const { writeFileSync } = require('node:fs');
if (require('node:worker_threads').isMainThread) {
  process.on('exit', () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)));
}
`;

/** Cache, cloud and programs. */
export class PrefetchFixture {
  readonly cache: CacheFixture;
  readonly cloud: Cloud;
  /** Who logs in: the admin, unless a test says otherwise. */
  env: Readonly<Record<string, string>>;
  readonly #known = new Set<string>();
  readonly #started: RunningProgram[] = [];
  /** What is nobody's business but Keystone's. */
  readonly #secrets = new Set([PASSWORD]);

  constructor(cache: CacheFixture, cloud: Cloud) {
    this.cache = cache;
    this.cloud = cloud;
    this.env = loginOf(cloud);
  }

  /** Queues images, the first one first. */
  queue(...imageIds: readonly string[]): void {
    for (const [place, imageId] of imageIds.entries()) this.cache.addMarker(imageId, 3600 - place);
  }

  /** Starts the prefetcher. */
  start(args: readonly string[] = [], options: RunOptions = {}): RunningProgram {
    return this.#start('prefetcher', args, options);
  }

  /** Runs the prefetcher to its end. */
  run(args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult> {
    return this.start(args, options).ended;
  }

  /** Runs `glance-cache-manage`. */
  manage(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.#start('manage', args, options).ended;
  }

  /** Runs the prefetcher and looks how much memory it took at most. */
  async measured(args: readonly string[]): Promise<RunResult & { readonly peakBytes: number }> {
    const path = join(this.cache.base, 'peak');
    const run = await this.run(args, { env: { ...this.#preload('peak.cjs', PEAK), PEAK_FILE: path } });
    return { ...run, peakBytes: Number(readFileSync(path, 'utf8')) * 1024 };
  }

  /** What makes a program run that much later. */
  later(aheadSec: number): Pick<RunOptions, 'env'> {
    return { env: clockSetAhead(this.cache.base, aheadSec) };
  }

  #preload(name: string, script: string): Readonly<Record<string, string>> {
    const path = join(this.cache.base, name);
    writeFileSync(path, script);
    return { NODE_OPTIONS: `--require=${path}` };
  }

  /** What is in a file that a run has written, which tells no secret either. */
  read(path: string): string {
    const text = readFileSync(path, 'utf8');
    this.checkText(text);
    return text;
  }

  /** Another text that no run may tell. */
  hide(secret: string): void {
    this.#secrets.add(secret);
  }

  /** What there is of an image. */
  stateOf(imageId: string): ImageState {
    const journal = contentAt(partPath(this.cache.layout, imageId, 'json'));
    const { mismatches } = (journal === undefined ? {} : JSON.parse(journal.toString())) as { mismatches?: number };
    return {
      isCached: this.cache.names('cached').includes(imageId),
      isQueued: this.cache.names('queue').includes(imageId),
      partBytes: statSync(partPath(this.cache.layout, imageId), { throwIfNoEntry: false })?.size,
      mismatches,
    };
  }

  /** From where on the bytes of an image were asked for, in the order of the requests. */
  rangesOf(imageId: string): readonly (string | undefined)[] {
    return headersOf(this.cloud, ofImage(imageId, isDownload)).map(({ range }) => range);
  }

  /** How often somebody logged in. */
  get logins(): number {
    return this.cloud.requests.filter(isLogin).length;
  }

  /** Resolves once a part has this length, or more. */
  async partReaches(imageId: string, sizeBytes: number): Promise<void> {
    const { parts } = this.cache.layout;
    // As the program makes it, so that there is something to watch before it does.
    mkdirSync(parts, { recursive: true, mode: 0o750 });
    const path = partPath(this.cache.layout, imageId);
    await new Promise<void>((resolve, reject) => {
      const watcher = watch(parts);
      const look = (): void => {
        if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < sizeBytes) return;
        watcher.close();
        resolve();
      };
      watcher.on('change', look).on('error', reject);
      look();
    });
  }

  #start(program: 'prefetcher' | 'manage', args: readonly string[], options: RunOptions): RunningProgram {
    for (const imageId of this.cache.names('cached')) this.#known.add(imageId);
    const before = [this.cache.names('incomplete'), this.cache.names('invalid')];
    const running = this.cache.start(program, args, { ...options, env: { ...this.env, ...options.env } });
    this.#started.push(running);
    const ended = running.ended.then((result) => {
      expect([this.cache.names('incomplete'), this.cache.names('invalid')]).toEqual(before);
      this.#checkNewImages();
      this.checkText(result.stdout + result.stderr);
      // Whoever asks for them with --debug gets stacks.
      if (!args.includes('--debug')) expect(result.stderr).not.toMatch(/^ +at .*:\d+/m);
      return result;
    });
    // Whoever waits for it only later hears of it then.
    ended.catch(() => undefined);
    return { ...running, ended };
  }

  /** Ends all of it, also what a test that failed has left running. */
  async close(): Promise<void> {
    for (const { process } of this.#started) process.kill('SIGKILL');
    await Promise.allSettled(this.#started.map(({ ended }) => ended));
    await this.cloud.close();
    this.cache.unlock();
    rmSync(this.cache.base, { recursive: true, force: true });
  }

  /** Whatever lies in the cache under the ID of an image is that image, whole, with its row. */
  #checkNewImages(): void {
    for (const imageId of this.cache.names('cached')) {
      if (this.#known.has(imageId)) continue;
      const { id = 'unknown to Glance', sizeBytes } = { sizeBytes: 0, ...this.cloud.images.get(imageId) };
      const content = contentAt(join(this.cache.root, imageId));
      expect(content?.equals(contentOf(id, sizeBytes)), `whether ${imageId} is whole`).toBe(true);
      expect(this.cache.rows()).toContainEqual(
        expect.objectContaining({ image_id: imageId, size: sizeBytes, hits: 0 }),
      );
    }
  }

  /** A text for people tells no secret. */
  checkText(text: string): void {
    const tokens = this.cloud.requests.flatMap(({ headers }) => headers['x-auth-token'] ?? []).flat();
    for (const secret of [...this.#secrets, ...tokens]) expect(text).not.toContain(secret);
  }
}

/** The environment of somebody who logs in with a password; the admin, unless said otherwise. */
export function loginOf(
  { keystoneUrl }: Pick<Cloud, 'keystoneUrl'>,
  { username = 'glance', password = PASSWORD, project = 'service' } = {},
): Readonly<Record<string, string>> {
  return {
    OS_AUTH_URL: keystoneUrl,
    OS_USERNAME: username,
    OS_PASSWORD: password,
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_NAME: project,
    OS_PROJECT_DOMAIN_NAME: 'Default',
  };
}

/** Sets up clouds, each beside a fresh cache; all are gone at the end of the file, so that tests may run side by side. */
export function usePrefetch(): (options?: CloudOptions) => Promise<PrefetchFixture> {
  const opened: PrefetchFixture[] = [];
  afterAll(async () => {
    for (const fixture of opened) await fixture.close();
  });
  return async (options) => {
    const base = realpathSync(mkdtempSync(join(tmpdir(), 'glance-cache-tools-')));
    const fixture = new PrefetchFixture(new CacheFixture(base), await startCloud(options));
    opened.push(fixture);
    return fixture;
  };
}

/** The items of a report in JSON. */
export function itemsOf({ stdout }: RunResult): readonly unknown[] {
  return (JSON.parse(stdout) as { readonly items: readonly unknown[] }).items;
}

function contentAt(path: string): Buffer | undefined {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : readFileSync(path);
}

/** Sees that a run on a cloud that is well again fetches an image, silently. */
export async function expectRecovery(
  it: PrefetchFixture,
  imageId: string,
  args: readonly string[] = [],
): Promise<void> {
  expect(await it.run(args)).toEqual(success());
  expect(it.stateOf(imageId)).toEqual(FETCHED);
}
