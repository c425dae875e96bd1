// Bytes that do not come as they should: cut, short, long, wrong, late. None of it may show in the cache.
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { contentOf, hashOf } from '../support/cloud/contents.js';
import { answerAll, answerNext, isDownload } from '../support/cloud/scripted.ts';
import {
  cutAfter,
  drip,
  neverAnswer,
  reset,
  send,
  sendChunked,
  sendRaw,
  sendUntilClose,
  stallAfter,
} from '../support/http-answers.ts';
import type { Answer } from '../support/loopback-server.ts';
import {
  expectRecovery,
  FETCHED,
  type ImageState,
  itemsOf,
  keptPart,
  MIB,
  type PrefetchFixture,
  QUEUED,
  usePrefetch,
} from '../support/prefetch-fixture.ts';
import { failure, success } from '../support/run-program.ts';

const prefetch = usePrefetch();

const ONE = idOf('1');
const SIZE = 2 * MIB + 5;
const IMAGE = { id: ONE, sizeBytes: SIZE };
const CONTENT = contentOf(ONE, SIZE);
const CUT = 1_000_000;

const HINT_CUT =
  'Run it again; if it fails again, look at the log of the server and of what stands before it: curl -i http://127.0.0.1:9/v2/images/11111111-1111-1111-1111-111111111111/file';
const HINT_STALLED =
  'See whether the server is overloaded, or a firewall drops what it sends: curl -i http://127.0.0.1:9/v2/images/11111111-1111-1111-1111-111111111111/file';
const HINT_DAMAGED = `Look whether the image is damaged in the store of Glance: openstack image save --file /var/tmp/${ONE} ${ONE} && `;

/** The rest of the image from where it was asked for, as a 206 tells it; `sent` may be something else. */
function rest(sent: (rest: Buffer) => Answer): Answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]);
    response.setHeader('content-range', `bytes ${start}-${SIZE - 1}/${SIZE}`);
    return sent(CONTENT.subarray(start))(request, response);
  };
}

/** How a download goes wrong and still ends well, in one run. */
const MENDED: Readonly<
  Record<string, { readonly answers: readonly Answer[]; readonly args?: string[]; readonly ranges: readonly string[] }>
> = {
  'is cut in the middle': { answers: [cutAfter(CUT, CONTENT)], ranges: ['bytes=0-', `bytes=${CUT}-`] },
  'is cut twice': {
    answers: [cutAfter(CUT, CONTENT), rest((bytes) => cutAfter(50, bytes, 206))],
    ranges: ['bytes=0-', `bytes=${CUT}-`, `bytes=${CUT + 50}-`],
  },
  'is cut before its first byte': { answers: [cutAfter(0, CONTENT)], ranges: ['bytes=0-', 'bytes=0-'] },
  'is reset instead of an answer': { answers: [reset()], ranges: ['bytes=0-', 'bytes=0-'] },
  'ends too early and does not say so': {
    answers: [sendChunked(200, [CONTENT.subarray(0, CUT)])],
    ranges: ['bytes=0-', `bytes=${CUT}-`],
  },
  'ends with its connection, too early': {
    answers: [sendUntilClose(200, CONTENT.subarray(0, CUT))],
    ranges: ['bytes=0-', `bytes=${CUT}-`],
  },
  'is followed by bytes that are none of it': {
    answers: [
      sendRaw(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${SIZE}\r\n\r\n`), CONTENT, CONTENT])),
    ],
    ranges: ['bytes=0-'],
  },
  'comes whole although a part was asked for': {
    answers: [cutAfter(CUT, CONTENT), send(200, CONTENT)],
    ranges: ['bytes=0-', `bytes=${CUT}-`],
  },
  'comes to a standstill': {
    answers: [stallAfter(CUT, CONTENT)],
    args: ['--stall-timeout', '2'],
    ranges: ['bytes=0-', `bytes=${CUT}-`],
  },
  'does not begin in time': {
    answers: [neverAnswer()],
    args: ['--stall-timeout', '2'],
    ranges: ['bytes=0-', 'bytes=0-'],
  },
  // Long enough for a busy machine, and longer in all than a standstill may be.
  'drips, and never stands still for long': {
    answers: [drip(CONTENT, Math.ceil(SIZE / 24), 250)],
    args: ['--stall-timeout', '5'],
    ranges: ['bytes=0-'],
  },
};

describe.concurrent('a fault that passes', () => {
  for (const [fault, { answers, args, ranges }] of Object.entries(MENDED)) {
    test(`the prefetcher fetches the image silently when its download ${fault}`, async () => {
      const it = await prefetch({ images: [IMAGE] });
      it.queue(ONE);
      const left = answerNext(it.cloud, isDownload, ...answers);
      expect(await it.run(args)).toEqual(success());
      expect(it.stateOf(ONE)).toEqual(FETCHED);
      expect(it.rangesOf(ONE)).toEqual(ranges);
      expect(left()).toBe(0);
    });
  }

  test('the prefetcher asks for the image as a whole when the store cannot begin in the middle', async () => {
    const it = await prefetch({ images: [{ ...IMAGE, takesRanges: false }] });
    it.queue(ONE);
    answerNext(it.cloud, isDownload, cutAfter(CUT, CONTENT));
    expect(await it.run()).toEqual(success());
    expect(it.stateOf(ONE)).toEqual(FETCHED);
    expect(it.rangesOf(ONE)).toEqual(['bytes=0-', `bytes=${CUT}-`, 'bytes=0-', undefined]);
  });
});

function cannotGet(it: PrefetchFixture, state: string): string {
  return `Cannot get "${it.cloud.glanceUrl}/v2/images/${ONE}/file": ${state}`;
}

describe.concurrent('a fault that stays', () => {
  test('the prefetcher ends with 8 and keeps the part when a download is cut more often than it tries', async () => {
    const it = await prefetch({ images: [IMAGE] });
    it.queue(ONE);
    const heal = answerAll(
      it.cloud,
      isDownload,
      rest((bytes) => cutAfter(1000, bytes, 206)),
    );
    const state = 'the connection ended before the answer was complete';
    expect(await it.run(['--retries', '2'])).toEqual(failure(8, cannotGet(it, state), HINT_CUT));
    expect(it.stateOf(ONE)).toEqual(keptPart(3000));
    expect(it.rangesOf(ONE)).toEqual(['bytes=0-', 'bytes=1000-', 'bytes=2000-']);
    heal();
    await expectRecovery(it, ONE);
    expect(it.rangesOf(ONE).at(-1)).toBe('bytes=3000-');
  });

  for (const [when, { answer, state, partBytes }] of Object.entries({
    'does not begin in time': { answer: neverAnswer(), state: 'no answer came in time', partBytes: 0 },
    'comes to a standstill': {
      answer: stallAfter(CUT, CONTENT),
      state: 'the answer came to a standstill',
      partBytes: CUT,
    },
  })) {
    test(`the prefetcher ends with 8 and keeps the part when a download ${when} and is not tried again`, async () => {
      const it = await prefetch({ images: [IMAGE] });
      it.queue(ONE);
      answerNext(it.cloud, isDownload, answer);
      const run = await it.run(['--retries', '0', '--stall-timeout', '2']);
      expect(run).toEqual(failure(8, cannotGet(it, state), HINT_STALLED));
      expect(it.stateOf(ONE)).toEqual(keptPart(partBytes));
      await expectRecovery(it, ONE);
      expect(it.rangesOf(ONE).at(-1)).toBe(`bytes=${partBytes}-`);
    });
  }

  test('the prefetcher ends with 8 when a part is answered with other bytes than were asked for', async () => {
    const it = await prefetch({ images: [IMAGE] });
    it.queue(ONE);
    const other = { 'content-range': `bytes 5-${SIZE - 1}/${SIZE}` };
    answerNext(it.cloud, isDownload, cutAfter(CUT, CONTENT), send(206, CONTENT.subarray(5), other));
    const message = `Cannot download image ${ONE}: asked for its bytes from ${CUT} on, Glance sends others`;
    const hint =
      'Look at what is in front of Glance, as its answer to a request with a Range does not fit: openstack catalog show image';
    expect(await it.run()).toEqual(failure(8, message, hint));
    expect(it.stateOf(ONE)).toEqual(keptPart(CUT));
    await expectRecovery(it, ONE);
  });
});

/** After bytes that are not those of the image: no part, but the memory of it. */
const MISMATCHED: ImageState = { ...QUEUED, mismatches: 1 };

const WRONG: Readonly<Record<string, { readonly answers: readonly Answer[]; readonly state: string }>> = {
  'are fewer than announced, again and again': {
    answers: [
      sendChunked(200, [CONTENT.subarray(0, CUT)]),
      rest(() => sendChunked(206, [])),
      sendChunked(200, [CONTENT.subarray(0, CUT)]),
      rest(() => sendChunked(206, [])),
    ],
    state: `they are ${CUT} B, not ${SIZE} B`,
  },
  'are announced to be fewer than Glance says': {
    answers: [send(200, CONTENT.subarray(0, CUT))],
    state: `they are ${CUT} B, not ${SIZE} B`,
  },
  'are announced to be more than Glance says': {
    answers: [cutAfter(SIZE, Buffer.concat([CONTENT, CONTENT]))],
    state: `they are ${2 * SIZE} B, not ${SIZE} B`,
  },
  'have the right number and are others': {
    answers: [send(200, contentOf(idOf('2'), SIZE))],
    state: `their sha512 is ${hashOf('sha512', idOf('2'), SIZE)}, not ${hashOf('sha512', ONE, SIZE)}`,
  },
};

describe.concurrent('wrong bytes', () => {
  for (const [how, { answers, state }] of Object.entries(WRONG)) {
    test(`the prefetcher ends with 9 and removes the part when the bytes ${how}`, async () => {
      const it = await prefetch({ images: [IMAGE] });
      it.queue(ONE);
      const left = answerNext(it.cloud, isDownload, ...answers);
      const { code, stderr } = await it.run();
      // A part that was put together is fetched once more as a whole, and said so.
      expect({ code, error: stderr.replace(/^.* WARNING .*; starting over\n/, '') }).toEqual({
        code: 9,
        error: `ERROR: Cannot use the bytes of image ${ONE}: ${state}\nhint: ${HINT_DAMAGED}${state.includes('sha512') ? 'openssl dgst -sha512' : 'ls -l'} /var/tmp/${ONE}\n`,
      });
      expect(it.stateOf(ONE)).toEqual(MISMATCHED);
      expect(left()).toBe(0);
      await expectRecovery(it, ONE, ['--image', ONE]);
    });
  }

  test('the prefetcher ends with 9 and removes the part when there are more bytes than there may be', async () => {
    const it = await prefetch({ images: [IMAGE] });
    it.queue(ONE);
    answerNext(it.cloud, isDownload, sendChunked(200, [CONTENT, CONTENT]));
    const message = `Cannot take the image: there are more bytes than the ${SIZE} expected`;
    const hint = 'Compare the size that "openstack image show" gives for the image with its file in the store';
    expect(await it.run()).toEqual(failure(9, message, hint));
    expect(it.stateOf(ONE)).toEqual(MISMATCHED);
    await expectRecovery(it, ONE, ['--image', ONE]);
  });

  test('the prefetcher leaves an image alone for an hour when its bytes were wrong, unless it is asked for', async () => {
    const wrong = { os_hash_value: '0'.repeat(128) };
    const it = await prefetch({ images: [{ ...IMAGE, overrides: wrong }] });
    it.queue(ONE);
    expect((await it.run()).code).toBe(9);
    const run = await it.run(['--format', 'json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(itemsOf(run)).toMatchObject([{ image_id: ONE, result: 'skipped', reason: 'backing-off', error: null }]);
    expect(it.rangesOf(ONE)).toHaveLength(1);
    expect((await it.run(['--image', ONE])).code).toBe(9);
    expect(it.stateOf(ONE)).toEqual({ ...MISMATCHED, mismatches: 2 });
    it.cloud.images.set(ONE, { ...it.cloud.images.get(ONE), id: ONE, overrides: {} });
    await expectRecovery(it, ONE, ['--image', ONE]);
  });
});
