import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf, setAge, useCache } from '../support/cache-fixture.ts';
import { useChildren } from '../support/child.ts';
import { failure, type RunResult, success, UNPRIVILEGED } from '../support/run-program.ts';

const cache = useCache();
const startHolder = useChildren('support/programs/holder.ts');

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];
const DAY = 86_400;

/** Runs as somebody who cannot see the files of others, so that the answer is the same wherever the tests run. */
function clean(...args: readonly string[]): Promise<RunResult> {
  cache().handTo(UNPRIVILEGED);
  return cache().run('cleaner', args, { as: UNPRIVILEGED });
}

function left(): readonly (readonly string[])[] {
  return [cache().names('invalid'), cache().names('incomplete')];
}

describe('what goes', () => {
  test('the cleaner removes what is invalid and what has stalled, silently, and keeps what may still be written', async () => {
    cache().addFile('invalid', ONE);
    cache().addFile('incomplete', TWO, { ageSec: DAY + 60 });
    cache().addFile('incomplete', THREE, { ageSec: DAY - 60 });
    cache().addImage(idOf('4'));
    cache().addMarker(idOf('5'));
    expect(await clean()).toEqual(success());
    expect(left()).toEqual([[], [THREE]]);
    expect([cache().names('cached'), cache().names('queue')]).toEqual([[idOf('4')], [idOf('5')]]);
  });

  test('the cleaner goes by image_cache_stall_time when it is configured', async () => {
    cache().configure('image_cache_stall_time = 600');
    cache().addFile('incomplete', ONE, { ageSec: 590 });
    cache().addFile('incomplete', TWO, { ageSec: 660 });
    expect(await clean()).toEqual(success());
    expect(left()).toEqual([[], [ONE]]);
  });

  test('the cleaner takes only the images named when --image is given', async () => {
    for (const id of [ONE, TWO, THREE]) cache().addFile('invalid', id);
    expect(await clean('--image', ONE, '--image', TWO.toUpperCase())).toEqual(success());
    expect(left()).toEqual([[THREE], []]);
  });

  test('the cleaner leaves invalid images alone for a while when --invalid-grace is given', async () => {
    cache().addFile('invalid', ONE, { ageSec: 30 * DAY });
    // The grace counts from when the file came into the folder, whatever age it has.
    expect(await clean('--invalid-grace', '1h')).toEqual(success());
    expect(left()).toEqual([[ONE], []]);
    expect(await clean('--invalid-grace', '0')).toEqual(success());
    expect(left()).toEqual([[], []]);
  });

  test('the cleaner keeps less when a longer --stall-time is given than is configured', async () => {
    cache().addFile('incomplete', ONE, { ageSec: 2 * DAY });
    expect(await clean('--stall-time', '3d')).toEqual(success());
    expect(left()).toEqual([[], [ONE]]);
    expect(await clean('--stall-time', '1d')).toEqual(success());
    expect(left()).toEqual([[], []]);
  });

  test('the cleaner refuses a shorter stall time when it cannot see who writes', async () => {
    cache().addFile('incomplete', ONE, { ageSec: 2 * 3600 });
    cache().addFile('invalid', TWO);
    const before = cache().state();
    const message =
      'Cannot clean with a stall time of 3600 s: this process cannot see whether glance-api still writes a file, ' +
      'so the configured image_cache_stall_time of 86400 s is the shortest that is safe';
    const hint =
      'Leave out --stall-time, or run it as root, which sees the files of all processes: sudo <this command>';
    expect(await clean('--stall-time', '1h')).toEqual(failure(2, message, hint));
    expect(await clean('--stall-time', '1h', '--dry-run')).toEqual(failure(2, message, hint));
    expect(cache().state()).toEqual(before);
  });
});

describe('files that are held open', () => {
  test('the cleaner keeps a stalled image when a process holds it open to write', async () => {
    const path = cache().addFile('incomplete', ONE, { ageSec: 30 * DAY });
    await startHolder('open-to-append', path).expectLine('held');
    const run = await cache().run('cleaner', ['--format', 'value']);
    expect(run.stdout).toMatch(new RegExp(`^${ONE} keep skipped held-open incomplete 1000 `));
    expect(left()).toEqual([[], [ONE]]);
  });

  test('the cleaner keeps a stalled image when a process holds it open to read', async () => {
    const path = cache().addFile('incomplete', ONE, { ageSec: 30 * DAY });
    await startHolder('open-to-read', path).expectLine('held');
    expect((await cache().run('cleaner', [])).code).toBe(0);
    expect(left()).toEqual([[], [ONE]]);
  });

  test('the cleaner keeps an invalid image when a process writes it, and takes one that is only read', async () => {
    await startHolder('open-to-write', cache().addFile('invalid', ONE)).expectLine('held');
    await startHolder('open-to-read', cache().addFile('invalid', TWO)).expectLine('held');
    expect(await cache().run('cleaner', [])).toEqual(success());
    expect(left()).toEqual([[ONE], []]);
  });
});

describe('what is none of the cache', () => {
  test('the cleaner touches neither links nor pipes nor folders nor odd names, and reports them', async () => {
    const target = join(cache().base, 'target');
    writeFileSync(target, 'precious');
    for (const area of ['invalid', 'incomplete'] as const) {
      const folder = cache().layout.areas[area];
      symlinkSync(target, join(folder, ONE));
      mkdirSync(join(folder, TWO));
      execFileSync('mkfifo', [join(folder, THREE)]);
      for (const name of ['notes.txt', `${idOf('4')}.tmp`, idOf('a').toUpperCase(), `{${idOf('5')}}`]) {
        writeFileSync(join(folder, name), 'x');
        setAge(join(folder, name), 30 * DAY);
      }
    }
    linkSync(target, join(cache().layout.areas.invalid, idOf('6')));
    setAge(target, 30 * DAY);
    const { code, stdout, stderr } = await clean('--verbose');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Removed 1 leftover from ${cache().root}, 8 B\\.\n`));
    expect(stdout).toContain(
      `Left alone, as none of the cache's: invalid/${ONE}, invalid/${TWO}, invalid/${THREE}, invalid/${idOf('4')}.tmp, ` +
        `invalid/${idOf('A').toUpperCase()}, invalid/notes.txt, invalid/{${idOf('5')}}, ` +
        `incomplete/${ONE}, incomplete/${TWO}, incomplete/${THREE} and 4 more.\n`,
    );
    expect(cache().names('invalid')).toHaveLength(7);
    expect(cache().names('incomplete')).toHaveLength(7);
    // A hard link is a name among others of the same file: that name goes, the file stays.
    expect(readFileSync(target, 'utf8')).toBe('precious');
  });

  test('the cleaner reports foreign entries by folder when json is asked for', async () => {
    writeFileSync(join(cache().layout.areas.invalid, 'b\u001b[2J\nc'), '');
    writeFileSync(join(cache().layout.areas.invalid, 'a'), '');
    const run = await clean('--format', 'json');
    expect(run.stdout).not.toContain('\u001b');
    expect(JSON.parse(run.stdout)).toEqual({
      program: 'glance-cache-cleaner',
      dry_run: false,
      cache_dir: cache().root,
      stall_time: DAY,
      invalid_grace: 0,
      blindness: 'not-root',
      freed_bytes: 0,
      foreign: [
        { area: 'invalid', name: 'a', kind: 'file' },
        { area: 'invalid', name: 'b\u001b[2J\nc', kind: 'file' },
      ],
      stale: null,
      items: [],
    });
  });
});

describe('the report', () => {
  test('the cleaner shows its plan and changes nothing when it is a dry run', async () => {
    cache().addFile('invalid', ONE, { size: 10 });
    cache().addFile('incomplete', TWO, { ageSec: 60 });
    cache().handTo(UNPRIVILEGED);
    const before = cache().state();
    const { code, stdout, stderr } = await clean('--dry-run');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.replaceAll(/\d{4}-\d\d-\d\dT[\d:]{8}/g, 'YYYY-MM-DDTHH:MM:SS').split('\n');
    expect(lines).toEqual([
      `Would remove 1 leftover from ${cache().root}, 10 B (dry run: nothing was changed).`,
      'Kept 1 leftover; an image counts as stalled after 1 d.',
      'Only root sees the files of all processes: whether others hold a file open is unknown.',
      '+--------------------------------------+--------+---------+----------------------+------------+--------+---------------------+',
      '| ID                                   | Action | Result  | Reason               | Folder     |   Size | Last Written (UTC)  |',
      '+--------------------------------------+--------+---------+----------------------+------------+--------+---------------------+',
      `| ${ONE} | remove | planned | failed to be cached  | invalid    |   10 B | YYYY-MM-DDTHH:MM:SS |`,
      `| ${TWO} | keep   | skipped | may still be written | incomplete | 1000 B | YYYY-MM-DDTHH:MM:SS |`,
      '+--------------------------------------+--------+---------+----------------------+------------+--------+---------------------+',
      '',
    ]);
    expect(cache().state()).toEqual(before);
  });

  test('the cleaner says that there is nothing to do when there is not', async () => {
    expect(await clean('-v')).toEqual(success(`Nothing to remove from ${cache().root}.\n`));
    expect(await clean('--dry-run')).toEqual(success(`Nothing to remove from ${cache().root} (dry run).\n`));
    expect(await clean()).toEqual(success());
  });

  test('the cleaner makes nothing when the cache directory is missing', async () => {
    const missing = join(cache().base, 'missing');
    cache().configureExactly('[DEFAULT]', `image_cache_dir = ${missing}/cache`);
    expect(await clean()).toEqual(success());
    expect(() => readFileSync(missing)).toThrow('ENOENT');
  });
});

const BAD_FLAGS: readonly (readonly [args: readonly string[], message: string, hint: string])[] = [
  [
    ['--image', 'zz'],
    'Cannot use --image: "zz" is not a valid UUID',
    'Give the ID of an image, a UUID, as in --image=71c675ab-d94f-49cd-a114-e12490b328d9',
  ],
  [
    ['--stall-time', '-1'],
    'Cannot use --stall-time: "-1" is negative',
    'Give a number of seconds, or a number with s, m (minutes), h, d or w, as in --stall-time=30d',
  ],
  [
    ['--stall-time', '1.5h'],
    'Cannot use --stall-time: "1.5h" has a fraction',
    'Write a whole number of a smaller unit, as in --stall-time=30d',
  ],
  [
    ['--max-size', '3'],
    "Cannot run glance-cache-cleaner: unknown option '--max-size'",
    'Run "glance-cache-cleaner --help" to see what it takes',
  ],
];

for (const [args, message, hint] of BAD_FLAGS) {
  test(`the cleaner ends with 2 and changes nothing when called as "${args.join(' ')}"`, async () => {
    cache().addFile('invalid', ONE);
    const before = cache().state();
    expect(await clean(...args)).toEqual(failure(2, message, hint));
    expect(cache().state()).toEqual(before);
  });
}

test('the cleaner tells what is wrong with a flag that this run has no use for, and does nothing', async () => {
  cache().addFile('invalid', idOf('1'));
  const { code, stderr } = await cache().run('cleaner', ['--stale-limit', '150%']);
  expect({ code, first: stderr.split('\n')[0] }).toEqual({
    code: 2,
    first:
      'ERROR: Cannot use --stale-limit: "150%" is more than 100%; expected a percentage from 0% to 100%, such as 80%',
  });
  expect(cache().names('invalid')).toEqual([idOf('1')]);
});
