// queue-image where Glance is asked: for names, tags and properties, and for bytes at once.
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import type { CloudImage } from '../support/cloud/cloud.js';
import { answerAll, isDownload } from '../support/cloud/scripted.ts';
import { send } from '../support/http-answers.ts';
import {
  DROPPED,
  FETCHED,
  itemsOf,
  keptPart,
  type PrefetchFixture,
  QUEUED,
  usePrefetch,
} from '../support/prefetch-fixture.ts';
import { failure, type RunResult, success, timeless } from '../support/run-program.ts';

const prefetch = usePrefetch();

const [ONE, TWO, THREE, FOUR, FIVE, NINE] = ['1', '2', '3', '4', '5', '9'].map(idOf) as [
  string,
  string,
  string,
  string,
  string,
  string,
];

const IMAGES: readonly CloudImage[] = [
  { id: ONE, sizeBytes: 1000, name: 'debian-13', tags: ['golden', 'new'], properties: { os_distro: 'debian' } },
  { id: TWO, sizeBytes: 10, name: 'twin' },
  { id: THREE, name: 'twin', status: 'queued' },
  // Hidden, and with a name that looks like the ID of another image.
  { id: FOUR, sizeBytes: 20, name: NINE, hidden: true, tags: ['golden'] },
  { id: FIVE, name: 'not yet', tags: ['golden'], status: 'saving' },
];

function cloud(): Promise<PrefetchFixture> {
  return prefetch({ images: IMAGES });
}

function queue(it: PrefetchFixture, ...args: readonly string[]): Promise<RunResult> {
  return it.manage(['-f', 'queue-image', ...args]);
}

const NO_SUCH =
  'See what there is with "openstack image list"; this account sees its own, public and shared images only';
const NO_SUCH_TRAIT = NO_SUCH.replace('list"', 'list --long"');

/** What is asked for, and what is in the queue then. */
const FOUND: readonly (readonly [args: readonly string[], queued: readonly string[]])[] = [
  [['debian-13'], [ONE]],
  [['--name', 'debian-13'], [ONE]],
  [
    ['debian-13', '--name', 'debian-13', ONE, TWO.toUpperCase()],
    [ONE, TWO],
  ],
  [['--name', NINE], [FOUR]],
  [[NINE], [NINE]],
  [
    ['--tag', 'golden'],
    [ONE, FOUR],
  ],
  [['--tag', 'golden', '--tag', 'new'], [ONE]],
  [['--property', 'os_distro=debian'], [ONE]],
  [
    ['--property=os_distro=debian', '--tag=golden', '--name=debian-13', TWO],
    [ONE, TWO],
  ],
];

describe.concurrent('who is meant', () => {
  for (const [args, queued] of FOUND) {
    test(`queue-image queues what is meant, silently, when called with "${args.join(' ')}"`, async () => {
      const it = await cloud();
      expect(await queue(it, ...args)).toEqual(success());
      expect(it.cache.names('queue')).toEqual(queued);
    });
  }

  test('queue-image reads every page when many images have a tag, and queues them by their names', async () => {
    const ids = Array.from({ length: 60 }, (_, place) => `${String(place).padStart(8, '0')}${ONE.slice(8)}`);
    const names = new Map(ids.map((id, place) => [id, `image-${String(99 - place)}`]));
    const it = await prefetch({
      images: ids.map((id) => ({ id, name: names.get(id) ?? null, tags: ['many'] })),
      pageSize: 25,
    });
    expect((await queue(it, '--tag', 'many')).code).toBe(0);
    expect(it.cache.names('queue')).toEqual(ids);
    const { stdout } = await it.manage(['list-queued', '--format', 'value', '-c', 'id']);
    expect(stdout.trimEnd().split('\n')).toEqual(ids.toReversed());
  });

  const unknown: readonly (readonly [args: readonly string[], run: RunResult])[] = [
    [['nothing'], failure(6, 'Cannot find an image called "nothing"', NO_SUCH)],
    [['debian-13', 'nothing'], failure(6, 'Cannot find an image called "nothing"', NO_SUCH)],
    [['--name', 'twin', '--tag', 'golden'], failure(6, 'Cannot find an image called "twin"', NO_SUCH)],
    [['--tag', 'nothing'], failure(6, 'Cannot find an image with tag "nothing"', NO_SUCH_TRAIT)],
    [
      ['--property', 'os_distro=x', '--tag', 'golden'],
      failure(6, 'Cannot find an image with tag "golden" and property os_distro=x', NO_SUCH_TRAIT),
    ],
    [
      ['twin'],
      failure(
        2,
        `Cannot tell which image "twin" is: 2 have that name: ${TWO} (active), ${THREE} (queued)`,
        'Give the ID of the one that is meant, as in: glance-cache-manage queue-image 22222222-2222-2222-2222-222222222222',
      ),
    ],
    [
      ['--property', 'os_distro'],
      failure(
        2,
        'Cannot use --property: "os_distro" is not KEY=VALUE',
        'Give a property and its value, as in --property=os_distro=debian',
      ),
    ],
  ];
  for (const [args, run] of unknown) {
    test(`queue-image ends with ${run.code} and queues nothing when called with "${args.join(' ')}"`, async () => {
      const it = await cloud();
      const before = it.cache.state();
      expect(await queue(it, TWO, ...args)).toEqual(run);
      expect(it.cache.state()).toEqual(before);
    });
  }

  test('queue-image tells the candidates in the details when an ambiguous name is given and json asked for', async () => {
    const { stderr } = await queue(await cloud(), 'twin', '--format', 'json');
    expect(JSON.parse(stderr)).toMatchObject({
      error: {
        code: 'USAGE_AMBIGUOUS_IMAGE',
        exit_code: 2,
        details: {
          name: 'twin',
          candidates: [
            { image_id: TWO, status: 'active' },
            { image_id: THREE, status: 'queued' },
          ],
        },
      },
    });
  });

  test('queue-image asks about each image that it has found, and does as it is told', async () => {
    const it = await cloud();
    const run = await it.manage(['queue-image', '--tag', 'golden', '--name', 'debian-13', TWO], { stdin: 'n\ny\n' });
    const question = (id: string) => `Queue image ${id} for caching? [y/N] `;
    expect(run).toEqual(success(question(TWO) + question(ONE)));
    expect(it.cache.names('queue')).toEqual([ONE]);
  });

  test('queue-image shows what it has found and changes nothing when it is a dry run', async () => {
    const it = await cloud();
    const before = it.cache.state();
    const run = await it.manage(['queue-image', '--tag', 'golden', '--dry-run', '--format', 'json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const planned = { action: 'queue', result: 'planned' };
    expect(itemsOf(run)).toMatchObject([FOUR, ONE].map((id) => ({ ...planned, image_id: id })));
    expect(it.cache.state()).toEqual(before);
  });

  test('queue-image asks nobody when all images are given by their IDs', async () => {
    const it = await cloud();
    it.env = { OS_CLOUD: 'missing' };
    expect(await queue(it, ONE, TWO)).toEqual(success());
    expect(it.cloud.requests).toEqual([]);
    const { code, stderr } = await queue(it, THREE, 'debian-13');
    expect(code).toBe(3);
    expect(stderr).toMatch(/^ERROR: Cannot .*"?missing.*\nhint: .+\n$/);
    expect(it.cache.names('queue')).toEqual([ONE, TWO]);
  });
});

describe.concurrent('--now', () => {
  for (const args of [
    [ONE],
    ['debian-13'],
    ['--tag', 'golden', '--name', 'debian-13'],
    ['--property', 'os_distro=debian'],
  ]) {
    test(`queue-image --now fetches the image, silently, when called with "${args.join(' ')}"`, async () => {
      const it = await cloud();
      it.queue(ONE);
      expect(await queue(it, '--now', ...args)).toEqual(success());
      expect(it.stateOf(ONE)).toEqual(FETCHED);
      expect(it.logins).toBeLessThanOrEqual(2);
    });
  }

  test('queue-image --now leaves the rest of the queue alone, and no marker of its own', async () => {
    const it = await cloud();
    it.queue(TWO);
    expect(await queue(it, '--now', ONE, '--name', NINE)).toEqual(success());
    expect([ONE, TWO, FOUR].map((id) => it.stateOf(id))).toEqual([FETCHED, QUEUED, FETCHED]);
  });

  test('queue-image --now ends with 0 and asks nobody when the image is cached already', async () => {
    const it = await cloud();
    it.cache.addImage(ONE);
    const before = it.cache.rows();
    expect(await queue(it, '--now', ONE)).toEqual(success());
    expect(it.cache.rows()).toEqual(before);
    expect(it.cloud.requests).toEqual([]);
  });

  test('queue-image --now asks first, and fetches nothing when the answer is no', async () => {
    const it = await cloud();
    const question = `Fetch image ${ONE} into the cache now? [y/N] `;
    for (const stdin of ['n\n', '\n']) {
      expect(await it.manage(['queue-image', '--now', 'debian-13'], { stdin })).toEqual(success(question));
    }
    expect((await it.manage(['queue-image', '--now', 'debian-13'])).code).toBe(1);
    expect(it.stateOf(ONE)).toEqual(DROPPED);
    expect(await it.manage(['queue-image', '--now', 'debian-13'], { stdin: 'y\n' })).toEqual(success(question));
    expect(it.stateOf(ONE)).toEqual(FETCHED);
  });

  test('queue-image --now shows the report of the prefetcher when somebody wants to see it', async () => {
    const it = await cloud();
    const plan = itemsOf(await queue(it, '--now', '--dry-run', '--format', 'json', ONE));
    expect(plan).toMatchObject([{ image_id: ONE, action: 'fetch', result: 'planned', name: 'debian-13', size: 1000 }]);
    const run = timeless(await queue(it, '--now', '-v', ONE));
    expect(run.stdout).toMatch(
      /^Fetched 1 image into .*, 1000 B(?: in .*)?\.\n(?:.*\n)*\| .* \| debian-13 \| http .*\n.*\nCompleted in N sec\.\n$/,
    );
  });

  test('queue-image --now fails as the prefetcher does, and takes its options', async () => {
    const it = await cloud();
    const heal = answerAll(it.cloud, isDownload, send(500, 'Go away'));
    const message = `Cannot download image ${ONE}: the server says "Go away" (HTTP 500) (req-4)`;
    const hint = 'Look at the log of the server if it goes on, and run it again later: <this command>';
    expect(await queue(it, '--now', '--retries', '0', ONE)).toEqual(failure(8, message, hint));
    expect(it.stateOf(ONE)).toEqual({ ...keptPart(0), isQueued: false });
    heal();
    expect(await queue(it, '--now', ONE)).toEqual(success());
    expect(it.stateOf(ONE)).toEqual(FETCHED);
  });
});
