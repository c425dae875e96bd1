// What a run on other nodes needs: credentials, and nothing else of the machine it runs on.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { fakeRow } from '../support/fake-node.ts';
import { neverAnswer, send } from '../support/http-answers.ts';
import { type Fleet, type TestNode, useFleets } from '../support/nodes.ts';
import { PASSWORD } from '../support/prefetch-fixture.ts';
import { failure, runProgram, success, UNPRIVILEGED, withoutTime } from '../support/run-program.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { TLS, tlsFile } from '../support/tls.ts';

const fleets = useFleets();
const dir = useTempDir();

const ONE = idOf('1');
const LIST = ['list-cached', '--format', 'value', '-c', 'image_id'];
const LISTED = success(`${ONE}\n`);

async function oneNode(options: Parameters<typeof fleets>[1] = {}): Promise<{ fleet: Fleet; node: TestNode }> {
  const fleet = await fleets(1, options);
  const [node] = fleet.nodes as [TestNode];
  node.cached = [fakeRow(ONE)];
  return { fleet, node };
}

/** Writes a file into the home of a user without rights. */
function write(path: string, text: string, mode = 0o644): string {
  const full = join(dir(), path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  chmodSync(full, mode);
  chmodSync(dir(), 0o755);
  return full;
}

function asNobody(): { readonly home: string; readonly as: typeof UNPRIVILEGED } {
  chmodSync(dir(), 0o755);
  return { home: dir(), as: UNPRIVILEGED };
}

/** For those who are to get no credentials from this machine's configuration, in front of all other arguments. */
function unconfigured({ address }: TestNode): readonly string[] {
  return ['--host', address, '--config-file', write('empty.conf', '')];
}

/** Nobody logs in by the environment. */
const NOBODY_LOGS_IN = Object.fromEntries(
  ['AUTH_URL', 'USERNAME', 'PASSWORD', 'USER_DOMAIN_NAME', 'PROJECT_NAME', 'PROJECT_DOMAIN_NAME'].map((name) => [
    `OS_${name}`,
    '',
  ]),
);

describe('configuration', () => {
  test('default files that cannot be read or parsed are passed over', async () => {
    const { fleet, node } = await oneNode();
    // Nobody owns it, so that even its owner is shut out.
    const closed = write('.glance/glance-cache.conf', '[DEFAULT]\n', 0o000);
    const run = (...args: readonly string[]) => fleet.manage(['--host', node.address, ...LIST, ...args], asNobody());
    expect(await run()).toEqual(LISTED);
    const { stderr } = await run('--debug');
    expect(stderr).toMatch(new RegExp(` DEBUG .*Cannot read configuration file ${closed}: permission denied`));
    write('.glance/glance.conf', 'nonsense\n');
    const warned = await run();
    expect(warned).toMatchObject({ code: 0, stdout: `${ONE}\n` });
    expect(withoutTime(warned.stderr)).toMatch(/^WARNING .*glance\.conf.*; the file is passed over\n$/);
  });

  test('a file that is named must be there, and readable', async () => {
    const { fleet, node } = await oneNode();
    const closed = write('closed.conf', '', 0o000);
    for (const path of [closed, join(dir(), 'gone.conf')]) {
      const run = await fleet.manage(['--host', node.address, '--config-file', path, ...LIST], asNobody());
      expect(run).toMatchObject({ code: 3, stdout: '' });
      expect(run.stderr).toContain(path);
    }
    expect(node.tokens).toEqual([]);
  });

  test('a log file that only a default file asks for is written to where it is there, and not made', async () => {
    const { fleet, node } = await oneNode();
    const path = join(dir(), 'glance/x.log');
    write('.glance/glance-cache.conf', `[DEFAULT]\nlog_file = ${path}\n`);
    const list = (...args: readonly string[]) => fleet.manage(['--host', node.address, ...args, ...LIST], asNobody());
    expect(await list()).toEqual(LISTED);
    expect(await list('--log-file', path)).toMatchObject({ code: 3, stdout: '' });
    mkdirSync(dirname(path), { mode: 0o777 });
    expect(await list()).toEqual(LISTED);
    expect(existsSync(path)).toBe(false);
    write('glance/x.log', '', 0o666);
    await node.close();
    expect((await list()).code).toBe(8);
    expect(readFileSync(path, 'utf8')).toMatch(/ ERROR .*the connection was refused/);
  });

  test('what was done is in the log', async () => {
    const { fleet, node } = await oneNode();
    const log = join(dir(), 'x.log');
    const args = ['--host', node.address, '--log-file', log, '-f', 'delete-cached-image', ONE];
    expect(await fleet.manage(args)).toEqual(success());
    expect(readFileSync(log, 'utf8')).toContain(`${node.address}: remove ${ONE}: done (asked for, 1000 B)`);
    await node.close();
    expect((await fleet.manage(args)).code).toBe(8);
    expect(readFileSync(log, 'utf8')).toMatch(/ ERROR .*the connection was refused/);
  });
});

describe('credentials', () => {
  test('are taken from glance-cache.conf where it can be read', async () => {
    const { fleet, node } = await oneNode();
    const conf = write(
      'own.conf',
      `[cache_tools]\nauth_url = ${fleet.cloud.keystoneUrl}\nusername = glance\npassword = ${PASSWORD}\nproject_name = service\n`,
    );
    const args = ['--host', node.address, '--config-file', conf, ...LIST];
    expect(await fleet.manage(args, { env: NOBODY_LOGS_IN })).toEqual(LISTED);
  });

  test('are taken from a cloud of clouds.yaml, and from flags', async () => {
    const { fleet, node } = await oneNode();
    write(
      'clouds.yaml',
      `clouds: {c: {auth: {auth_url: '${fleet.cloud.keystoneUrl}', username: glance, password: wrong, project_name: service}}}\n`,
    );
    const args = ['--host', node.address, '--os-cloud', 'c', '--os-password', PASSWORD, ...LIST];
    expect(await fleet.manage(args, { env: NOBODY_LOGS_IN, cwd: dir() })).toEqual(LISTED);
  });

  test('may lack the domains, which are then the default one, as with the stock tool', async () => {
    const { fleet, node } = await oneNode();
    const env = { OS_USER_DOMAIN_NAME: '', OS_PROJECT_DOMAIN_NAME: '' };
    expect(await fleet.manage(['--host', node.address, ...LIST], { env })).toEqual(LISTED);
  });

  test('are refused once for all hosts, and no node is asked', async () => {
    const fleet = await fleets(3);
    const { code, stdout, stderr } = await fleet.manageAll(LIST, { env: { OS_PASSWORD: 'wrong' } });
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' });
    expect(stderr).toMatch(/^ERROR: [^\n]*\nhint: [^\n]*\n$/);
    expect(fleet.nodes.flatMap(({ tokens }) => tokens)).toEqual([]);
  });

  test('are asked for where there are none', async () => {
    const { fleet, node } = await oneNode();
    const args = [...unconfigured(node), ...LIST];
    expect(await fleet.manage(args, { env: NOBODY_LOGS_IN })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('Cannot log in to Keystone: no credentials are given') as string,
    });
  });

  test.each([
    ['-S', 'noauth'],
    ['--os-auth-type', 'none'],
  ])('are not needed with %s %s, for a glance-api without a Keystone', async (...flags) => {
    const { fleet, node } = await oneNode();
    const args = [...unconfigured(node), ...flags, ...LIST];
    expect(await fleet.manage(args, { env: NOBODY_LOGS_IN })).toEqual(LISTED);
    expect(fleet.cloud.requests).toEqual([]);
  });

  test('may be a token that is sent as it is, where no Keystone is named', async () => {
    const { fleet, node } = await oneNode();
    const args = [...unconfigured(node), '--os-auth-token', 'gAAAA-given', ...LIST];
    expect(await fleet.manage(args, { env: NOBODY_LOGS_IN })).toEqual(LISTED);
    expect(node.tokens).toEqual(['gAAAA-given']);
  });

  test('that are no admin end with 7, and name the node', async () => {
    const { fleet, node } = await oneNode();
    node.instead = () => send(403, 'Forbidden');
    const run = await fleet.manage(['--host', node.address, ...LIST]);
    expect(run).toMatchObject({ code: 7, stdout: '' });
    expect(run.stderr).toContain(node.address);
  });
});

describe('TLS', () => {
  test('a node is verified, by the authorities given, unless -k is', async () => {
    const { fleet, node } = await oneNode({ nodeTls: TLS.localhost });
    const run = await fleet.manage(['--host', node.address, ...LIST]);
    expect(run).toMatchObject({ code: 8, stdout: '' });
    expect(run.stderr).toContain('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(node.tokens).toEqual([]);
    expect(await fleet.manage(['--host', node.address, '-k', ...LIST])).toEqual(LISTED);
    const trusted = ['--host', node.address, '--os-cacert', tlsFile('ca.pem'), ...LIST];
    expect(await fleet.manage(trusted)).toEqual(LISTED);
  });
});

describe('what is refused', () => {
  test.each([
    [['-H', 'node2', 'verify'], 'Cannot do verify on "node2": that command works on the node it runs on only'],
    [['-H', 'node2', 'config'], 'Cannot do config on "node2": that command works on the node it runs on only'],
    [
      ['-H', 'node2', '-f', 'delete-cached-image', '--adopt', ONE],
      'Cannot use --adopt with --host: a node looks at its index alone',
    ],
    [
      ['-H', 'node2', 'queue-image', '--now', ONE],
      'Cannot use --now with --host: a node fetches what it queues by itself',
    ],
    [['-H', 'node2', 'prune', '--dry-run'], 'Cannot use --dry-run with prune: it has no meaning there'],
    [['-H', 'no/de?', 'list-cached'], 'Cannot ask the node "no/de?": it has a query or a fragment'],
    [['-H', ' , ', 'list-cached'], 'Cannot ask the node " , ": it names no node'],
    [['-H', '', 'list-cached'], 'Cannot ask the node "": it names no node'],
    [['-H', 'node2', 'delete-cached-image', 'x'], 'Cannot use "x": it is not a valid image ID'],
  ])('glance-cache-manage ends with 2 when called with %j', async (args, message) => {
    const { code, stdout, stderr } = await runProgram('manage', args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^ERROR: .*\nhint: .*\n$/);
    expect(stderr).toContain(`ERROR: ${message}\n`);
  });

  test.each([
    ['prune', 'pruner'],
    ['clean', 'cleaner'],
  ])('%s without a host names the program for this node', async (command, program) => {
    const hint = `For the cache of this node, run: glance-cache-${program}`;
    const message = `Cannot ${command}: no node is named with --host`;
    expect(await runProgram('manage', [command])).toEqual(failure(2, message, hint));
  });
});

test('a signal ends a run that waits for a node', async () => {
  const { fleet, node } = await oneNode();
  const asked = new Promise<void>((resolve) => {
    node.instead = () => {
      resolve();
      return neverAnswer();
    };
  });
  const running = fleet.start(['--host', node.address, ...LIST]);
  await asked;
  running.process.kill('SIGINT');
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toMatch(/^ERROR: Stopped by SIGINT[^\n]*\n$/);
});

test('no file of this machine is touched', async () => {
  const { fleet, node } = await oneNode();
  const cache = join(dir(), 'cache');
  const conf = write('own.conf', `[DEFAULT]\nimage_cache_dir = ${cache}\n`);
  await fleet.manage(['--host', node.address, '--config-file', conf, '-f', 'delete-all-cached-images']);
  expect(node.cached).toEqual([]);
  expect(existsSync(cache)).toBe(false);
});
