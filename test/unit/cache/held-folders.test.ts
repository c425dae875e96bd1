import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HeldFolders } from '../../../src/cache/held-folders.ts';
import { useTempDir } from '../../support/temp-dir.ts';

const tempDir = useTempDir();

describe('HeldFolders.close()', () => {
  test('lets go of what is held, and a way that is asked for afterwards is held again', () => {
    const folder = join(tempDir(), 'invalid');
    mkdirSync(folder);
    chmodSync(tempDir(), 0o777);
    const before = readdirSync('/proc/self/fd').length;
    const folders = new HeldFolders(tempDir());
    for (let round = 0; round < 3; round += 1) {
      expect(folders.wayTo(folder)).toMatch(/^\/proc\/self\/fd\/\d+$/);
      expect(readdirSync('/proc/self/fd')).toHaveLength(before + 1);
      folders.close();
      expect(readdirSync('/proc/self/fd')).toHaveLength(before);
    }
  });
});
