// pin-image, unpin-image, list-pinned, and what pins mean to the other commands and programs.
import { existsSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { clockSetAhead } from '../support/program-clock.ts';
import { failure, success, timeless } from '../support/run-program.ts';
import { asImageId, pinIdsOf, putPin } from '../support/seeded-cache.ts';

const cache = useCache();

const [ONE, TWO, THREE, FOUR] = [idOf('1'), idOf('2'), idOf('3'), idOf('4')];

function pin(...imageIds: readonly string[]): void {
  for (const imageId of imageIds) putPin(cache().layout, asImageId(imageId));
}

function pinned(): readonly string[] {
  return pinIdsOf(cache().layout);
}

describe('pin-image and unpin-image', () => {
  test('are silent when they have done it, ask nothing, and say so of what needed nothing', async () => {
    for (const id of [ONE, TWO]) cache().addImage(id);
    expect(await cache().manage('pin-image', ONE.toUpperCase(), TWO)).toEqual(success());
    expect(pinned()).toEqual([ONE, TWO]);
    expect(await cache().manage('pin-image', ONE)).toEqual({
      code: 0,
      stdout: '',
      stderr: `Nothing to pin: image ${ONE} is pinned already\n`,
    });
    expect(await cache().manage('unpin-image', ONE, THREE)).toEqual({
      code: 0,
      stdout: '',
      stderr: `Nothing to unpin: image ${THREE} is not pinned\n`,
    });
    expect([pinned(), cache().names('cached')]).toEqual([[TWO], [ONE, TWO]]);
  });

  test('say with --verbose what they did', async () => {
    cache().addImage(ONE);
    const told = async (command: string) => timeless(await cache().manage('-v', command, ONE));
    const done = (what: string) => success(`${what} image ${ONE}\nCompleted in N sec.\n`);
    expect([await told('pin-image'), await told('unpin-image')]).toEqual([done('Pinned'), done('Unpinned')]);
  });

  test('show in a dry run what they would do, and change nothing', async () => {
    cache().addImage(ONE);
    const before = cache().state();
    const { code, stdout } = await cache().manage('pin-image', ONE, '--dry-run', '--format', 'csv');
    expect([code, stdout.split('\n')[1]]).toEqual([0, `${ONE},pin,planned,,,,,,`]);
    expect((await cache().manage('unpin-image', ONE, '--dry-run')).stdout).toContain('Would change 0 items (dry run');
    expect(cache().state()).toEqual(before);
  });

  test('tell of images that are not cached, with the command that has them fetched', async () => {
    cache().addImage(ONE);
    cache().addMarker(TWO);
    const run = await cache().manage('pin-image', ONE, TWO, THREE, FOUR);
    expect(run).toEqual({
      code: 0,
      stdout: '',
      stderr:
        `Image ${TWO} is not cached yet: it is queued, and the prefetcher fetches it in its next run\n` +
        `2 of the images are not cached; to have them fetched: glance-cache-manage queue-image ${THREE} ${FOUR}\n`,
    });
    const hint = (await cache().manage('pin-image', THREE)).stderr.split('fetched: glance-cache-manage ')[1] ?? '';
    expect(await cache().manage('-f', ...hint.trim().split(' '))).toEqual(success());
    expect(readdirSync(cache().layout.areas.queue).sort()).toEqual([TWO, THREE]);
  });

  test('create a missing cache directory, as queueing does, but not to take a pin away', async () => {
    rmSync(cache().root, { recursive: true });
    expect((await cache().manage('unpin-image', ONE)).code).toBe(0);
    expect(existsSync(cache().root)).toBe(false);
    expect((await cache().manage('pin-image', ONE)).code).toBe(0);
    expect([pinned(), existsSync(cache().layout.areas.queue)]).toEqual([[ONE], true]);
  });

  test('refuse what is no image ID before it touches anything', async () => {
    const before = cache().state();
    for (const name of ['../../etc/passwd', 'debian-13', '']) {
      expect(await cache().manage('pin-image', ONE, name)).toEqual(
        failure(
          2,
          `Cannot use ${JSON.stringify(name)}: it is not a valid image ID`,
          'An image ID is a UUID such as 71c675ab-d94f-49cd-a114-e12490b328d9: see "openstack image list"',
        ),
      );
    }
    expect(cache().state()).toEqual(before);
  });

  test('warn when more is pinned than the cache may hold', async () => {
    cache().configure('image_cache_max_size = 1500');
    for (const id of [ONE, TWO]) cache().addImage(id);
    expect((await cache().manage('pin-image', ONE)).stderr).toBe('');
    expect((await cache().manage('pin-image', TWO)).stderr).toBe(
      'Pinned are 2 cached images of 2000 B, more than image_cache_max_size of 1500 B: no prune can reach that. ' +
        'See: glance-cache-manage list-pinned\n',
    );
  });

  test.each(['pin-image', 'unpin-image', 'list-pinned'])('%s is refused on other nodes', async (command) => {
    const operands = command === 'list-pinned' ? [] : [ONE];
    expect(await cache().manage('--host', 'node2', command, ...operands)).toEqual(
      failure(
        2,
        `Cannot do ${command} on "node2": that command works on the node it runs on only`,
        `Run it on that node, without --host: ${['glance-cache-manage', command, ...operands].join(' ')}`,
      ),
    );
  });
});

describe('list-pinned', () => {
  test('shows what is pinned, cached or not, and reports what is no pin', async () => {
    cache().configure('image_cache_max_size = 5000');
    cache().addImage(ONE, { hits: 3, accessed: 1_700_000_000 });
    cache().addImage(TWO, { accessed: 0 });
    pin(ONE, TWO, THREE);
    for (const id of [ONE, TWO, THREE]) utimesSync(join(cache().layout.pinned, id), 1.6e9, 1.6e9);
    symlinkSync('/etc/passwd', join(cache().layout.pinned, FOUR));
    const { code, stdout, stderr } = await cache().manage('list-pinned');
    expect([code, stderr]).toEqual([0, `Not a pin, left alone: "${FOUR}" in "${cache().layout.pinned}"\n`]);
    expect(stdout.split('\n')).toEqual([
      'Found 3 pinned images...',
      '+--------------------------------------+--------+------+---------------------+------+---------------------+',
      '|                  ID                  | Cached | Size | Last Accessed (UTC) | Hits |   Pinned At (UTC)   |',
      '+--------------------------------------+--------+------+---------------------+------+---------------------+',
      `| ${ONE} |  yes   | 1000 | 2023-11-14T22:13:20 |    3 | 2020-09-13T12:26:40 |`,
      `| ${TWO} |  yes   | 1000 |         N/A         |    0 | 2020-09-13T12:26:40 |`,
      `| ${THREE} |   no   |      |                     |      | 2020-09-13T12:26:40 |`,
      '+--------------------------------------+--------+------+---------------------+------+---------------------+',
      '2 of them are cached, 2000 B; image_cache_max_size is 5000 B.',
      '',
    ]);
    const json = await cache().manage('list-pinned', '--format', 'json', '--sort-column', 'hits:desc');
    expect((JSON.parse(json.stdout) as readonly unknown[])[0]).toEqual({
      image_id: ONE,
      cached: true,
      size: 1000,
      last_accessed: '2023-11-14T22:13:20Z',
      hits: 3,
      pinned_at: '2020-09-13T12:26:40Z',
    });
    expect(await cache().manage('list-pinned', '--format', 'value', '-c', 'image_id', '-c', 'cached')).toMatchObject({
      stdout: `${ONE} true\n${TWO} true\n${THREE} false\n`,
    });
  });

  test('says that nothing is pinned', async () => {
    expect(await cache().manage('list-pinned')).toEqual(success('No pinned images.\n'));
  });
});

describe('the others, beside pins', () => {
  test('the pruner keeps what is pinned, warns that it stays over its limits, and says why in every form', async () => {
    cache().configure('image_cache_max_size = 500');
    for (const id of [ONE, TWO]) cache().addImage(id);
    pin(ONE, THREE);
    const json = await cache().run('pruner', ['--dry-run', '--format', 'json']);
    expect(json.stderr).toBe('');
    expect(JSON.parse(json.stdout)).toMatchObject({
      after: { images: 1, bytes: 1000 },
      pinned: { images: 1, bytes: 1000 },
      shortfall_bytes: 500,
      shortfall_reasons: ['pinned'],
    });
    const { code, stdout, stderr } = await cache().run('pruner', ['--verbose']);
    expect([code, stdout.split('\n').slice(0, 4)]).toEqual([
      0,
      [
        `Removed 1 image from ${cache().root}, 1000 B.`,
        'The cache holds 1 image, 1000 B; its maximum is 500 B.',
        'Of these, 1 image, 1000 B, is pinned.',
        'The cache stays 500 B over its limits: pinned images are kept.',
      ],
    ]);
    expect(stderr).toMatch(
      /WARNING glance_cache_tools.pruner \[-\] The cache stays 500 B over its limits: 1 pinned image of 1000 B is kept; see glance-cache-manage list-pinned\n$/,
    );
    expect([cache().names('cached'), pinned()]).toEqual([[ONE], [ONE, THREE]]);
  });

  test('the pruner tells pins from other files when the file system stays too full', async () => {
    cache().addImage(ONE);
    // Not a sparse file, which would give nothing back.
    writeFileSync(join(cache().root, ONE), Buffer.alloc(1000, 'x'));
    pin(ONE);
    const { code, stdout, stderr } = await cache().run('pruner', ['--min-free', '100%', '--format', 'json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { shortfall_reasons: ['pinned', 'other-files'] }]);
    expect(stderr).toMatch(/Nothing is left but pinned images, and the file system still lacks \d+ B of min_free\n$/);
  });

  test('the pruner is silent where the others are enough', async () => {
    cache().configure('image_cache_max_size = 1000');
    for (const id of [ONE, TWO]) cache().addImage(id);
    pin(ONE);
    expect(await cache().run('pruner', [])).toEqual(success());
    expect(cache().names('cached')).toEqual([ONE]);
  });

  test('delete-all-cached-images keeps what is pinned and says how to delete it, and --include-pinned does', async () => {
    for (const id of [ONE, TWO]) cache().addImage(id);
    pin(ONE);
    expect(timeless(await cache().manage('-f', '-v', 'delete-all-cached-images'))).toEqual({
      code: 0,
      stdout: 'Deleted 1 cached images\nCompleted in N sec.\n',
      stderr:
        `Left alone: image ${ONE} is pinned\n` +
        '1 pinned image stays; to delete all: glance-cache-manage delete-all-cached-images --include-pinned\n',
    });
    expect(cache().names('cached')).toEqual([ONE]);
    expect(await cache().manage('-f', 'delete-all-cached-images', '--include-pinned')).toEqual({
      code: 0,
      stdout: '',
      stderr: `The pin stays for when the image comes back; to unpin: glance-cache-manage unpin-image ${ONE}\n`,
    });
    expect([cache().names('cached'), cache().rowIds(), pinned()]).toEqual([[], [], [ONE]]);
  });

  test('delete-all-cached-images counts no image that it keeps and enters into the index', async () => {
    cache().addImage(ONE);
    cache().addFile('cached', TWO);
    pin(TWO);
    const env = clockSetAhead(cache().base, 90);
    const { stdout } = await cache().run('manage', ['-f', '-v', 'delete-all-cached-images'], { env });
    expect(stdout.split('\n')[0]).toBe('Deleted 1 cached images');
    expect([cache().names('cached'), cache().rowIds()]).toEqual([[TWO], [TWO]]);
  });

  test('delete-cached-image takes a pinned image and says that its pin stays', async () => {
    cache().addImage(ONE);
    pin(ONE);
    expect(await cache().manage('-f', 'delete-cached-image', ONE)).toEqual({
      code: 0,
      stdout: '',
      stderr: `The pin stays for when the image comes back; to unpin: glance-cache-manage unpin-image ${ONE}\n`,
    });
    expect([cache().names('cached'), pinned()]).toEqual([[], [ONE]]);
  });

  test('--include-pinned is refused on other nodes, which know no pins', async () => {
    const { code, stderr } = await cache().manage('-H', 'node2', '-f', 'delete-all-cached-images', '--include-pinned');
    expect([code, stderr.split(': ')[1]]).toEqual([2, 'Cannot use --include-pinned with --host']);
  });

  test('a repair, even one that replaces the index, and the cleaner leave pins alone', async () => {
    cache().addFile('cached', ONE, { ageSec: 1e6 });
    cache().addFile('invalid', ONE, { ageSec: 1e6 });
    pin(ONE, TWO);
    writeFileSync(cache().layout.index, 'no database'.repeat(1000));
    expect((await cache().manage('verify', '--repair')).code).toBe(0);
    expect((await cache().run('cleaner', [])).code).toBe(0);
    expect([pinned(), cache().names('invalid')]).toEqual([[ONE, TWO], []]);
  });

  test('nothing is removed when it cannot be known what is pinned', async () => {
    cache().configure('image_cache_max_size = 0');
    cache().addImage(ONE);
    pin(ONE);
    rmSync(cache().layout.pinned, { recursive: true });
    symlinkSync(cache().base, cache().layout.pinned);
    const message = `Cannot use ${JSON.stringify(cache().layout.pinned)}: it is not a folder`;
    const hint =
      'Move it out of the way; glance-api and these programs create the folder when they need it: sudo mv /test/cache/.glance-cache-tools/pinned /var/tmp/';
    expect(await cache().run('pruner', [])).toEqual(failure(4, message, hint));
    for (const args of [['pin-image', TWO], ['unpin-image', ONE], ['list-pinned'], ['delete-all-cached-images']]) {
      expect(await cache().manage('-f', ...args)).toEqual(failure(4, message, hint));
    }
    expect(cache().names('cached')).toEqual([ONE]);
  });
});
