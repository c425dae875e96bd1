import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useCache } from '../support/cache-fixture.ts';
import { RecordingCloud } from '../support/cloud/recording-cloud.ts';
import { rounds, seedOfRun } from '../support/rounds.ts';
import { anyLogin, understood } from './support/any-login.ts';
import { ourLogin, theirLogins } from './support/login-pairs.ts';
import { PLACES, writeLogin } from './support/logins.ts';

// The promise that what works with keystoneauth works here: the same login, written down in the same place, goes to a
// server by the real libraries and by our prefetcher, and the server is asked the same.

const cache = useCache();
let cloud: RecordingCloud;
beforeAll(async () => {
  cloud = await RecordingCloud.start();
});
afterAll(() => cloud.close());

const SEED = seedOfRun();

describe('a login as keystoneauth makes it', () => {
  test.each(PLACES)('is asked for the same way when it is in %s', async (place) => {
    const logins = fc.sample(anyLogin, { seed: SEED, numRuns: rounds(150, 5000) });
    const { outcomes } = await theirLogins(cloud, cache(), {
      caller: `theirs-${place}`,
      logins: logins.map((login) => {
        const read = understood(place, login);
        return (folder, base) => writeLogin(folder, read.place, read.login, base);
      }),
    });
    for (const [at, login] of logins.entries()) {
      const theirs = outcomes[at];
      const write = (folder: string, base: string) => writeLogin(folder, place, login, base);
      const ours = await ourLogin(cloud, cache(), { caller: `ours-${place}-${at}`, write });
      const asked = { seed: SEED, login, theirs: theirs?.said, ours: ours.said };
      expect({ requests: ours.requests, ...asked }).toEqual({ requests: theirs?.requests, ...asked });
      expect(ours.requests, JSON.stringify(asked)).not.toEqual([]);
    }
  });
});
