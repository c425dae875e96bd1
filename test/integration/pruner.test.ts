// Files without rows are adopted, and count as candidates, 60 s after their change time. Nobody can set that back, so
// from outside only young ones can be shown: what becomes of older ones is in the unit tests of the planners.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CACHED_AT, idOf, useCache } from '../support/cache-fixture.ts';
import { failure, type RunResult, success, withoutTime } from '../support/run-program.ts';

const cache = useCache();

const IDS = [idOf('1'), idOf('2'), idOf('3'), idOf('4')] as const;
const [ONE, TWO, THREE, FOUR] = IDS;

/** Four images of 1000 bytes; the first is the least recently used one but was the last to come. */
function fill(): void {
  for (const [place, id] of IDS.entries()) {
    cache().addImage(id, { accessed: CACHED_AT + place * 60, modified: CACHED_AT - place });
  }
}

function prune(...args: readonly string[]): Promise<RunResult> {
  return cache().run('pruner', args);
}

describe('what goes', () => {
  test('the pruner removes the least recently used images, silently, when the cache is above its maximum', async () => {
    cache().configure('image_cache_max_size = 2000');
    fill();
    expect(await prune()).toEqual(success());
    expect(cache().names('cached')).toEqual([THREE, FOUR]);
    expect(cache().rowIds()).toEqual([THREE, FOUR]);
    expect(cache().names('invalid')).toEqual([]);
  });

  test('the pruner changes no image when the cache is just as large as its maximum', async () => {
    cache().configure('image_cache_max_size = 4000');
    fill();
    const rows = cache().rows();
    expect(await prune()).toEqual(success());
    expect(cache().names('cached')).toEqual(IDS);
    expect(cache().rows()).toEqual(rows);
  });

  test('the pruner takes the time an image came for its last use when it was never read', async () => {
    cache().configure('image_cache_max_size = 1000');
    cache().addImage(ONE, { accessed: 0, modified: CACHED_AT + 100 });
    cache().addImage(TWO, { accessed: CACHED_AT + 50, modified: CACHED_AT });
    expect(await prune()).toEqual(success());
    expect(cache().names('cached')).toEqual([ONE]);
  });

  test('the pruner goes by the ID when two images were last used at the same time', async () => {
    cache().configure('image_cache_max_size = 1000');
    cache().addImage(TWO);
    cache().addImage(ONE);
    expect(await prune()).toEqual(success());
    expect(cache().names('cached')).toEqual([TWO]);
  });

  test('the pruner removes everything, also what has no content, when the maximum is 0', async () => {
    cache().configure('image_cache_max_size = 0');
    fill();
    cache().addImage(idOf('5'), { size: 0 });
    expect(await prune()).toEqual(success());
    expect([cache().names('cached'), cache().rowIds()]).toEqual([[], []]);
  });

  test('the pruner leaves files without rows alone when they are young, and says so', async () => {
    cache().configure('image_cache_max_size = 500');
    cache().addImage(ONE);
    cache().addFile('cached', TWO, { ageSec: 1_000_000 });
    const { code, stdout, stderr } = await prune('--verbose');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      `Removed 1 image from ${cache().root}, 1000 B.`,
      'The cache holds 1 image, 1000 B; its maximum is 500 B.',
      'The cache stays 500 B over its limits: what is left is too young to judge, was in use, or could not be removed.',
    ]);
    expect(cache().names('cached')).toEqual([TWO]);
    expect(cache().rowIds()).toEqual([]);
  });

  test('the pruner drops rows whose files are gone, and corrects sizes that are wrong', async () => {
    cache().addImage(ONE);
    cache().addRow(TWO);
    cache().addRow(THREE, { modified: Date.now() / 1000 });
    cache().addFile('cached', FOUR, { size: 10 });
    cache().addRow(FOUR, { size: 99 });
    const run = await prune('--format', 'value');
    // The young row may be that of an image which is being published at this moment.
    expect(run).toEqual(
      success(`${TWO} drop-row done no-file - - - - -\n${FOUR} correct-size done wrong-size - 10 - - -\n`),
    );
    expect(cache().rowIds()).toEqual([ONE, THREE, FOUR]);
    expect(cache().rows()).toContainEqual(expect.objectContaining({ image_id: FOUR, size: 10 }));
  });

  test('the pruner counts the size of the file when the row tells another', async () => {
    cache().configure('image_cache_max_size = 1500');
    cache().addFile('cached', ONE, { size: 1000 });
    cache().addRow(ONE, { size: 9_000_000 });
    expect((await prune('--dry-run')).stdout).toContain(
      'The cache would hold 1 image, 1000 B; its maximum is 1500 B.\n',
    );
    expect(cache().names('cached')).toEqual([ONE]);
  });

  test('the pruner makes nothing when the cache directory is missing', async () => {
    const missing = join(cache().base, 'missing');
    cache().configureExactly('[DEFAULT]', `image_cache_dir = ${missing}/cache`);
    expect(await prune()).toEqual(success());
    expect(existsSync(missing)).toBe(false);
    const { stdout, stderr } = await prune('-v');
    expect(stdout).toBe(
      `Nothing to remove from ${missing}/cache.\nThe cache holds 0 images, 0 B; its maximum is 10737418240 B.\n`,
    );
    expect(withoutTime(stderr)).toBe(
      `WARNING glance_cache_tools.pruner [-] The cache directory "${missing}/cache" does not exist: that is an empty cache\n`,
    );
  });

  test('the pruner makes folders and index as Glance does when the directory is empty', async () => {
    const empty = join(cache().base, 'empty');
    mkdirSync(empty);
    cache().configureExactly('[DEFAULT]', `image_cache_dir = ${empty}`);
    expect(await prune()).toEqual(success());
    expect(readdirSync(empty).sort()).toEqual([
      '.glance-cache-tools',
      'cache.db',
      'glance-cache-prune',
      'incomplete',
      'invalid',
      'queue',
    ]);
  });
});

describe('limits', () => {
  test('the pruner prunes to another size when --max-size is given', async () => {
    fill();
    expect(await prune('--max-size', '3KB')).toEqual(success());
    expect(cache().names('cached')).toEqual([TWO, THREE, FOUR]);
    expect(await prune('--max-size=1.5KiB')).toEqual(success());
    expect(cache().names('cached')).toEqual([FOUR]);
  });

  test('the pruner prunes to the low watermark when the cache is above its maximum, and only then', async () => {
    cache().configure('image_cache_max_size = 4000', '[cache_tools]', 'low_watermark = 50%');
    fill();
    await prune();
    expect(cache().names('cached')).toEqual(IDS);
    cache().addImage(idOf('5'), { accessed: CACHED_AT + 1000 });
    await prune();
    expect(cache().names('cached')).toEqual([FOUR, idOf('5')]);
    await prune('--max-size', '1500', '--low-watermark', '0%');
    expect(cache().names('cached')).toEqual([]);
  });

  test('the pruner removes what nobody has used for too long when --max-age is given', async () => {
    cache().addImage(ONE, { accessed: Date.now() / 1000 - 86_400 * 31 });
    cache().addImage(TWO, { accessed: Date.now() / 1000 - 86_400 * 29 });
    expect(await prune('--max-age', '30d')).toEqual(success());
    expect(cache().names('cached')).toEqual([TWO]);
    const { stdout } = await prune('--max-age', '4w', '-v');
    expect(stdout).toContain('Images not used for 28 d are to go.\n');
    expect(stdout).toContain(`| ${TWO} | remove | done   | not used for too long | 1000 B |`);
  });

  test('the pruner empties the cache and says what is missing when more has to stay free than there is', async () => {
    fill();
    const { code, stdout } = await prune('--min-free', '100%', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Would remove 4 images .*\n.*\nAt least [\d.]+ \S+ are to stay free\.\nThe file system still lacks [\d.]+ B of what/,
    );
    expect(stdout).toContain('| too little free space |');
    const run = await prune('--min-free', '1PiB');
    expect(run).toEqual({ code: 0, stdout: '', stderr: expect.stringContaining(' WARNING ') as string });
    expect(run.stderr).toMatch(/The cache is empty, and the file system still lacks \d+ B of min_free\n$/);
    expect(cache().names('cached')).toEqual([]);
  });

  test('the pruner removes nothing when as much is free as has to be', async () => {
    fill();
    expect(await prune('--min-free', '1')).toEqual(success());
    expect(await prune('--min-free', '0%')).toEqual(success());
    expect(cache().names('cached')).toEqual(IDS);
  });
});

const A_SIZE = 'Give a number of bytes, or a size, as in --max-size=80GiB';

const BAD_FLAGS: readonly (readonly [args: readonly string[], message: string, hint: string])[] = [
  [['--max-size', '10%'], 'Cannot use --max-size: "10%" is not a size', A_SIZE],
  [['--max-size', '-1'], 'Cannot use --max-size: "-1" is negative', A_SIZE],
  [['--max-size', '1.5'], 'Cannot use --max-size: "1.5" is a fraction of a byte', A_SIZE],
  [
    ['--low-watermark', '0.8'],
    'Cannot use --low-watermark: "0.8" has no percent sign; expected a percentage from 0% to 100%, such as 80%',
    'Write 80% if a share of 0.8 is meant, or leave --low-watermark out to have the configured one: glance-cache-manage config',
  ],
  [['--max-age', '--dry-run'], 'Cannot use --max-age: it needs a value', 'Write --max-age=VALUE'],
  [
    ['now'],
    'Cannot run glance-cache-pruner: too many arguments: expected 0 arguments but got 1',
    'Run "glance-cache-pruner --help" to see what it takes',
  ],
];

for (const [args, message, hint] of BAD_FLAGS) {
  test(`the pruner ends with 2 and changes nothing when called as "${args.join(' ')}"`, async () => {
    fill();
    const before = cache().state();
    expect(await prune(...args)).toEqual(failure(2, message, hint));
    expect(cache().state()).toEqual(before);
  });
}
