// Has each program do a short job on a sample cache, and keeps what V8 made of its code beside the bundle.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const IMAGE_IDS = [1, 2, 3].map((n) => `${String(n).repeat(8)}-0000-4000-8000-000000000000`);
const LONG_AGO_SEC = 1_700_000_000;

const base = mkdtempSync(join(tmpdir(), 'glance-cache-tools-build-'));
try {
  const cache = join(base, 'cache');
  const conf = join(base, 'glance-cache.conf');
  mkdirSync(join(cache, 'queue'), { recursive: true });
  for (const imageId of IMAGE_IDS) {
    writeFileSync(join(cache, imageId), 'sample');
    utimesSync(join(cache, imageId), LONG_AGO_SEC, LONG_AGO_SEC);
  }
  writeFileSync(conf, `[DEFAULT]\nimage_cache_dir = ${cache}\nimage_cache_max_size = 15\n`);
  const jobs = [
    // Makes the index; the last job of a program is the one whose code is kept.
    ['manage', 'verify', '--repair'],
    ['manage', 'list-cached'],
    ['cleaner'],
    ['pruner'],
    ['prefetcher'],
  ];
  for (const [program, ...args] of jobs) {
    const keeper = join(import.meta.dirname, 'keep-code.cjs');
    const { status, stderr, error } = spawnSync(process.execPath, [keeper, program, '--config-file', conf, ...args], {
      // No settings of whoever builds.
      env: { HOME: base },
    });
    if (status !== 0) throw error ?? new Error(`${program} ended with ${status}: ${stderr}`);
  }
} finally {
  rmSync(base, { recursive: true });
}
