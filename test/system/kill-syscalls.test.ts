import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { signalling } from '../support/strace.ts';
import { IN_MEMORY, useTempDir } from '../support/temp-dir.ts';
import { JOBS } from './kill-jobs.ts';
import { testKills } from './kill-syscalls.ts';

testKills(JOBS);

const folder = useTempDir(IN_MEMORY);

test('a kill comes before the call that it is sent with', () => {
  const path = join(folder(), 'file');
  writeFileSync(path, '');
  const remove = ['node', '-e', `fs.unlinkSync('${path}')`];
  const [command = '', ...args] = signalling({ name: 'unlink', path, which: 1 }, 'SIGKILL');
  expect([spawnSync(command, [...args, ...remove]).signal, existsSync(path)]).toEqual(['SIGKILL', true]);
});
