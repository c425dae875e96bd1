import { linkSync, lstatSync, readFileSync, renameSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FileFacts, fileFacts, isSameFile } from '../../../src/cache/file-facts.ts';
import { useTempDir } from '../../support/temp-dir.ts';

const folder = useTempDir();
const pathOf = (name: string): string => join(folder(), name);
const look = (name: string): FileFacts => fileFacts(lstatSync(pathOf(name)));

describe('fileFacts()', () => {
  test('tells size, times with fraction, and what removing the file frees', () => {
    writeFileSync(pathOf('file'), 'x'.repeat(5000));
    utimesSync(pathOf('file'), 1000.25, 2000.5);
    const { sizeBytes, accessedSec, modifiedSec, reclaimableBytes } = look('file');
    expect([sizeBytes, accessedSec, modifiedSec]).toEqual([5000, 1000.25, 2000.5]);
    expect(reclaimableBytes).toBeGreaterThanOrEqual(5000);
  });

  test('counts nothing as freed when the file has another name too', () => {
    writeFileSync(pathOf('file'), 'x'.repeat(5000));
    linkSync(pathOf('file'), pathOf('other'));
    expect(look('file').reclaimableBytes).toBe(0);
  });

  test('counts only what is on disk when the file is sparse', () => {
    writeFileSync(pathOf('file'), '');
    truncateSync(pathOf('file'), 1e9);
    expect(look('file').sizeBytes).toBe(1e9);
    expect(look('file').reclaimableBytes).toBeLessThan(1e6);
  });
});

describe('isSameFile()', () => {
  test('holds when the file was read in between', () => {
    writeFileSync(pathOf('file'), 'x');
    const before = look('file');
    readFileSync(pathOf('file'));
    expect(isSameFile(before, { ...look('file'), accessedSec: 1 })).toBe(true);
  });

  test.each<[string, () => void]>([
    ['was written to', () => writeFileSync(pathOf('file'), 'xy')],
    ['got another time', () => utimesSync(pathOf('file'), 1, 1)],
    [
      'was replaced by one of the same size and time',
      () => {
        const { accessedSec, modifiedSec } = look('file');
        writeFileSync(pathOf('new'), 'z');
        utimesSync(pathOf('new'), accessedSec, modifiedSec);
        renameSync(pathOf('new'), pathOf('file'));
      },
    ],
  ])('does not hold when the file %s', (_what, change) => {
    writeFileSync(pathOf('file'), 'x');
    utimesSync(pathOf('file'), 1000, 1000);
    const before = look('file');
    change();
    expect(isSameFile(before, look('file'))).toBe(false);
  });
});
