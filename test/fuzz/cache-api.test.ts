// A node, or what stands before it, may answer anything. Whoever asks for its cache gets what makes sense, or a sentence
// about what does not; and nothing is removed on the node but what was to be.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CacheApi } from '../../src/cache-api/cache-api.ts';
import { CacheError } from '../../src/errors/cache-error.ts';
import { hasUnprintable } from '../../src/text/printable.ts';
import { FakeNode, fakeRow, useCacheApi } from '../support/fake-node.ts';
import { sendRaw } from '../support/http-answers.ts';
import { useHttpServer } from '../support/http-server.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import { NO_SIGNAL } from '../support/transports.ts';
import { trouble, troubledAnswer } from '../support/troubled-answers.ts';
import { imageIdOf } from '../unit/glance/image-ids.ts';

const server = useHttpServer();
const cacheApi = useCacheApi();
const [A, B] = [imageIdOf(1), imageIdOf(2)];

// Not of an image that is in the other place: where a node lies about that, its one call for both does as it is told.
/** What may be asked, and which of A in the cache and B in the queue it may remove. */
const CALLS: readonly (readonly [(api: CacheApi) => Promise<unknown>, readonly string[]])[] = [
  [(api) => api.list(NO_SIGNAL), []],
  [(api) => api.queue(A, NO_SIGNAL), []],
  [(api) => api.deleteCached(A, NO_SIGNAL), [A]],
  [(api) => api.deleteQueued(B, NO_SIGNAL), [B]],
  [(api) => api.deleteAllCached(NO_SIGNAL), [A]],
  [(api) => api.deleteAllQueued(NO_SIGNAL), [B]],
  [(api) => api.prune(NO_SIGNAL), []],
  [(api) => api.clean(NO_SIGNAL), []],
];

const BODY = { cached_images: [fakeRow(A)], queued_images: [B], num_deleted: 1, versions: [{ id: 'v2.16' }] };

/** The call's result as text, of which no terminal obeys a part; what is no error of ours fails the test. */
async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    return String(JSON.stringify(await call));
  } catch (error) {
    expect(error).toBeInstanceOf(CacheError);
    return error instanceof CacheError ? `${error.message} ${error.hint ?? ''}` : '';
  }
}

test(
  'a call ends as foreseen and removes nothing else whatever a node answers',
  async () => {
    const kinds = fc.record({ hasCacheApi: fc.boolean(), hasOlder: fc.boolean(), hasPrune: fc.boolean() });
    const round = fc.asyncProperty(
      fc.constantFrom(...CALLS),
      kinds,
      trouble,
      fc.nat(4),
      async ([call, removes], kind, how, place) => {
        const node = Object.assign(new FakeNode(), kind, { cached: [fakeRow(A)], queued: [B], images: new Map() });
        const troubled = sendRaw(troubledAnswer(how, BODY));
        const answers = Array.from({ length: place + 1 }, (_, at) => (at === place ? troubled : node.answer));
        server().answerWith(...answers, node.answer);
        const { api } = cacheApi(server().origin);
        const told = [await outcomeOf(call(api)), ...api.doubts()].join(' ');
        expect(hasUnprintable(told), told).toBe(false);
        const left = [...node.cached.map((row) => row.image_id), ...node.queued];
        expect(left).toEqual(expect.arrayContaining([A, B].filter((imageId) => !removes.includes(imageId))));
      },
    );
    await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(100, 20_000) });
  },
  patienceMs(60_000),
);
