// Several images in one run: how many at a time, in which order, and what becomes of the others when one goes wrong.
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { contentOf } from '../support/cloud/contents.js';
import { answerAll, before, isDownload, isLookup, ofImage } from '../support/cloud/scripted.ts';
import { neverAnswer, send } from '../support/http-answers.ts';
import { FETCHED, keptPart, type PrefetchFixture, QUEUED, usePrefetch } from '../support/prefetch-fixture.ts';
import { failure, success, withoutTime } from '../support/run-program.ts';

const prefetch = usePrefetch();

const IDS = ['1', '2', '3', '4', '5', '6'].map(idOf);
const [ONE = '', TWO = '', THREE = ''] = IDS;
const SIZE = 5000;

async function queued(ids: readonly string[] = IDS): Promise<PrefetchFixture> {
  const it = await prefetch({ images: ids.map((id) => ({ id, sizeBytes: SIZE })) });
  it.queue(...ids);
  return it;
}

/** How long a download that is one too many would take to come, milliseconds. */
const ONE_TOO_MANY_MS = 100;

/**
 * Lets downloads wait until as many have come as are meant to run side by side, or no more are left.
 *
 * @returns the most that ran at a time
 */
function holdTogether(it: PrefetchFixture, count: number): () => number {
  let most = 0;
  let left = IDS.length;
  const waiting: (() => void)[] = [];
  answerAll(it.cloud, isDownload, async (request, response) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      most = Math.max(most, waiting.length);
      if (waiting.length !== Math.min(count, left)) return;
      setTimeout(() => {
        left -= waiting.length;
        for (const goOn of waiting.splice(0)) goOn();
      }, ONE_TOO_MANY_MS);
    });
    response.writeHead(200, { 'content-length': SIZE }).end(contentOf(request.url.split('/').at(-2) ?? '', SIZE));
  });
  return () => most;
}

describe.concurrent('side by side', () => {
  for (const [args, jobs] of [
    [[], 4],
    [['-j', '1'], 1],
    [['--jobs=2'], 2],
    [['-j6'], 6],
  ] as const) {
    test(`the prefetcher downloads ${jobs} images at a time when called with "${args.join(' ')}"`, async () => {
      const it = await queued();
      const most = holdTogether(it, jobs);
      expect(await it.run(args)).toEqual(success());
      expect(most()).toBe(jobs);
      expect(IDS.map((id) => it.stateOf(id))).toEqual(IDS.map(() => FETCHED));
    });
  }

  test('the prefetcher begins with the images that were queued first', async () => {
    const order = [THREE, ONE, TWO];
    const it = await queued(order);
    expect(await it.run(['-j', '1'])).toEqual(success());
    const asked = it.cloud.requests.filter(isDownload).map(({ path }) => path.split('/').at(-2));
    expect(asked).toEqual(order);
  });
});

const NOT_FOR_YOU = 'the server says "Not for you" (HTTP 403)';

describe.concurrent('when some fail', () => {
  test('the prefetcher ends with 10 and fetches all others when one image has the wrong bytes', async () => {
    const it = await queued();
    answerAll(it.cloud, ofImage(TWO, isDownload), send(200, contentOf(ONE, SIZE)));
    const { code, stdout, stderr } = await it.run();
    expect({ code, stdout }).toEqual({ code: 10, stdout: '' });
    expect(stderr).toMatch(
      /^ERROR: Cannot do everything: 1 of 6 items failed: Cannot use the bytes of image 2\S+: their sha512 is .*\nhint: Look .*\n$/,
    );
    expect(it.stateOf(TWO)).toEqual({ ...QUEUED, mismatches: 1 });
    expect(IDS.filter((id) => it.stateOf(id).isCached)).toEqual(IDS.filter((id) => id !== TWO));
  });

  test('the prefetcher tells of each failure when there are several, and ends with the gravest code when all failed', async () => {
    const it = await queued([ONE, TWO, THREE]);
    answerAll(it.cloud, ofImage(ONE, isLookup), send(403, 'Not for you'));
    answerAll(it.cloud, ofImage(TWO, isDownload), send(200, contentOf(ONE, SIZE)));
    answerAll(it.cloud, ofImage(THREE, isDownload), send(500, 'Go away'));
    const { code, stderr } = await it.run(['--retries', '0']);
    expect(code).toBe(9);
    const lines = withoutTime(stderr).replaceAll(' glance_cache_tools.prefetcher [-] ', ' ').split('\n');
    expect(lines.filter((line) => line.startsWith('ERROR fetch')).sort()).toEqual([
      expect.stringMatching(`^ERROR fetch ${ONE}: failed \\(Cannot get image ${ONE}: the server says "Not for you"`),
      expect.stringMatching(
        `^ERROR fetch ${TWO} "image 2.*": failed \\(Cannot use the bytes of image ${TWO}: their sha512`,
      ),
      expect.stringMatching(
        `^ERROR fetch ${THREE} "image 3.*": failed \\(Cannot download image ${THREE}: the server says "Go`,
      ),
    ]);
    expect(lines.at(-3)).toContain(`ERROR: Cannot use the bytes of image ${TWO}: their sha512`);
    expect([ONE, TWO, THREE].map((id) => it.stateOf(id))).toEqual([QUEUED, { ...QUEUED, mismatches: 1 }, keptPart(0)]);
  });

  test('the prefetcher asks no more once Glance cannot be reached, and ends with 8', async () => {
    const it = await queued();
    const elsewhere = 'http://127.0.0.1:1/v2';
    const { code, stderr } = await it.run(['--retries', '0', '-j', '1', '--os-endpoint-override', elsewhere]);
    expect(code).toBe(8);
    expect(stderr).toMatch(
      /\nERROR: Cannot get "http:\/\/127\.0\.0\.1:1\/v2\/images\/1\S+": the connection was refused \(ECONNREFUSED\)\nhint: /,
    );
    expect(IDS.map((id) => it.stateOf(id))).toEqual(IDS.map(() => QUEUED));
    expect(await it.run()).toEqual(success());
  });

  test('the prefetcher asks no more once Glance stands still, and ends with 8', async () => {
    const it = await queued();
    const heal = answerAll(it.cloud, isLookup, neverAnswer());
    expect((await it.run(['--retries', '0', '-j', '1', '--stall-timeout', '2'])).code).toBe(8);
    expect(it.cloud.requests.filter(isLookup)).toHaveLength(1);
    heal();
    expect(await it.run()).toEqual(success());
  });

  test('the prefetcher tries each image only once more in the next run when the first one failed', async () => {
    const it = await queued([ONE, TWO]);
    const heal = answerAll(it.cloud, ofImage(ONE, isLookup), send(403, 'Not for you'));
    const told: string[] = [];
    before(it.cloud, isDownload, ({ path }) => void told.push(path));
    const run = await it.run();
    expect(run).toEqual(
      failure(
        10,
        `Cannot do everything: 1 of 2 items failed: Cannot get image ${ONE}: ${NOT_FOR_YOU} (req-3)`,
        'Log in to a project whose role is enough: Glance wants a project, and for some images an admin; what there is: openstack role assignment list --names --auth-user',
      ),
    );
    heal();
    expect(await it.run()).toEqual(success());
    expect(told).toEqual([TWO, ONE].map((id) => `/v2/images/${id}/file`));
  });
});
