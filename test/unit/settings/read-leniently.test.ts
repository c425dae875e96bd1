import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LenientReader, parseLeniently } from '../../../src/settings/read-leniently.ts';
import { useTempDir } from '../../support/temp-dir.ts';

const dir = useTempDir();

/** What is understood of a file, and where it is at fault. */
function parse(content: string | Buffer): { readonly values: readonly string[]; readonly faults: readonly unknown[] } {
  const { parsed, problems } = parseLeniently('/a.conf', Buffer.from(content));
  return {
    values: (parsed?.assignments ?? []).map(({ section, key, value }) => `${section}.${key}=${value}`),
    faults: problems.map(({ details }) => details?.['line']),
  };
}

describe('parseLeniently()', () => {
  test('has all that can be understood, and every line at fault', () => {
    expect(parse('[a]\nb = 1\nnonsense\nc = 2\n= 3\n[d]\ne = 4\n')).toEqual({
      values: ['a.b=1', 'a.c=2', 'd.e=4'],
      faults: [3, 5],
    });
  });

  test('keeps a heading with a comment behind it, and one behind a byte order mark', () => {
    expect(parse('[a] # note\nb = 1\n')).toEqual({ values: ['a.b=1'], faults: [1] });
    expect(parse('\ufeff[a]\nb = 1\n')).toEqual({ values: ['a.b=1'], faults: [1] });
  });

  test('passes over a line that is no UTF-8', () => {
    expect(parse(Buffer.from('[a]\r\n# \xe9\r\nb = 1\r\n', 'latin1'))).toEqual({ values: ['a.b=1'], faults: [2] });
  });

  test('gives up a file that is no configuration file', () => {
    const { values, faults } = parse('x\n'.repeat(1000));
    expect(values).toEqual([]);
    expect(faults.length).toBeLessThan(20);
  });
});

describe('LenientReader', () => {
  test('reads each file once, and goes on behind what cannot be read', () => {
    const [good, missing, folder] = ['good.conf', 'missing.conf', 'folder'].map((name) => join(dir(), name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(good, '[a]\nb = 1\n');
    mkdirSync(folder);
    const reader = new LenientReader();
    const sources = [missing, folder, good].map((path) => ({ kind: 'file', path }) as const);
    const nowhere = { kind: 'dir', path: join(dir(), 'nowhere') } as const;
    expect(reader.filesOf([...sources, nowhere]).map(({ assignments }) => assignments.length)).toEqual([0, 0, 1]);
    reader.filesOf([...sources, nowhere]);
    expect(reader.problems.map(({ code }) => code)).toEqual([
      'CONFIG_DIR_NOT_FOUND',
      'CONFIG_FILE_NOT_FOUND',
      'CONFIG_FILE_UNREADABLE',
    ]);
    expect(reader.files.map(({ path }) => path)).toEqual([missing, folder, good]);
  });
});
