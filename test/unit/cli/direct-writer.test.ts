import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { directWriter } from '../../../src/cli/direct-writer.ts';
import type { DirectWriter } from '../../../src/cli/output.ts';
import { useTempDir } from '../../support/temp-dir.ts';
import { thrownBy } from '../../support/thrown.ts';

const temp = useTempDir();

const opened: number[] = [];
afterEach(() => {
  for (const descriptor of opened.splice(0)) closeSync(descriptor);
});

function open(path: string, flags: string | number): number {
  const descriptor = openSync(path, flags);
  opened.push(descriptor);
  return descriptor;
}

/** A pipe that both ends of are open. */
function openPipe(flags = 0): number {
  const path = join(temp(), 'pipe');
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
  return open(path, constants.O_RDWR | flags);
}

function writerOf(descriptor: number): DirectWriter {
  const writer = directWriter(descriptor);
  if (writer === undefined) throw new Error('It takes a stream');
  return writer;
}

const KIB = 1024;

describe('directWriter()', () => {
  test('writes everything to a file, in the order given', () => {
    const path = join(temp(), 'file');
    const writer = writerOf(open(path, 'w'));
    const long = 'x'.repeat(300 * KIB);
    for (const text of ['first\n', long, 'lästµ\n']) expect(writer.write(text)).toHaveLength(0);
    expect(readFileSync(path, 'utf8')).toBe(`first\n${long}lästµ\n`);
  });

  test('writes to the null device', () => {
    expect(writerOf(open('/dev/null', 'w')).write('x'.repeat(300 * KIB))).toHaveLength(0);
  });

  test('writes a short text to a pipe', () => {
    const pipe = openPipe();
    expect(writerOf(pipe).write('short\n')).toHaveLength(0);
    const read = Buffer.alloc(100);
    expect(read.toString('utf8', 0, readSync(pipe, read))).toBe('short\n');
  });

  test('leaves to the stream what a pipe might not take at once', () => {
    const writer = writerOf(openPipe());
    expect(writer.write('x'.repeat(10 * KIB))).toHaveLength(0);
    expect(writer.write('y'.repeat(10 * KIB))).toHaveLength(10 * KIB);
  });

  test('leaves to the stream the rest of what a full pipe took when it does not wait', () => {
    const pipe = openPipe(constants.O_NONBLOCK);
    while (writerOf(pipe).write('x'.repeat(15 * KIB)).length === 0);
    const rest = writerOf(pipe).write('y'.repeat(10 * KIB));
    expect(rest).toHaveLength(10 * KIB);
    expect(String.fromCharCode(rest[0] ?? 0)).toBe('y');
  });

  test('throws what the system says', () => {
    expect(thrownBy(() => writerOf(open('/dev/null', 'r')).write('x'))).toMatchObject({ code: 'EBADF' });
  });

  test.each([
    ['a terminal or another device', '/dev/ptmx'],
    ['a folder', '/'],
  ])('is not for %s', (_name, path) => {
    expect(directWriter(open(path, 'r'))).toBeUndefined();
  });

  test('is not for a descriptor that is closed', () => {
    const descriptor = openSync('/dev/null', 'r');
    closeSync(descriptor);
    expect(directWriter(descriptor)).toBeUndefined();
  });
});
