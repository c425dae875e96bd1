// Anybody who may write to the cache may give a file any name. What is no image is told of as foreign where reports do so,
// in a way that no terminal obeys; it is never counted and never removed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseImageId } from '../../src/cache/image-id.ts';
import { decodeName } from '../../src/cache/list-folder.ts';
import { type CacheFixture, idOf, useCache } from '../support/cache-fixture.ts';
import { callOn } from '../support/call-in-process.ts';
import { entriesOf } from '../support/directory-state.ts';
import { expectHarmless, jsonOf } from '../support/harmless.ts';
import { HOSTILE_NAMES } from '../support/hostile-text.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';

const cache = useCache();

const [ONE, TWO] = [idOf('1'), idOf('2')];
const FORMATS = ['table', 'json', 'yaml', 'csv', 'value'];
const FOLDERS = ['', 'incomplete', 'invalid', 'queue', '.glance-cache-tools', '.glance-cache-tools/prefetch'];

beforeEach(() => {
  // Everything has settled: what could be judged is.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30 * 86_400_000 });
  mkdirSync(cache().layout.parts, { recursive: true });
  cache().configure('image_cache_max_size = 0', `log_file = ${join(cache().base, 'log')}`, 'debug = true');
});
afterEach(() => void vi.useRealTimers());

/** Puts something that is no image under a name of any bytes. */
function plant(it: CacheFixture, folder: string, name: Uint8Array): Buffer {
  const path = Buffer.concat([Buffer.from(`${join(it.root, folder)}/`), name]);
  writeFileSync(path, 'precious');
  return path;
}

/** Expects that it is all there still. */
function expectKept(paths: readonly Buffer[]): void {
  const lost = paths.filter((path) => !existsSync(path) || readFileSync(path, 'utf8') !== 'precious');
  expect(lost.map(String)).toEqual([]);
}

/** The bytes of a name, as Python's os.fsencode has them; hexadecimal. */
function bytesOf(name: string): string {
  const hexOf = (character: string): string =>
    /\p{Surrogate}/u.test(character)
      ? (character.charCodeAt(0) & 0xff).toString(16)
      : Buffer.from(character).toString('hex');
  return [...name].map(hexOf).join('');
}

/** Every command that looks into the directory, those that change it last. */
const CALLS = [
  ['manage', ['list-cached']],
  ['manage', ['list-queued']],
  ['manage', ['list-incomplete']],
  ['manage', ['list-invalid']],
  ['pruner', ['--dry-run']],
  ['cleaner', ['--dry-run']],
  ['prefetcher', ['--dry-run']],
  ['pruner', []],
  ['cleaner', []],
  ['prefetcher', []],
  ['manage', ['-f', 'delete-all-cached-images']],
  ['manage', ['-f', 'delete-all-queued-images']],
] as const;

/** Runs every command; expects that nothing of what it prints or logs is obeyed. */
async function callAll(it: CacheFixture, format: string, more: readonly string[]): Promise<string> {
  let told = '';
  for (const [program, args] of CALLS) {
    const takesFormat = !args.some((arg) => arg.startsWith('delete-'));
    const call = [...args, ...(takesFormat ? ['--format', format] : []), ...more];
    const run = await callOn(it, program, call);
    // What looks like a UUID is queued, and nobody says who fetches it.
    expectHarmless(run, call, program === 'prefetcher' ? [0, 3] : [0]);
    if (takesFormat && format === 'json' && run.code === 0) jsonOf(run);
    told += run.stdout + run.stderr;
  }
  expectHarmless({ code: 0, stdout: readFileSync(join(it.base, 'log'), 'utf8'), stderr: '' }, ['--debug']);
  return told;
}

test('no program obeys, counts or removes what has a hostile name, in any format', async () => {
  const it = cache();
  it.addImage(ONE);
  const kept = FOLDERS.flatMap((folder) =>
    // The queue takes any spelling of a UUID, as the stock tool does.
    HOSTILE_NAMES.filter((name) => folder !== 'queue' || parseImageId(name) === undefined).map((name) =>
      plant(it, folder, Buffer.from(name)),
    ),
  );
  for (const format of FORMATS) await callAll(it, format, format === 'csv' ? ['--debug'] : ['-v']);
  expectKept(kept);
});

test('JSON tells names apart that are no UTF-8', async () => {
  const it = cache();
  const names = ['ff', 'fe', 'ed a0 80', 'c3 28', 'f0 9f 92', 'ef bf bd', '5c 78 66 66', 'c2 9b', 'e2 80 ae'];
  for (const name of names) plant(it, 'invalid', Buffer.from(name.replaceAll(' ', ''), 'hex'));
  const { foreign } = jsonOf(await callOn(it, 'cleaner', ['--format', 'json'])) as {
    readonly foreign: readonly { readonly name: string }[];
  };
  const told = foreign.map(({ name }) => name);
  expect(new Set(told).size).toBe(names.length);
  expect(told.map(bytesOf).sort()).toEqual(names.map((name) => name.replaceAll(' ', '')).sort());
});

test('decodeName spells every name in a way of its own', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(bytes, (name) => {
      expect(bytesOf(decodeName(name))).toBe(Buffer.from(name).toString('hex'));
    }),
    { seed: seedOfRun(), numRuns: rounds(2000, 200_000) },
  );
});

test(
  'no program obeys, counts or removes what has any name that is no image ID',
  async () => {
    const it = cache();
    const nameBytes = fc
      .uint8Array({ minLength: 1, maxLength: 60 })
      .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0 && byte !== 0x2f)))
      .filter((bytes) => bytes.length > 0 && !['.', '..'].includes(bytes.toString('latin1')));
    const round = fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...FOLDERS), nameBytes), { minLength: 1, maxLength: 10 }),
      fc.constantFrom(...FORMATS),
      fc.constantFrom<readonly string[]>([], ['-v'], ['--debug']),
      async (entries, format, more) => {
        const kept = entries.map(([folder, name]) => plant(it, folder, name));
        await callAll(it, format, more);
        expectKept(kept);
      },
    );
    await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(12, 500) });
  },
  patienceMs(60_000),
);

describe('what is no regular file', () => {
  test('is left alone by every program when it has the name of an image', async () => {
    const it = cache();
    it.addImage(TWO);
    const kept: string[] = [];
    const sockets = [];
    for (const folder of ['', 'incomplete', 'invalid', 'queue', '.glance-cache-tools/prefetch']) {
      const place = (digit: string): string => {
        const path = join(it.root, folder, `${idOf(digit)}${folder.endsWith('prefetch') ? '.part' : ''}`);
        kept.push(path);
        return path;
      };
      mkdirSync(place('a'));
      symlinkSync(it.conf, place('b'));
      symlinkSync('/nonexistent', place('c'));
      symlinkSync(it.home, place('d'));
      execFileSync('mkfifo', [place('e')]);
      const server = createServer().listen(place('f'));
      await new Promise((resolve) => server.once('listening', resolve));
      sockets.push(server);
      // In the index they look like images.
      if (folder === '') for (const digit of 'abcdef') it.addRow(idOf(digit));
    }
    const kinds = (): unknown => entriesOf(it.root).filter(({ path }) => kept.includes(join(it.root, path)));
    const before = kinds();
    try {
      for (const format of ['table', 'json']) await callAll(it, format, ['-v']);
      expect(kinds()).toEqual(before);
      expect(readFileSync(it.conf, 'utf8')).toContain('image_cache_dir');
    } finally {
      for (const server of sockets) await new Promise((resolve) => server.close(resolve));
    }
  });
});
