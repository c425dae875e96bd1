/**
 * Does a job step by step: announces each change before it makes it, and waits for a line to go on. Arguments: the job
 * and the cache directory.
 */
import { readSync, writeSync } from 'node:fs';
import { cacheLayout } from '../../../src/cache/layout.ts';
import { doJob, JOBS } from '../jobs.ts';

const [name, root = ''] = process.argv.slice(2);
const job = JOBS.find((candidate) => candidate === name);
if (job === undefined) throw new Error(`No such job: ${name}`);

const byte = Buffer.alloc(1);

function announce(step: string, imageId: string): void {
  if (/^(look|list)/.test(step)) return;
  writeSync(1, `${step} ${imageId}\n`);
  do {
    if (readSync(0, byte) === 0) throw new Error('Nobody says how to go on');
  } while (byte.toString() !== '\n');
}

doJob(job, cacheLayout(root, 'cache.db'), announce).then(
  () => writeSync(1, 'end\n'),
  (error: unknown) => writeSync(1, `failed: ${error instanceof Error ? error.stack : String(error)}\n`),
);
