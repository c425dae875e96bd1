// What changes the caches of other nodes: questions, sentences, reports.
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { fakeRow } from '../support/fake-node.ts';
import { type Fleet, type TestNode, useFleets } from '../support/nodes.ts';
import { itemsOf } from '../support/prefetch-fixture.ts';
import { failure, success, timeless } from '../support/run-program.ts';

const fleets = useFleets();

const [ONE, TWO, THREE] = ['1', '2', '3'].map(idOf) as [string, string, string];

const CLOUD = {
  images: [
    { id: ONE, name: 'debian-13', tags: ['golden'] },
    { id: TWO, tags: ['golden'] },
  ],
};

async function twoNodes(): Promise<{ fleet: Fleet; one: TestNode; two: TestNode }> {
  const fleet = await fleets(2, CLOUD);
  const [one, two] = fleet.nodes as [TestNode, TestNode];
  for (const node of fleet.nodes) {
    node.images = new Map([ONE, TWO, THREE].map((id) => [id, 'active']));
    node.cached = [fakeRow(ONE), fakeRow(TWO)];
    node.queued = [THREE];
  }
  return { fleet, one, two };
}

function cachedOn(node: TestNode): readonly string[] {
  return node.cached.map(({ image_id: id }) => id);
}

describe.concurrent('one host', () => {
  test('questions and sentences are those of the stock tool', async () => {
    const { fleet, one } = await twoNodes();
    const manage = (...args: readonly string[]) =>
      fleet.manage(['--host', one.address, '-v', ...args], { stdin: 'y\n' });
    const said = async (...args: readonly string[]) => timeless(await manage(...args)).stdout;
    expect(await said('delete-cached-image', ONE.toUpperCase())).toBe(
      `Delete cached image ${ONE}? [y/N] Deleted cached image ${ONE}\nCompleted in N sec.\n`,
    );
    expect(await said('delete-queued-image', THREE)).toBe(
      `Delete queued image ${THREE}? [y/N] Deleted queued image ${THREE}\nCompleted in N sec.\n`,
    );
    expect(await said('queue-image', ONE)).toBe(
      `Queue image ${ONE} for caching? [y/N] Queued image ${ONE} for caching\nCompleted in N sec.\n`,
    );
    expect([cachedOn(one), one.queued]).toEqual([[TWO], [ONE]]);
    expect(await said('delete-all-cached-images')).toBe(
      'Delete all cached images? [y/N] Deleted 1 cached images\nCompleted in N sec.\n',
    );
    expect(await said('-f', 'delete-all-queued-images')).toBe('Deleted 1 queued images\nCompleted in N sec.\n');
    expect([cachedOn(one), one.queued]).toEqual([[], []]);
  });

  test('no answer but yes changes anything', async () => {
    const { fleet, one } = await twoNodes();
    const manage = (stdin: string) => fleet.manage(['--host', one.address, 'delete-all-cached-images'], { stdin });
    for (const answer of ['n\n', '\n', 'no way\n']) {
      expect(await manage(answer)).toEqual(success('Delete all cached images? [y/N] '));
    }
    expect((await manage('')).code).toBe(1);
    expect(one.changes).toEqual([]);
  });

  test('what needs nothing done is said on standard error, and ends with 0', async () => {
    const { fleet, one } = await twoNodes();
    const manage = (...args: readonly string[]) => fleet.manage(['--host', one.address, '-f', ...args]);
    expect(await manage('delete-cached-image', THREE)).toEqual({
      ...success(),
      stderr: `Nothing to delete: image ${THREE} was not cached\n`,
    });
    expect(await manage('queue-image', ONE, THREE)).toEqual({
      ...success(),
      stderr: `Not queued: image ${ONE} is cached already\nNot queued: image ${THREE} is queued already\n`,
    });
    expect(one.changes).toEqual([]);
  });

  test('an image that Glance does not know ends with 6', async () => {
    const { fleet, one } = await twoNodes();
    const unknown = idOf('9');
    const run = await fleet.manage(['--host', one.address, '-f', 'queue-image', unknown]);
    expect(run).toMatchObject({ code: 6, stdout: '' });
    expect(run.stderr).toContain(`ERROR: Cannot queue image ${unknown} on "${one.address}"`);
  });
});

describe.concurrent('several hosts', () => {
  test('questions and sentences name them', async () => {
    const { fleet, one, two } = await twoNodes();
    const both = `${one.address}, ${two.address}`;
    const run = await fleet.manageAll(['-v', 'delete-cached-image', ONE], { stdin: 'y\n' });
    expect(timeless(run)).toEqual(
      success(
        `Delete cached image ${ONE} on ${both}? [y/N] Deleted cached image ${ONE} on ${one.address}\n` +
          `Deleted cached image ${ONE} on ${two.address}\nCompleted in N sec.\n`,
      ),
    );
    const all = await fleet.manageAll(['-v', 'delete-all-queued-images'], { stdin: 'yes\n' });
    expect(timeless(all)).toEqual(
      success(
        `Delete all queued images on ${both}? [y/N] Deleted 1 queued images on ${one.address}\n` +
          `Deleted 1 queued images on ${two.address}\nCompleted in N sec.\n`,
      ),
    );
  });

  test('images are queued by name and tag, each as often as nodes want it', async () => {
    const { fleet, one, two } = await twoNodes();
    two.cached = [];
    const run = await fleet.manageAll(['-f', 'queue-image', '--tag', 'golden', '-v']);
    expect(run.code).toBe(0);
    expect([one.queued, two.queued]).toEqual([[THREE], [THREE, ONE, TWO]]);
    const named = await fleet.manageAll(['queue-image', 'debian-13', '--dry-run', '--format', 'json']);
    expect(itemsOf(named)).toMatchObject([
      { host: one.address, image_id: ONE, action: 'keep', result: 'skipped', reason: 'cached' },
      { host: two.address, image_id: ONE, action: 'keep', result: 'skipped', reason: 'queued' },
    ]);
  });

  test('a host that is down is told before the question about the others', async () => {
    const { fleet, one, two } = await twoNodes();
    await one.close();
    const { code, stdout, stderr } = await fleet.manageAll(['delete-all-cached-images'], { stdin: 'y\n' });
    expect({ code, stdout }).toEqual({ code: 10, stdout: `Delete all cached images on ${two.address}? [y/N] ` });
    expect(stderr.split('\n')[0]).toMatch(/ ERROR .*the connection was refused/);
    expect(stderr).toContain('ERROR: Cannot do everything: 1 of 2 nodes failed');
    expect(cachedOn(two)).toEqual([]);
    // Whoever says no has not missed it.
    for (const command of [['delete-all-queued-images'], ['delete-queued-image', THREE]]) {
      const refused = await fleet.manageAll(command, { stdin: 'n\n' });
      expect(refused.code).toBe(0);
      expect(refused.stderr).toMatch(/^[^\n]* ERROR [^\n]*the connection was refused[^\n]*\n$/);
    }
    expect(two.queued).toEqual([THREE]);
  });

  test('a report has an item for each image and host, failed ones included', async () => {
    const { fleet, one, two } = await twoNodes();
    await two.close();
    const run = await fleet.manageAll(['-f', 'delete-cached-image', ONE, TWO, '--format', 'json']);
    expect(run.code).toBe(10);
    const { items, ...head } = JSON.parse(run.stdout) as { items: readonly Record<string, unknown>[] };
    expect(head).toEqual({ program: 'glance-cache-manage', dry_run: false, hosts: [one.address, two.address] });
    expect(items.map(({ host, image_id: id, result, error }) => [host, id, result, error])).toEqual([
      [one.address, ONE, 'done', null],
      [one.address, TWO, 'done', null],
      [two.address, ONE, 'failed', 'REMOTE_UNREACHABLE'],
      [two.address, TWO, 'failed', 'REMOTE_UNREACHABLE'],
    ]);
    expect(run.stderr).toContain('2 of 4 items failed');
  });

  test('a dry run shows what would go, and changes nothing', async () => {
    const { fleet, one, two } = await twoNodes();
    two.cached = [];
    const { code, stdout } = await fleet.manageAll(['delete-all-cached-images', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Would change 2 items \(dry run: nothing was changed\)\.\n/);
    expect(stdout).toMatch(new RegExp(`\\| Host +\\|[^]*\\| ${one.address} \\| ${ONE} \\| remove \\| planned`));
    expect(one.changes).toEqual([]);
  });
});

describe.concurrent('an address that may be a load balancer', () => {
  test('is left alone by what deletes, and by prune and clean, unless forced', async () => {
    const { fleet, one, two } = await twoNodes();
    one.headers = { via: '1.1 balancer' };
    one.hasPrune = true;
    const commands = [['delete-cached-image', ONE], ['delete-all-queued-images'], ['prune'], ['clean']];
    for (const command of commands) {
      const run = await fleet.manage(['--host', one.address, ...command], { stdin: 'y\n' });
      expect(run, command.join(' ')).toEqual(
        failure(
          2,
          `Cannot change the cache of "${one.address}": "${one.address}" may be a load balancer in front of several nodes, not one node: what answers is a gateway, by its header Via: "1.1 balancer"`,
          'Name the nodes themselves with --host, or pass --force to change whichever of them answers',
        ),
      );
    }
    expect(one.changes).toEqual([]);
    const both = await fleet.manageAll(['delete-cached-image', ONE], { stdin: 'y\n' });
    expect(both.code).toBe(10);
    expect([cachedOn(one), cachedOn(two)]).toEqual([[ONE, TWO], [TWO]]);
    const forced = await fleet.manage(['--host', one.address, '-f', 'delete-cached-image', ONE]);
    expect(forced).toMatchObject({ code: 0, stdout: '' });
    expect(forced.stderr).toMatch(/ WARNING .*may be a load balancer/);
    expect(cachedOn(one)).toEqual([TWO]);
  });

  test('gets what is queued, with a warning', async () => {
    const { fleet, one } = await twoNodes();
    one.headers = { via: '1.1 balancer' };
    one.cached = [];
    const run = await fleet.manage(['--host', one.address, 'queue-image', ONE], { stdin: 'y\n' });
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/ WARNING .*may be a load balancer/);
    expect(one.queued).toEqual([THREE, ONE]);
  });
});

describe.concurrent('prune and clean', () => {
  test('are done by the nodes, silently, and told where that is asked for', async () => {
    const { fleet, one, two } = await twoNodes();
    one.hasPrune = true;
    two.hasPrune = true;
    expect(await fleet.manageAll(['prune'])).toEqual(success());
    expect(timeless(await fleet.manage(['--host', one.address, '-v', 'prune']))).toEqual(
      success(`Removed 2 images from the cache of ${one.address}, 3000 B.\nCompleted in N sec.\n`),
    );
    const clean = await fleet.manageAll(['clean', '--format', 'json']);
    expect(JSON.parse(clean.stdout)).toEqual({
      program: 'glance-cache-manage',
      command: 'clean',
      hosts: [one.address, two.address],
      items: [one, two].map(({ address }) => ({
        ...{ host: address, action: 'clean', result: 'done' },
        ...{ images: null, size: null, error: null, message: null },
      })),
    });
    expect(one.changes).toEqual(['POST /v2/cache/prune', 'POST /v2/cache/prune', 'POST /v2/cache/clean']);
  });

  test('say that a node is too old, and hide nothing of the others', async () => {
    const { fleet, one, two } = await twoNodes();
    one.hasPrune = true;
    const run = await fleet.manageAll(['prune', '--format', 'value', '-v']);
    expect(run.code).toBe(10);
    expect(run.stdout).toMatch(new RegExp(`^${one.address} prune done 2 3000 .*\n${two.address} prune failed `));
    expect(run.stderr).toContain('1 of 2 nodes failed');
    expect((await fleet.manage(['--host', two.address, 'prune'])).code).toBe(2);
  });
});
