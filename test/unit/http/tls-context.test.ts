import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemAuthorities } from '../../../src/http/tls-context.ts';
import { useTempDir } from '../../support/temp-dir.ts';

describe('systemAuthorities', () => {
  const tempDir = useTempDir();

  it('reads the first of the files that there is', () => {
    const files = ['debian', 'suse', 'alpine'].map((name) => join(tempDir(), name));
    expect(systemAuthorities(files)).toBeUndefined();
    for (const file of files.slice(1)) writeFileSync(file, file);
    expect(systemAuthorities(files)).toBe(files[1]);
  });
});
