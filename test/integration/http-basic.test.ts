// A Glance that stands alone behind HTTP's own authentication: https://www.rfc-editor.org/rfc/rfc7617
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { behindBasicAuth } from '../support/cloud/basic-auth.ts';
import { answerAll, isDownload } from '../support/cloud/scripted.ts';
import { fakeRow } from '../support/fake-node.ts';
import { redirect, send } from '../support/http-answers.ts';
import { type Fleet, useFleets } from '../support/nodes.ts';
import { FETCHED, type PrefetchFixture, QUEUED, usePrefetch } from '../support/prefetch-fixture.ts';
import { type RunResult, success } from '../support/run-program.ts';

const IMAGE = idOf('1');
// With what a header could not hold as it is.
const USER = 'glänce cache';
const PASSWORD = 'pa:55 wörd: öffne';
const PAIR = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');

const prefetch = usePrefetch();
const fleets = useFleets();

async function start(): Promise<PrefetchFixture> {
  const it = await prefetch({ images: [{ id: IMAGE, sizeBytes: 1000 }] });
  it.queue(IMAGE);
  it.env = { OS_AUTH_TYPE: 'http_basic', OS_USERNAME: USER, OS_PASSWORD: PASSWORD, OS_ENDPOINT: it.cloud.glanceUrl };
  it.hide(PASSWORD);
  it.hide(PAIR);
  return it;
}

describe('http_basic', () => {
  test('sends user and password with every request to Glance, and asks no Keystone', async () => {
    const it = await start();
    const { sent } = behindBasicAuth(it.cloud, USER, PASSWORD);
    expect(await it.run()).toEqual(success());
    expect(it.stateOf(IMAGE)).toEqual(FETCHED);
    expect(sent.length).toBeGreaterThan(1);
    expect(new Set(sent.map((pair) => JSON.stringify(pair)))).toEqual(
      new Set([JSON.stringify([`Basic ${PAIR}`, undefined])]),
    );
    expect(it.cloud.requests.filter(({ service }) => service === 'keystone')).toEqual([]);
  });

  test('is taken from glance-cache.conf and from flags as well', async () => {
    const it = await start();
    behindBasicAuth(it.cloud, 'me', 'secret of mine');
    const { OS_ENDPOINT = '' } = it.env;
    it.env = {};
    it.cache.configure(
      '[cache_tools]',
      'auth_type = http_basic',
      'username = me',
      'password = of nobody',
      `endpoint = ${OS_ENDPOINT}`,
    );
    expect(await it.run(['--os-password', 'secret of mine'])).toEqual(success());
    expect(it.stateOf(IMAGE)).toEqual(FETCHED);
  });

  test.each([[[]], [['--debug']], [['--format', 'json']]])(
    'is refused once for all, and tells no secret, with %j',
    async (args) => {
      const it = await start();
      const { refused } = behindBasicAuth(it.cloud, USER, 'another one');
      const run = await it.run(args);
      expect(run.code).toBe(7);
      expect(run.stderr).toContain(
        `/v2\\": it refuses the user and the password`.replaceAll('\\', args.includes('json') ? '\\' : ''),
      );
      expect(run.stderr).toContain("to try them: curl -i -u 'glänce cache' http://127.0.0.1:9/v2");
      expect(refused).toHaveLength(1);
      expect(it.stateOf(IMAGE)).toEqual(QUEUED);
    },
  );

  test('is masked where Glance repeats it in another error', async () => {
    const it = await start();
    behindBasicAuth(it.cloud, USER, PASSWORD);
    answerAll(it.cloud, isDownload, (request, response) =>
      send(500, `no: ${request.headers.authorization} ${PASSWORD}`)(request, response),
    );
    const { code, stderr } = await it.run(['--retries', '0']);
    expect(code).toBe(8);
    expect(stderr).toContain('the server says "no: *** ***" (HTTP 500)');
  });

  test('goes to no other origin, where Glance leads elsewhere', async () => {
    const it = await start();
    const elsewhere = await start();
    behindBasicAuth(it.cloud, USER, PASSWORD);
    answerAll(it.cloud, isDownload, redirect(302, `${elsewhere.cloud.glanceUrl}/v2/images/${IMAGE}/file`));
    expect((await it.run(['--retries', '0'])).code).toBe(8);
    expect(elsewhere.cloud.requests).toEqual([]);
  });
});

describe('http_basic with --host', () => {
  const env = { OS_AUTH_TYPE: 'http_basic', OS_USERNAME: USER, OS_PASSWORD: PASSWORD };

  /** Nodes that take these passwords. */
  async function nodesWith(...passwords: readonly string[]): Promise<Fleet> {
    const fleet = await fleets(passwords.length);
    for (const [at, node] of fleet.nodes.entries()) {
      const expected = `Basic ${Buffer.from(`${USER}:${passwords[at]}`).toString('base64')}`;
      node.cached = [fakeRow(IMAGE)];
      node.instead = ({ headers }) => (headers.authorization === expected ? undefined : send(401));
    }
    return fleet;
  }

  function expectSecretive({ stdout, stderr }: RunResult): void {
    for (const secret of [PASSWORD, PAIR]) expect(stdout + stderr).not.toContain(secret);
  }

  test('lists what several nodes hold', async () => {
    const fleet = await nodesWith(PASSWORD, PASSWORD);
    const run = await fleet.manageAll(['list-cached', '--format', 'value', '--column', 'id'], { env });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout.split(IMAGE)).toHaveLength(3);
    expect(fleet.cloud.requests).toEqual([]);
  });

  test('names the node that refuses it', async () => {
    const fleet = await nodesWith(PASSWORD, 'another one');
    const [, second] = fleet.nodes;
    const run = await fleet.manageAll(['list-cached'], { env });
    expectSecretive(run);
    expect(run.code).toBe(10);
    expect(run.stderr).toContain(
      `1 of 2 nodes failed: Cannot ask Glance at "http://${second?.address}/v2/cache": it refuses the user and the password`,
    );
    expect(run.stderr).toContain("curl -i -u 'glänce cache' http://127.0.0.1:9/v2/cache");
  });
});
