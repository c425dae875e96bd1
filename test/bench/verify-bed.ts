/**
 * What `verify` reads: a cache of large images, and a Glance on loopback that knows their hashes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, createWriteStream, mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import Database from 'better-sqlite3';
import { GLANCE_SCHEMA } from '../support/glance-schema.ts';
import { ENVIRONMENT } from './measure.ts';

const IMAGES = 16;

/** A cache to verify. */
export interface VerifyBed {
  readonly dir: string;
  readonly conf: string;
  /** A file of the names of all images, a line each. */
  readonly list: string;
  readonly images: number;
  close(): Promise<void>;
}

/**
 * Fills a folder with images.
 *
 * @param totalBytes of all of them together
 */
export async function makeVerifyBed(base: string, totalBytes: number): Promise<VerifyBed> {
  const sizeBytes = Math.floor(totalBytes / IMAGES);
  const script = join(process.cwd(), 'test/bench/image-server.js');
  const server = spawn(process.execPath, [script, String(sizeBytes)], {
    env: ENVIRONMENT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(server, 'exit');
  const close = async (): Promise<void> => {
    server.stdin.end();
    await ended;
  };
  try {
    const [port] = (await once(createInterface(server.stdout), 'line')) as [string];
    const bed = fill(base, `http://127.0.0.1:${port}`);
    await putImages(bed, sizeBytes);
    return { ...bed, images: IMAGES, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** How much can be read of so much, so that all of it stays in memory and has room on the disk. */
export function roomFor(base: string, wantedBytes: number): number {
  const [, kib] = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
  const { bavail, bsize } = statfsSync(base);
  return Math.min(wantedBytes, (Number(kib) * 1024) / 2, (bavail * bsize) / 2);
}

interface Filled {
  readonly url: string;
  readonly dir: string;
  readonly conf: string;
  readonly list: string;
}

function fill(base: string, url: string): Filled {
  const at = (name: string): string => join(base, name);
  const dir = at('cache');
  for (const folder of ['', 'incomplete', 'invalid', 'queue']) mkdirSync(join(dir, folder));
  writeFileSync(
    at('verify.conf'),
    `[DEFAULT]\nimage_cache_dir = ${dir}\n[cache_tools]\nauth_type = none\nendpoint = ${url}\nretries = 0\n`,
  );
  return { url, dir, conf: at('verify.conf'), list: at('names') };
}

async function putImages({ url, dir, list }: Filled, sizeBytes: number): Promise<void> {
  const names = Array.from({ length: IMAGES }, (_, i) => `${String(i).padStart(8, '0')}-0000-4000-8000-000000000000`);
  const [first = '', ...others] = names;
  const [response] = (await once(get(`${url}/v2/images/${first}/file`), 'response')) as [IncomingMessage];
  await pipeline(response, createWriteStream(join(dir, first)));
  for (const name of others) copyFileSync(join(dir, first), join(dir, name));
  writeFileSync(list, `${names.join('\n')}\n`);
  const nowSec = Math.floor(Date.now() / 1000);
  const index = new Database(join(dir, 'cache.db'));
  index.exec(GLANCE_SCHEMA);
  const insert = index.prepare('INSERT INTO cached_images VALUES (?, ?, ?, ?, 0, NULL)');
  for (const name of names) insert.run(name, nowSec, nowSec, sizeBytes);
  index.close();
}
