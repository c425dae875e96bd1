import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type FileFacts, fileFacts } from '../../../src/cache/file-facts.ts';
import { lookForOpenFiles } from '../../../src/cache/open-files.ts';
import { useChildren } from '../../support/child.ts';
import { useTempDir } from '../../support/temp-dir.ts';

const folder = useTempDir();
const startHolder = useChildren('support/programs/holder.ts');
let proc: string;
let file: string;
let facts: FileFacts;

beforeEach(() => {
  proc = join(folder(), 'proc');
  file = join(folder(), 'file');
  writeFileSync(file, 'x');
  facts = fileFacts(statSync(file));
  mkdirSync(join(proc, 'self', 'ns'), { recursive: true });
  symlinkSync('pid:[4026531836]', join(proc, 'self', 'ns', 'pid'));
});

/** A process in the fake /proc. */
function addProcess(
  pid: number,
  descriptors: Readonly<Record<number, { to: string; info?: string }>>,
  command = 'glance-api',
): void {
  for (const sub of ['fd', 'fdinfo']) mkdirSync(join(proc, String(pid), sub), { recursive: true });
  writeFileSync(join(proc, String(pid), 'comm'), `${command}\n`);
  for (const [fd, { to, info }] of Object.entries(descriptors)) {
    symlinkSync(to, join(proc, String(pid), 'fd', fd));
    if (info !== undefined) writeFileSync(join(proc, String(pid), 'fdinfo', fd), info);
  }
}

const flags = (octal: string): string => `pos:\t0\nflags:\t${octal}\nmnt_id:\t29\n`;

describe('lookForOpenFiles()', () => {
  test.each([
    ['reads', '0100000', false],
    ['writes', '0100001', true],
    ['reads and writes', '0100002', true],
    ['appends', '0102001', true],
  ])('finds a process that %s the file by its flags', (_does, octal, writes) => {
    addProcess(7, { 3: { to: file, info: flags(octal) } });
    expect(lookForOpenFiles([facts], true, proc).holders(facts)).toEqual([{ pid: 7, command: 'glance-api', writes }]);
  });

  test('takes a holder for a writer when its flags cannot be read', () => {
    addProcess(7, { 3: { to: file } });
    expect(lookForOpenFiles([facts], true, proc).holders(facts)).toEqual([
      { pid: 7, command: 'glance-api', writes: true },
    ]);
  });

  test('sees past sockets, other files, and descriptors that were closed meanwhile', () => {
    writeFileSync(join(folder(), 'other'), '');
    addProcess(7, {
      0: { to: 'socket:[1234]' },
      1: { to: join(folder(), 'other') },
      2: { to: join(folder(), 'gone (deleted)') },
      3: { to: file, info: flags('0100000') },
    });
    addProcess(8, { 3: { to: file, info: flags('0100001') } }, 'qemu-img');
    const look = lookForOpenFiles([facts], true, proc);
    expect(look.holders(facts)?.map(({ pid, writes }) => [pid, writes])).toEqual([
      [7, false],
      [8, true],
    ]);
    expect(look.blindness).toBeUndefined();
  });

  test('tells nobody from not looked for', () => {
    const look = lookForOpenFiles([facts], true, proc);
    expect(look.holders(facts)).toEqual([]);
    expect(look.holders({ ...facts, inode: facts.inode + 1 })).toBeUndefined();
    expect(look.holders({ ...facts, device: facts.device + 1 })).toBeUndefined();
  });

  test('looks at no process when there is nothing to look for', () => {
    writeFileSync(join(proc, '9'), 'not a folder: looking into it would fail');
    expect(lookForOpenFiles([], true, proc).blindness).toBeUndefined();
    expect(lookForOpenFiles([facts], true, proc).blindness).toBe('denied');
  });

  test('is blind when it has no rights of root, or looks from a PID namespace', () => {
    expect(lookForOpenFiles([facts], false, proc).blindness).toBe('not-root');
    expect(lookForOpenFiles([facts], true, join(folder(), 'nowhere')).blindness).toBe('pid-namespace');
    const inner = join(folder(), 'inner');
    mkdirSync(join(inner, 'self', 'ns'), { recursive: true });
    symlinkSync('pid:[4026532000]', join(inner, 'self', 'ns', 'pid'));
    expect(lookForOpenFiles([facts], true, inner).blindness).toBe('pid-namespace');
  });

  test.each([
    ['open-to-read', false],
    ['open-to-write', true],
    ['open-to-append', true],
  ])('finds a real process on this machine when it holds the file (%s)', async (way, writes) => {
    const holder = startHolder(way, file);
    await holder.expectLine('held');
    const found = lookForOpenFiles([facts], false).holders(facts);
    // "node" up to Node 22; since then its main thread has a name of its own.
    const command = readFileSync(`/proc/${holder.pid}/comm`, 'utf8').trimEnd();
    expect(found).toEqual([{ pid: holder.pid, command, writes }]);
    await holder.finish();
    expect(lookForOpenFiles([facts], false).holders(facts)).toEqual([]);
  });
});
