import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { type ProgramName, success } from '../support/run-program.ts';

const cache = useCache();

const ONE = idOf('1');

const opened: number[] = [];
afterEach(() => {
  for (const descriptor of opened.splice(0)) closeSync(descriptor);
});

/** A descriptor of a file, closed after the test. */
function open(path: string, flags: string): number {
  const descriptor = openSync(path, flags);
  opened.push(descriptor);
  return descriptor;
}

function fill(count: number): void {
  cache().inIndex((db) => {
    const insert = db.prepare('INSERT INTO cached_images (image_id, size) VALUES (?, 1)');
    db.transaction(() => {
      for (let i = 0; i < count; i++) insert.run(`${i.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`);
    })();
  });
}

/** Runs a program whose output nobody reads beyond its first piece. */
async function readFirst(program: ProgramName, args: readonly string[]) {
  const running = cache().start(program, args);
  const { stdout } = running.process;
  if (stdout === null) throw new Error('There is no standard output');
  await once(stdout, 'data');
  stdout.destroy();
  return running.ended;
}

describe('a reader that goes away', () => {
  for (const format of ['table', 'json', 'yaml', 'csv', 'value']) {
    test(`list-cached ends silently with 0 when its ${format} is cut off, as by head`, async () => {
      fill(20_000);
      const { code, stderr } = await readFirst('manage', ['list-cached', '--format', format]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    });
  }

  test('the pruner does all its work when nobody reads its report', async () => {
    cache().configure('image_cache_max_size = 0');
    for (const digit of '123456789') cache().addImage(idOf(digit));
    fill(20_000);
    const { code, stderr } = await readFirst('pruner', ['--format', 'json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect([cache().names('cached'), cache().rowIds()]).toEqual([[], []]);
  });
});

describe.skipIf(!existsSync('/dev/full'))('output that cannot be written (needs /dev/full)', () => {
  const HINT =
    'Look at where the output goes, and whether there is space, with "df -h"; changes to the cache that were asked for have been made all the same';
  const ERROR = `ERROR: Cannot write to standard output: no space left on device (ENOSPC)\nhint: ${HINT}\n`;

  const CALLS = [
    ['manage', ['list-cached']],
    ['manage', ['list-queued', '--format', 'yaml']],
    ['manage', ['config']],
    ['manage', ['--help']],
    ['manage', ['--version']],
    ['pruner', ['--dry-run']],
    ['cleaner', ['--verbose']],
  ] as const;

  for (const [program, args] of CALLS) {
    test(`glance-cache-${program} ${args.join(' ')} ends with 4 when the disk behind its output is full`, async () => {
      const run = await cache().run(program, args, { stdio: ['ignore', open('/dev/full', 'w'), 'pipe'] });
      expect(run).toEqual({ code: 4, stdout: '', stderr: ERROR });
    });
  }

  test('delete-cached-image has done its work when its output could not be written', async () => {
    cache().addImage(ONE);
    const stdio = ['pipe', open('/dev/full', 'w'), 'pipe'] as const;
    const run = await cache().run('manage', ['delete-cached-image', ONE], { stdio: [...stdio], stdin: 'y\n' });
    expect(run).toEqual({ code: 4, stdout: '', stderr: ERROR });
    expect(cache().names('cached')).toEqual([]);
  });

  test('an error keeps its exit code when standard error cannot be written', async () => {
    const run = await cache().run('manage', ['nonsense'], { stdio: ['ignore', 'pipe', open('/dev/full', 'w')] });
    expect(run).toEqual({ code: 2, stdout: '', stderr: '' });
  });
});

describe('input', () => {
  const MESSAGE = 'Cannot go on: the input ended before an answer to "Delete all cached images?"';

  test('delete-all-cached-images ends with 1 and changes nothing when there is no input at all', async () => {
    cache().addImage(ONE);
    const folder = cache().base;
    const inputs = {
      closed: 'ignore',
      'a folder': open(folder, 'r'),
      'not for reading': open(join(folder, 'x'), 'w'),
    } as const;
    for (const [what, stdin] of Object.entries(inputs)) {
      const run = await cache().run('manage', ['delete-all-cached-images'], { stdio: [stdin, 'pipe', 'pipe'] });
      expect(run.code, what).toBe(1);
      expect(run.stderr, what).toContain(`ERROR: ${MESSAGE}\n`);
    }
    expect(cache().names('cached')).toEqual([ONE]);
  });

  test('glance-cache-manage does its work when standard input, output and error are closed', async () => {
    cache().addImage(ONE);
    const closed = (streams: string): readonly string[] => ['sh', '-c', `exec "$@" ${streams}`, 'sh'];
    const all = await cache().run('manage', ['-f', 'delete-all-cached-images'], { within: closed('<&- >&- 2>&-') });
    expect(all).toEqual(success());
    expect(cache().names('cached')).toEqual([]);
    const list = await cache().run('manage', ['list-cached'], { within: closed('>&-') });
    expect(list).toEqual(success());
    const asking = await cache().run('manage', ['delete-all-cached-images'], { within: closed('<&-') });
    expect(asking).toMatchObject({ code: 1, stderr: expect.stringContaining(`ERROR: ${MESSAGE}\n`) as string });
  });

  test('delete-all-cached-images works when there is no input and it has nothing to ask', async () => {
    cache().addImage(ONE);
    const run = await cache().run('manage', ['-f', 'delete-all-cached-images'], { stdio: ['ignore', 'pipe', 'pipe'] });
    expect(run).toEqual(success());
    expect(cache().names('cached')).toEqual([]);
  });

  test('programs that ask nothing leave their input to whoever called them', async () => {
    const run = await cache().run('manage', ['list-cached'], { stdin: null });
    expect(run).toEqual(success('No cached images.\n'));
  });
});

test('every program works when the folder it was started in is gone', async () => {
  const calls = { manage: ['list-cached', '--format', 'json'], pruner: [], cleaner: [] } as const;
  for (const [program, args] of Object.entries(calls) as [ProgramName, readonly string[]][]) {
    const folder = join(cache().base, program);
    mkdirSync(folder);
    const within = ['sh', '-c', `rmdir '${folder}' && exec "$@"`, 'sh'];
    const run = await cache().run(program, args, { cwd: folder, within });
    expect(run, program).toEqual(success(program === 'manage' ? '[]\n' : ''));
  }
});
