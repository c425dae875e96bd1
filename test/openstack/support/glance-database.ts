import Database from 'better-sqlite3';
import { inject } from 'vitest';

/** What can be changed of an image in Glance's database. */
export interface ImageFacts {
  readonly size?: number | null;
  readonly checksum?: string | null;
  readonly os_hash_algo?: string | null;
  readonly os_hash_value?: string | null;
  readonly status?: string;
}

/**
 * Changes what Glance knows of an image, behind its back: what old releases, copied databases and damage leave. glance-api
 * looks it up for each request anew.
 *
 * @returns what it was before
 */
export function changeImage(id: string, facts: ImageFacts): ImageFacts {
  const database = new Database(inject('stack').glanceDatabase, { timeout: 10_000, fileMustExist: true });
  try {
    const names = Object.keys(facts);
    const before = database
      .prepare<[string], ImageFacts>(`SELECT ${names.join(', ')} FROM images WHERE id = ?`)
      .get(id);
    const changes = names.map((name) => `${name} = @${name}`).join(', ');
    const { changes: changed } = database.prepare(`UPDATE images SET ${changes} WHERE id = @id`).run({ ...facts, id });
    if (before === undefined || changed !== 1) throw new Error(`Cannot change image ${id}: Glance has none like that`);
    return before;
  } finally {
    database.close();
  }
}
