/**
 * Does a job step by step: announces each change before it makes it, and waits for a line to go on. Arguments: the job
 * and the cache directory.
 */
import { readSync, writeSync } from 'node:fs';
import { cacheLayout } from '../../../src/cache/layout.ts';
import { doJob, isJob } from '../jobs.ts';

const [job = '', root = ''] = process.argv.slice(2);
if (!isJob(job)) throw new Error(`No such job: ${job}`);

const byte = Buffer.alloc(1);

function announce(step: string, imageId: string): void {
  if (/^(look|list)/.test(step)) return;
  writeSync(1, `${step} ${imageId}\n`);
  do {
    if (readSync(0, byte) === 0) throw new Error('Nobody says how to go on');
  } while (byte.toString() !== '\n');
}

function tell(error: unknown): void {
  writeSync(1, `failed: ${error instanceof Error ? error.stack : JSON.stringify(error)}\n`);
}

doJob(job, cacheLayout(root, 'cache.db'), { hook: announce }).then(({ errors: [error] }) => {
  if (error === undefined) writeSync(1, 'end\n');
  else tell(error);
}, tell);
