// What the prefetcher does and says when all is as it should be, or there is nothing to do.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { idOf } from '../support/cache-fixture.ts';
import { contentOf } from '../support/cloud/contents.js';
import { isDownload } from '../support/cloud/scripted.ts';
import {
  DROPPED,
  FETCHED,
  type ImageState,
  MIB,
  PASSWORD,
  type PrefetchFixture,
  QUEUED,
  usePrefetch,
} from '../support/prefetch-fixture.ts';
import { failure, success, withoutTime } from '../support/run-program.ts';

const prefetch = usePrefetch();

const [ONE, TWO, THREE, FOUR, FIVE] = [idOf('1'), idOf('2'), idOf('3'), idOf('4'), idOf('5')];

/** Images of all sorts, of which the second lies in the file store. All are queued, with one that Glance does not have. */
async function allSorts(): Promise<PrefetchFixture> {
  const it = await prefetch({
    images: [
      { id: ONE, sizeBytes: MIB, name: 'debian' },
      { id: TWO, sizeBytes: 10, name: 'two\u001bwords' },
      { id: THREE, sizeBytes: 5, status: 'deactivated' },
      { id: FOUR, status: 'saving' },
    ],
  });
  const store = join(it.cache.base, 'store');
  mkdirSync(store);
  writeFileSync(join(store, TWO), contentOf(TWO, 10));
  it.cache.configure('[glance_store]', `filesystem_store_datadir = ${store}`);
  it.queue(ONE, TWO, THREE, FOUR, FIVE);
  return it;
}

const NOTHING = {
  reason: null,
  area: null,
  name: null,
  source: null,
  size: null,
  fetched: null,
  resumed: null,
  elapsed: null,
  error: null,
  message: null,
};

/** What is said of {@link allSorts}. */
function items(result: 'planned' | 'done', elapsed: unknown): readonly unknown[] {
  const fetch = { ...NOTHING, action: 'fetch' };
  return [
    { ...fetch, image_id: ONE, result, name: 'debian', source: 'http', size: MIB, fetched: MIB, resumed: 0, elapsed },
    {
      ...fetch,
      image_id: TWO,
      result,
      name: 'two\u001bwords',
      source: 'store',
      size: 10,
      fetched: 10,
      resumed: 0,
      elapsed,
    },
    { ...fetch, image_id: THREE, result: 'skipped', reason: 'deactivated', name: 'image 33333333', size: 5 },
    { ...fetch, image_id: FOUR, result: 'skipped', reason: 'not-ready', name: 'image 44444444' },
    { ...NOTHING, image_id: FIVE, action: 'unqueue', result, reason: 'deleted', area: 'queue' },
  ];
}

function warning(imageId: string): string {
  return `WARNING glance_cache_tools.prefetcher [-] fetch ${imageId} "image 33333333": skipped (deactivated in Glance, 5 B)\n`;
}

const STATES: Readonly<Record<string, ImageState>> = {
  [ONE]: FETCHED,
  [TWO]: FETCHED,
  [THREE]: QUEUED,
  [FOUR]: QUEUED,
  [FIVE]: DROPPED,
};

describe.concurrent('the report', () => {
  test('the dry run changes nothing and tells what would be fetched from where, and the run then does that', async () => {
    const it = await allSorts();
    const before = it.cache.state();
    const plan = await it.run(['--dry-run', '--format', 'json']);
    expect({ ...plan, stdout: JSON.parse(plan.stdout) as unknown }).toEqual({
      code: 0,
      stderr: '',
      stdout: {
        program: 'glance-cache-prefetcher',
        dry_run: true,
        cache_dir: it.cache.root,
        fetched_images: 2,
        fetched_bytes: MIB + 10,
        elapsed: expect.any(Number) as number,
        items: items('planned', null),
      },
    });
    expect(it.cache.state()).toEqual(before);
    expect(it.cloud.requests.filter(isDownload)).toEqual([]);

    const run = await it.run(['--format', 'json']);
    expect({ ...run, stdout: JSON.parse(run.stdout) as unknown, stderr: withoutTime(run.stderr) }).toEqual({
      code: 0,
      stderr: warning(THREE),
      stdout: {
        program: 'glance-cache-prefetcher',
        dry_run: false,
        cache_dir: it.cache.root,
        fetched_images: 2,
        fetched_bytes: MIB + 10,
        elapsed: expect.any(Number) as number,
        items: items('done', expect.any(Number)),
      },
    });
    for (const [imageId, state] of Object.entries(STATES)) expect(it.stateOf(imageId)).toEqual(state);
  });

  test('the dry run tells the same in every format', async () => {
    const it = await allSorts();
    const yaml = await it.run(['--dry-run', '--format', 'yaml']);
    expect(parse(yaml.stdout)).toMatchObject({ dry_run: true, items: items('planned', null) });
    expect(await it.run(['--dry-run', '--format', 'csv'])).toEqual(
      success(`image_id,action,result,reason,area,name,source,size,fetched,resumed,elapsed,error,message
${ONE},fetch,planned,,,debian,http,1048576,1048576,0,,,
${TWO},fetch,planned,,,two\\x1bwords,store,10,10,0,,,
${THREE},fetch,skipped,deactivated,,image 33333333,,5,,,,,
${FOUR},fetch,skipped,not-ready,,image 44444444,,,,,,,
${FIVE},unqueue,planned,deleted,queue,,,,,,,,
`),
    );
    expect(await it.run(['--dry-run', '--format', 'value'])).toEqual(
      success(`${ONE} fetch planned - - debian http 1048576 1048576 0 - - -
${TWO} fetch planned - - two\\x1bwords store 10 10 0 - - -
${THREE} fetch skipped deactivated - image 33333333 - 5 - - - - -
${FOUR} fetch skipped not-ready - image 44444444 - - - - - - -
${FIVE} unqueue planned deleted queue - - - - - - - -
`),
    );
  });

  test('the prefetcher shows a table to people when it is a dry run or --verbose is given', async () => {
    const it = await allSorts();
    const plan = await it.run(['--dry-run']);
    expect(plan).toMatchObject({ code: 0, stderr: '' });
    expect(plan.stdout).toBe(`Would fetch 2 images into ${it.cache.root}, 1048586 B (dry run: nothing was changed).
Left 2 images alone.
+--------------------------------------+---------+---------+-----------------------+--------+----------------+--------+-----------+-----------+
| ID                                   | Action  | Result  | Reason                | Folder | Name           | Source |      Size |   Fetched |
+--------------------------------------+---------+---------+-----------------------+--------+----------------+--------+-----------+-----------+
| ${ONE} | fetch   | planned |                       |        | debian         | http   | 1048576 B | 1048576 B |
| ${TWO} | fetch   | planned |                       |        | two\\x1bwords   | store  |      10 B |      10 B |
| ${THREE} | fetch   | skipped | deactivated in Glance |        | image 33333333 |        |       5 B |           |
| ${FOUR} | fetch   | skipped | not ready in Glance   |        | image 44444444 |        |           |           |
| ${FIVE} | unqueue | planned | deleted in Glance     | queue  |                |        |           |           |
+--------------------------------------+---------+---------+-----------------------+--------+----------------+--------+-----------+-----------+
`);
    const { code, stdout } = await it.run(['-v']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Fetched 2 images into \S+, 1048586 B(?: in .*)?\.\nLeft 2 images alone\.\n.*\n\| ID .* \| +Fetched \| Seconds \|\n/,
    );
  });

  test('the log has a line for each image, and standard error has those that matter', async () => {
    const it = await allSorts();
    const log = join(it.cache.base, 'x.log');
    const { code, stdout, stderr } = await it.run(['--log-file', log]);
    expect({ code, stdout, stderr: withoutTime(stderr) }).toEqual({ code: 0, stdout: '', stderr: warning(THREE) });
    expect(logLines(it, log)).toEqual([
      `INFO fetch ${ONE} "debian": done (from http, 1048576 B, N s)`,
      `INFO fetch ${TWO} "two\\x1bwords": done (from store, 10 B, N s)`,
      `INFO unqueue ${FIVE}: done (deleted in Glance)`,
      `WARNING fetch ${THREE} "image 33333333": skipped (deactivated in Glance, 5 B)`,
    ]);
  });
});

/** The lines of a log, in the order of the alphabet. */
function logLines(it: PrefetchFixture, path: string): readonly string[] {
  const log = withoutTime(it.read(path)).replaceAll(/\d+\.\d s\)/g, 'N s)');
  return log
    .replaceAll(' glance_cache_tools.prefetcher [-]', '')
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

/** Who must not be asked when there is nothing to ask about. */
const BROKEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  none: {},
  'incomplete ones': { OS_USERNAME: 'glance' },
  'a cloud that no file has': { OS_CLOUD: 'missing' },
  'a URL that is none': { OS_AUTH_URL: 'nonsense', OS_USERNAME: 'x', OS_PASSWORD: PASSWORD, OS_PROJECT_NAME: 'x' },
};

/** Everything there is, but for what the toolkit remembers of its runs. */
function beyondTools({ cache }: PrefetchFixture): unknown {
  const { entries, rows } = cache.state();
  return [entries.filter(({ path }) => !path.startsWith(basename(cache.layout.tools))), rows];
}

describe.concurrent('an empty queue', () => {
  for (const [what, env] of Object.entries(BROKEN)) {
    test(`the prefetcher does nothing, silently, when the credentials are ${what}`, async () => {
      const it = await prefetch();
      it.env = env;
      it.cache.addFile('queue', 'not-an-image', { size: 0 });
      mkdirSync(it.cache.layout.tools);
      const before = beyondTools(it);
      expect(await it.run()).toEqual(success());
      expect(beyondTools(it)).toEqual(before);
      expect(it.cloud.requests).toEqual([]);
    });
  }

  test('the prefetcher says that nothing is queued when somebody wants to know', async () => {
    const it = await prefetch();
    const nothing = `Nothing is queued in ${it.cache.root}.\n`;
    expect(await it.run(['-v'])).toEqual(success(nothing));
    expect(await it.run(['--dry-run'])).toEqual(success(nothing));
    const { stdout } = await it.run(['--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ dry_run: false, fetched_images: 0, items: [] });
    expect(it.cloud.requests).toEqual([]);
  });

  test('the prefetcher makes nothing when the cache directory is missing', async () => {
    const it = await prefetch();
    const missing = join(it.cache.base, 'missing');
    it.cache.configureExactly('[DEFAULT]', `image_cache_dir = ${missing}`);
    expect(await it.run()).toEqual(success());
    expect(existsSync(missing)).toBe(false);
  });
});

describe.concurrent('credentials', () => {
  test('the prefetcher ends with 3 and says where to put them when something is queued and there are none', async () => {
    const it = await prefetch({ images: [{ id: ONE }] });
    it.queue(ONE);
    const before = it.cache.state();
    it.env = {};
    const hint =
      'Source an openrc file (OS_AUTH_URL, OS_USERNAME and so on), or set auth_url, username, password and so on in [keystone_authtoken] or [cache_tools] of the configuration, or name a cloud of clouds.yaml, with OS_CLOUD or as in: <this command> --os-cloud admin';
    const expected = failure(3, 'Cannot log in to Keystone: no credentials are given', hint);
    for (const args of [[], ['--dry-run'], ['--image', ONE]]) expect(await it.run(args)).toEqual(expected);
    expect(it.cache.state()).toEqual(before);
  });

  for (const [what, env] of Object.entries(BROKEN)) {
    test(`the prefetcher ends with 3, an error and a hint when something is queued and the credentials are ${what}`, async () => {
      const it = await prefetch({ images: [{ id: ONE }] });
      it.queue(ONE);
      it.env = env;
      const { code, stdout, stderr } = await it.run();
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toMatch(/^ERROR: Cannot .+\nhint: .+\n$/);
      expect(it.stateOf(ONE)).toEqual(QUEUED);
      expect(it.cloud.requests).toEqual([]);
    });
  }
});
