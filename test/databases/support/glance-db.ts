/**
 * What glance-api does to the shared database, by the libraries that it does it with: see `glance_db.py`.
 */
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { Child } from '../../support/child.ts';

/** A row as SQLAlchemy reads it. */
export interface GlanceRow {
  readonly image_id: string;
  /** As Python's isoformat has it, in UTC without saying so. */
  readonly last_accessed: string;
  readonly last_modified: string;
  readonly size: number;
  readonly hits: number;
  readonly checksum: string | null;
}

/** One process with connections of its own. Its requests come one after the other. */
export class GlanceDb {
  readonly #child: Child;
  #last: Promise<unknown> = Promise.resolve();

  constructor(connection: string) {
    this.#child = new Child('/usr/bin/python3', [join(import.meta.dirname, 'glance_db.py'), connection]);
  }

  /** Makes the tables as SQLAlchemy writes them. */
  makeTables(): Promise<void> {
    return this.#ask('make_tables');
  }

  /** The SQL mode of Glance's sessions on MariaDB. */
  sqlMode(): Promise<string> {
    return this.#ask('sql_mode');
  }

  /** Makes a node known, as its glance-api does when it starts. */
  start(nodeUrl: string): Promise<void> {
    return this.#ask('start', nodeUrl);
  }

  /** Enters an image; used and changed now where no ISO time is given. */
  insert(nodeUrl: string, imageId: string, sizeBytes: number, times: readonly string[] = []): Promise<boolean> {
    return this.#ask('insert', nodeUrl, imageId, sizeBytes, ...times);
  }

  /** Counts downloads. */
  hit(nodeUrl: string, imageId: string, times = 1): Promise<void> {
    return this.#ask('hit', nodeUrl, imageId, times);
  }

  remove(nodeUrl: string, imageId: string): Promise<void> {
    return this.#ask('remove', nodeUrl, imageId);
  }

  /** The images of a node, by ID. */
  rows(nodeUrl: string): Promise<readonly GlanceRow[]> {
    return this.#ask('rows', nodeUrl);
  }

  /** The nodes that hold an image. */
  nodesOf(imageId: string): Promise<readonly string[]> {
    return this.#ask('nodes_of', imageId);
  }

  /** What the stock pruner would remove next. */
  leastRecentlyUsed(nodeUrl: string): Promise<string | null> {
    return this.#ask('least_recently_used', nodeUrl);
  }

  async end(): Promise<void> {
    await this.#child.finish();
  }

  #ask<T>(...request: readonly unknown[]): Promise<T> {
    const answer = this.#last.then(() => this.#exchange(request));
    this.#last = answer.catch(() => undefined);
    return answer as Promise<T>;
  }

  async #exchange(request: readonly unknown[]): Promise<unknown> {
    this.#child.say(JSON.stringify(request));
    const line = await this.#child.line();
    if (line === undefined) throw new Error(`Cannot hear from Glance's libraries: ${this.#child.complaint}`);
    const answer = JSON.parse(line) as { readonly ok?: unknown; readonly error?: string };
    if (answer.error !== undefined) throw new Error(`Cannot do ${JSON.stringify(request)}: ${answer.error}`);
    return answer.ok;
  }
}

/** Starts such processes; they end with the test. */
export function useGlanceDb(): (connection: string) => GlanceDb {
  const running = new Set<GlanceDb>();
  afterEach(async () => {
    await Promise.all([...running].map((each) => each.end()));
    running.clear();
  });
  return (connection) => {
    const glance = new GlanceDb(connection);
    running.add(glance);
    return glance;
  };
}
