/**
 * A node of a fleet: a cache directory, and a configuration that names the shared database.
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CacheFixture } from '../../support/cache-fixture.ts';
import { clockSetAhead } from '../../support/program-clock.ts';
import type { ProgramName, RunningProgram, RunOptions, RunResult } from '../../support/run-program.ts';
import type { CentralRow, GlanceDatabase } from './glance-database.ts';

/** How far the clock of the programs is ahead, so that files which were made just now have settled. */
const AHEAD_SEC = 3600;

/** When the image with this place in a list was used: text in UTC. */
export function usedAt(minute: number): string {
  return new Date(Date.UTC(2023, 10, 14, 22, minute)).toISOString().slice(0, 19).replace('T', ' ');
}

/** One node. */
export class CentralNode {
  /** Its `worker_self_reference_url`. */
  readonly url: string;
  readonly cache: CacheFixture;
  readonly database: GlanceDatabase;

  constructor(folder: string, { url, database }: { readonly url: string; readonly database: GlanceDatabase }) {
    const base = join(folder, encodeURIComponent(url));
    chmodSync(folder, 0o755);
    mkdirSync(base, { recursive: true });
    this.url = url;
    this.database = database;
    this.cache = new CacheFixture(base);
    rmSync(this.cache.layout.index);
    this.configure();
  }

  /** Writes the configuration. */
  configure({
    connection = this.database.url(),
    url = this.url,
    lines = [],
  }: {
    readonly connection?: string;
    readonly url?: string;
    /** More in `[DEFAULT]`. */
    readonly lines?: readonly string[];
  } = {}): void {
    const driver = ['image_cache_driver = centralized_db', `worker_self_reference_url = ${url}`];
    this.cache.configure(...driver, ...lines, '[database]', `connection = ${connection}`);
  }

  /** Images with content and rows; those of the list that come later were used later, a minute each. */
  async addImages(imageIds: readonly string[], { size = 1000, hits = 0 }: Partial<CentralRow> = {}): Promise<void> {
    for (const id of imageIds) this.cache.addFile('cached', id, { size });
    const rows = imageIds.map((id, minute) => ({ id, accessed: usedAt(minute), size, hits }));
    await this.database.addRows(this.url, rows);
  }

  rows(): ReturnType<GlanceDatabase['rows']> {
    return this.database.rows(this.url);
  }

  /** Where files and rows of this node do not agree; nothing where all is well. */
  async disagreement(): Promise<readonly string[]> {
    const [files, rows] = [this.cache.names('cached'), await this.database.rowIds(this.url)];
    return [
      ...files.filter((name) => !rows.includes(name)).map((name) => `no row for file ${name}`),
      ...rows.filter((id) => !files.some((name) => name === id)).map((id) => `no file for row ${String(id)}`),
    ];
  }

  /** Starts a program on this node, an hour later than it is. */
  start(program: ProgramName, args: readonly string[], { env = {}, ...options }: RunOptions = {}): RunningProgram {
    const ahead = clockSetAhead(this.cache.base, AHEAD_SEC);
    return this.cache.start(program, args, { env: { ...ahead, ...env }, ...options });
  }

  /** Runs a program on this node to its end. */
  run(program: ProgramName, args: readonly string[], options?: RunOptions): Promise<RunResult> {
    return this.start(program, args, options).ended;
  }
}
