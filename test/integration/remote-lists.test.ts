// list-cached and list-queued of other nodes.
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { fakeRow } from '../support/fake-node.ts';
import { type Fleet, type TestNode, useFleets } from '../support/nodes.ts';
import { failure, success, timeless } from '../support/run-program.ts';

const fleets = useFleets();

const [ONE, TWO, THREE] = ['1', '2', '3'].map(idOf) as [string, string, string];

const DOWN_HINT = 'Check the URL, and that the server runs and can be reached: curl -i http://127.0.0.1:9/v2/cache';

function refused({ address }: TestNode): string {
  return `Cannot get "http://${address}/v2/cache": the connection was refused (ECONNREFUSED)`;
}

/** Two images on the first node, in an order of its own, and one on the third; the second has a queue. */
async function threeNodes(): Promise<{ fleet: Fleet; one: TestNode; two: TestNode; three: TestNode }> {
  const fleet = await fleets(3);
  const [one, two, three] = fleet.nodes as [TestNode, TestNode, TestNode];
  one.cached = [fakeRow(TWO, { size: 20 }), fakeRow(ONE, { size: 10, last_accessed: 0 })];
  two.queued = [TWO, ONE.toUpperCase()];
  three.cached = [fakeRow(THREE, { size: 15, hits: 0 })];
  return { fleet, one, two, three };
}

describe.concurrent('lists of other nodes', () => {
  test('list-cached prints the table of the stock tool, in the order of the node, when there is one host', async () => {
    const { fleet, one } = await threeNodes();
    const table = [
      'Found 2 cached images...',
      '+--------------------------------------+----------------------------+----------------------------+------+------+',
      '|                  ID                  |    Last Accessed (UTC)     |    Last Modified (UTC)     | Size | Hits |',
      '+--------------------------------------+----------------------------+----------------------------+------+------+',
      `| ${TWO} | 1970-01-01T00:10:00.500000 | 1970-01-01T00:08:20.250000 |   20 |    3 |`,
      `| ${ONE} |            N/A             | 1970-01-01T00:08:20.250000 |   10 |    3 |`,
      '+--------------------------------------+----------------------------+----------------------------+------+------+',
      '',
    ].join('\n');
    const stock = ['-H', '127.0.0.1', '-p', String(one.port), 'list-cached'];
    expect(await fleet.manage(stock)).toEqual(success(table));
    expect(timeless(await fleet.manage([...stock, '-v']))).toEqual(success(`${table}Completed in N sec.\n`));
    expect(one.tokens).toHaveLength(2);
  });

  test('list-queued prints what is queued as the node spells it, or that nothing is', async () => {
    const { fleet, one, two } = await threeNodes();
    const { stdout } = await fleet.manage(['--host', two.address, 'list-queued']);
    expect(stdout).toMatch(/^Found 2 queued images\.\.\.\n/);
    expect(stdout).toContain(`\n| ${ONE.toUpperCase()} |\n`);
    expect(await fleet.manage(['--host', one.address, 'list-queued'])).toEqual(success('No queued images.\n'));
    expect(await fleet.manage(['--host', two.address, 'list-cached'])).toEqual(success('No cached images.\n'));
  });

  test('tables begin with the host, and are in the order of the hosts, when there are several', async () => {
    const { fleet, one, two, three } = await threeNodes();
    const { stdout } = await fleet.manage(
      ['--host', `${three.address}, ${one.address}`, '-H', two.address, 'list-cached'],
      {},
    );
    expect(stdout).toMatch(/^Found 3 cached images\.\.\.\n/);
    const rows = stdout.split('\n').filter((line) => line.startsWith('| '));
    expect(rows[0]).toMatch(/^\| Host +\| +ID +\| /);
    expect(rows.slice(1).map((row) => row.split(/ +\| +/).slice(0, 2))).toEqual([
      [`| ${three.address}`, THREE],
      [`| ${one.address}`, TWO],
      [`| ${one.address}`, ONE],
    ]);
  });

  test('images of all hosts are sorted together, and columns selected, when that is asked for', async () => {
    const { fleet, one, three } = await threeNodes();
    const { stdout } = await fleet.manageAll(
      ['list-cached', '--format', 'csv', '--sort-column', 'size', '-c', 'size', '-c', 'Host'],
      {},
    );
    expect(stdout).toBe(`size,host\n10,${one.address}\n15,${three.address}\n20,${one.address}\n`);
  });

  test('machine formats have the field host, for one host too', async () => {
    const { fleet, one, two } = await threeNodes();
    const cached = await fleet.manage(['--host', one.address, 'list-cached', '--format', 'json']);
    const [first] = JSON.parse(cached.stdout) as readonly Record<string, unknown>[];
    expect(Object.entries(first ?? {})).toEqual([
      ['host', one.address],
      ['image_id', TWO],
      ['last_accessed', '1970-01-01T00:10:00.500000Z'],
      ['last_modified', '1970-01-01T00:08:20.250000Z'],
      ['size', 20],
      ['hits', 3],
    ]);
    const queued = await fleet.manage(['--host', two.address, 'list-queued', '--format', 'value']);
    expect(queued).toEqual(success(`${two.address} ${TWO}\n${two.address} ${ONE}\n`));
    const columns = await fleet.manage(['--host', two.address, 'list-queued', '-c', 'host']);
    expect(columns.stdout).toContain(`| ${two.address} |\n`);
  });

  test('a host that fails hides nothing of the others, and makes the exit code 10', async () => {
    const { fleet, one, two } = await threeNodes();
    await two.close();
    const run = await fleet.manageAll(['list-cached', '--format', 'value', '-c', 'image_id']);
    expect(run).toEqual({
      ...failure(10, `Cannot do everything: 1 of 3 nodes failed: ${refused(two)}`, DOWN_HINT),
      stdout: `${TWO}\n${ONE}\n${THREE}\n`,
    });
    one.instead = () => one.answer;
    const json = await fleet.manageAll(['list-queued', '--format', 'json']);
    expect(JSON.parse(json.stdout)).toEqual([]);
    const { error } = JSON.parse(json.stderr) as { error: unknown };
    expect(error).toMatchObject({
      code: 'PARTIAL',
      exit_code: 10,
      details: {
        failed: 1,
        reached: 3,
        failures: [{ host: two.address, code: 'REMOTE_UNREACHABLE', message: refused(two), exit_code: 8 }],
      },
    });
  });

  test('nothing is said to be there, and the gravest cause counts, when all hosts fail', async () => {
    const { fleet, one, two, three } = await threeNodes();
    three.hasCacheApi = false;
    three.hasOlder = false;
    await Promise.all([one.close(), two.close()]);
    const { code, stdout, stderr } = await fleet.manageAll(['list-cached']);
    expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
    const lines = stderr.split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/^\S+ \S+ \d+ ERROR /);
    expect(lines[0]).toContain(
      `${refused(one)}. Hint: Check the URL, and that the server runs and can be reached: curl -i `,
    );
    expect(lines[1]).toContain(refused(two));
    expect(lines[2]).toContain(three.address);
    expect(lines[3]).toBe(`ERROR: ${refused(one)}`);
    const alone = await fleet.manage(['--host', two.address, 'list-cached']);
    expect(alone).toEqual(failure(8, refused(two), DOWN_HINT));
  });

  test('an address that may be a load balancer is listed, with a warning', async () => {
    const { fleet, one } = await threeNodes();
    one.headers = { via: '1.1 balancer' };
    const { code, stdout, stderr } = await fleet.manage(['--host', one.address, 'list-cached']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Found 2 /);
    expect(stderr).toMatch(/^[^\n]* WARNING [^\n]* may be a load balancer in front of several nodes[^\n]*\n$/);
  });

  test('a column that is none is told before anybody is asked', async () => {
    const { fleet, one } = await threeNodes();
    for (const flags of [
      ['-c', 'queued_at'],
      ['--sort-column', 'queued_at'],
    ]) {
      const { code, stderr } = await fleet.manageAll(['list-queued', ...flags]);
      expect(code).toBe(2);
      expect(stderr).toContain('hint: Use one of host, image_id, as in --column host\n');
    }
    expect(one.tokens).toEqual([]);
    expect(fleet.cloud.requests).toEqual([]);
  });

  test('names that are none are made harmless, a line each, when a node tells such', async () => {
    const { fleet, one } = await threeNodes();
    one.cached = [fakeRow('\u001b[2Jname\n'), fakeRow(ONE)];
    const { stdout } = await fleet.manage(['--host', one.address, 'list-cached']);
    expect(stdout).not.toContain('\u001b');
    expect(stdout.split('\n')).toHaveLength(8);
  });
});
