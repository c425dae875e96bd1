/**
 * What somebody with the rights of Glance may plant in place of a part, a journal or their folder: it is refused or
 * passed over, never followed, never removed.
 */
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CacheLayout } from '../../../../src/cache/layout.ts';
import { DiskParts } from '../../../../src/cache/prefetch/disk-parts.ts';
import { journalText } from '../../../../src/cache/prefetch/journal.ts';
import { CacheStateError } from '../../../../src/errors/cache-error.ts';
import { type Entry, entriesOf } from '../../../support/directory-state.ts';
import { journalOf, partNames, partPath, putJournal, putPart, putTornJournal } from '../../../support/parts.ts';
import { createCache, imageIdOf } from '../../../support/seeded-cache.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf, thrownBy } from '../../../support/thrown.ts';

const folder = useTempDir();
const one = imageIdOf(1);
let layout: CacheLayout;
let parts: DiskParts;
let victim: string;
let server: Server | undefined;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  parts = new DiskParts(layout);
  mkdirSync(layout.parts, { recursive: true });
  victim = join(folder(), 'victim');
  // What a link leads to would pass for a journal.
  writeFileSync(victim, journalText(journalOf(one)));
});

afterEach(async () => {
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
});

const PLANTS = [
  ['a link to a file', (path: string) => symlinkSync(victim, path)],
  ['a link to nowhere', (path: string) => symlinkSync(join(folder(), 'nowhere'), path)],
  ['a FIFO', (path: string) => void execFileSync('mkfifo', [path])],
  ['a folder', (path: string) => mkdirSync(path)],
  ['a socket', (path: string) => listen(path)],
] as const;

async function listen(path: string): Promise<void> {
  // The name of a socket is cut off at 108 bytes when it is made.
  const short = join(folder(), 'socket');
  await new Promise<void>((resolve, reject) => {
    server = createServer().on('error', reject).listen(short, resolve);
  });
  renameSync(short, path);
}

/** Everything there is, but for the times of folders: a look changes nothing, and neither does a refusal. */
function everything(): readonly Omit<Entry, 'modified'>[] {
  return entriesOf(folder()).map(({ modified: _, ...entry }) => entry);
}

function refusalOf(verb: string, path: string): unknown {
  return {
    code: 'CACHE_DIR',
    message: `Cannot ${verb} ${JSON.stringify(path)}: it is not a regular file`,
    details: { path },
  };
}

describe.each(PLANTS)('DiskParts with %s', (_what, plant) => {
  test('in place of a part reports it, and neither opens, publishes nor removes it', async () => {
    const path = parts.path(one);
    putJournal(layout, one);
    await plant(path);
    const before = everything();
    expect(parts.look(one)).toBeUndefined();
    const { entries, foreign } = parts.list();
    expect(entries.map(({ imageId, part }) => [imageId, part])).toEqual([[one, undefined]]);
    expect(foreign).toEqual([`${one}.part`]);
    expect(await rejectionOf(parts.open(one))).toMatchObject(Object(refusalOf('open', path)));
    expect(thrownBy(() => parts.publish(one))).toMatchObject(Object(refusalOf('publish', path)));
    parts.removePart(one);
    expect(everything()).toEqual(before);
    parts.remove(one);
    expect(partNames(layout)).toEqual([`${one}.part`]);
  });

  test('in place of a journal reports it, takes it for none, and neither replaces nor removes it', async () => {
    const path = partPath(layout, one, 'json');
    putPart(layout, one);
    await plant(path);
    const before = everything();
    expect(parts.journal(one)).toBeUndefined();
    const { entries, foreign } = parts.list();
    expect(entries.map(({ imageId, journal }) => [imageId, journal])).toEqual([[one, undefined]]);
    expect(foreign).toEqual([`${one}.json`]);
    expect(thrownBy(() => parts.writeJournal(journalOf(one)))).toMatchObject(Object(refusalOf('write', path)));
    expect(everything()).toEqual(before);
    parts.remove(one);
    expect(partNames(layout)).toEqual([`${one}.json`]);
  });

  test('in place of a journal that is being written reports it, and writes nowhere', async () => {
    const path = partPath(layout, one, 'json.new');
    await plant(path);
    const before = everything();
    expect(parts.list()).toEqual({ entries: [], torn: [], foreign: [`${one}.json.new`] });
    expect(thrownBy(() => parts.writeJournal(journalOf(one)))).toMatchObject(Object(refusalOf('write', path)));
    parts.removeTorn(`${one}.json.new`);
    expect(everything()).toEqual(before);
  });

  test('in place of the cached image does not replace it', async () => {
    const path = join(layout.root, one);
    putPart(layout, one);
    await plant(path);
    const before = everything();
    expect(thrownBy(() => parts.publish(one))).toMatchObject(Object(refusalOf('publish', path)));
    expect(everything()).toEqual(before);
  });
});

describe.each([
  ['.glance-cache-tools', (): string => layout.tools],
  ['prefetch', (): string => layout.parts],
])('DiskParts with a link in place of the folder %s', (_name, pathOf) => {
  let elsewhere: string;

  beforeEach(() => {
    // The same things lie where the link leads.
    putPart(layout, one);
    putJournal(layout, one);
    putTornJournal(layout, one);
    elsewhere = join(folder(), 'elsewhere');
    renameSync(pathOf(), elsewhere);
    symlinkSync(elsewhere, pathOf());
  });

  test('refuses to list, to write and to remove', async () => {
    const before = everything();
    const refusal = { code: 'CACHE_DIR', message: `Cannot use ${JSON.stringify(pathOf())}: it is not a folder` };
    const calls = [
      () => parts.list(),
      () => parts.writeJournal(journalOf(one)),
      () => parts.removePart(one),
      () => parts.remove(one),
      () => parts.removeTorn(`${one}.json.new`),
    ];
    for (const call of calls) {
      const error = thrownBy(call);
      expect(error).toBeInstanceOf(CacheStateError);
      expect(error).toMatchObject(refusal);
    }
    expect(await rejectionOf(parts.open(one))).toMatchObject(refusal);
    expect(everything()).toEqual(before);
  });
});

describe('DiskParts with a file in place of its folder', () => {
  test('refuses it, and leaves it as it is', async () => {
    rmSync(layout.parts, { recursive: true });
    writeFileSync(layout.parts, 'notes');
    const refusal = { code: 'CACHE_DIR', details: { path: layout.parts } };
    expect(thrownBy(() => parts.list())).toMatchObject(refusal);
    expect(thrownBy(() => parts.writeJournal(journalOf(one)))).toMatchObject(refusal);
    expect(await rejectionOf(parts.open(one))).toMatchObject(refusal);
    expect([parts.look(one), parts.journal(one)]).toEqual([undefined, undefined]);
    expect([lstatSync(layout.parts).isFile(), readFileSync(layout.parts, 'utf8')]).toEqual([true, 'notes']);
  });
});
