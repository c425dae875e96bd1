import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from './manual.ts';

const dir = mkdtempSync(join(tmpdir(), 'quickstart-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('npm run quickstart finds everything as it should be and leaves nothing behind', () => {
  const script = join(ROOT, 'test', 'quickstart', 'quickstart.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    env: { ...process.env, TMPDIR: dir },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout).toContain('All is as it should be.');
  expect(stdout).not.toContain('\u001b');
  expect(status).toBe(0);
  expect(readdirSync(dir)).toEqual([]);
});
