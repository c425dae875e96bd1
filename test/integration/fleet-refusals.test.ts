import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { callInProcess } from '../support/call-in-process.ts';
import { useFleetDatabase } from '../support/fleet-database.ts';
import { expectHarmless } from '../support/harmless.ts';
import { HOSTILE_NAMES } from '../support/hostile-text.ts';
import { AS_ROOT, failure, success, UNPRIVILEGED } from '../support/run-program.ts';

const fleet = useFleetDatabase();

const [A, ONE] = ['http://controller1:9292', idOf('1')];

const ARGUMENTS: readonly (readonly string[])[] = [
  ['list-cached', '--all-nodes'],
  ['stats', '--all-nodes'],
  ['list-nodes'],
  ['where', ONE],
];

const CALLS = ARGUMENTS.map((args) => [args.join(' '), args] as const);

describe('the commands about all nodes', () => {
  test.each(CALLS)('refuse another driver: %s', async (_, args) => {
    for (const [lines, origin] of [
      [['[DEFAULT]', 'image_cache_driver = sqlite'], `${fleet().conf}:2`],
      [['[DEFAULT]'], 'default'],
    ] as const) {
      fleet().configureExactly(...lines, ...fleet().connection);
      expect(await fleet().manage(...args)).toEqual(
        failure(
          3,
          `Cannot look at all nodes: image_cache_driver is sqlite (${origin}), and only centralized_db keeps what all nodes cache in one database`,
          'Set image_cache_driver = centralized_db if glance-api has that, its own default since release 2024.1; nodes with another driver are asked as in "glance-cache-manage --host node1,node2 list-cached"',
        ),
      );
    }
  });

  test.each(CALLS)('end with 3 where no database is named, or none is there: %s', async (_, args) => {
    fleet().configureExactly('[DEFAULT]', 'image_cache_driver = centralized_db');
    expect(await fleet().manage(...args)).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^ERROR: .*\[database\] connection is not set\n/) as string,
    });
    fleet().configureExactly('[DEFAULT]', 'image_cache_driver = centralized_db', '[database]', 'connection = glance');
    expect(await fleet().manage(...args)).toMatchObject({ code: 3, stdout: '' });
    const missing = join(fleet().base, 'missing.sqlite');
    fleet().configureExactly(
      '[DEFAULT]',
      'image_cache_driver = centralized_db',
      '[database]',
      `connection = sqlite:///${missing}`,
    );
    expect(await fleet().manage(...args)).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^ERROR: Cannot open the database .*: there is no such file\n/) as string,
    });
    expect(readdirSync(fleet().base)).not.toContain('missing.sqlite');
  });

  test.each(CALLS)('end with 4 where the database is none of Glance, or an older one: %s', async (_, args) => {
    fleet().change((db) => db.exec('DROP TABLE cached_images'));
    expect(await fleet().manage(...args)).toMatchObject({ code: 4, stdout: '' });
    writeFileSync(fleet().path, 'no database at all, but long enough to be taken for the header of one '.repeat(20));
    expect(await fleet().manage(...args)).toMatchObject({ code: 4, stdout: '' });
  });

  test('refuse --host, as no node is asked', async () => {
    expect(await fleet().manage('--host', 'node1', 'where', ONE)).toEqual(
      failure(
        2,
        'Cannot do where on "node1": it asks the database that all nodes share',
        'Run "glance-cache-manage where" without --host',
      ),
    );
    // Where --host means something without --all-nodes, too.
    for (const args of ARGUMENTS) expect((await fleet().manage('--host', 'node1.invalid', ...args)).code).toBe(2);
  });

  test('show whatever the database holds, and nothing that a terminal obeys', async () => {
    const urls = [...HOSTILE_NAMES, '', 'u'.repeat(255), 7, Buffer.from([0, 27, 255])];
    const odd = [-1, 'x', '', 1e300, 2n ** 63n - 1n, Buffer.from([1])];
    for (const [at, url] of urls.entries()) {
      fleet().addNode(url);
      const value = odd[at % odd.length];
      fleet().addImages(url, HOSTILE_NAMES.slice(0, 5), { size: value, hits: value });
      fleet().addImages(url, [ONE, 9, Buffer.from([7])], { accessed: value, modified: value });
    }
    fleet().configure('worker_self_reference_url = http://\u001b[2J');
    for (const args of ARGUMENTS) {
      for (const format of ['table', 'json', 'yaml', 'csv', 'value']) {
        const run = await callInProcess('manage', ['--config-file', fleet().conf, ...args, '--format', format]);
        expectHarmless(run, args, [0]);
        expect(run.stdout).toContain('u'.repeat(255));
      }
    }
  });
});

describe.skipIf(!AS_ROOT)('as root (only root can become somebody else)', () => {
  const { uid, gid } = UNPRIVILEGED;

  /** The owner of everything beside the database. */
  function owners(): readonly string[] {
    return readdirSync(fleet().folder).map((name) => `${name} ${lstatSync(join(fleet().folder, name)).uid}`);
  }

  test('a database belongs to its owner with all that lies beside it, also while it keeps a write-ahead log', async () => {
    fleet().addNode(A);
    fleet().change((db) => db.pragma('journal_mode = WAL'));
    for (const path of [fleet().path, fleet().folder]) chownSync(path, uid, gid);
    const logs = join(fleet().base, 'logs');
    mkdirSync(logs);
    chownSync(logs, uid, gid);
    // Somebody who has it open keeps the log and its index there: those that the run has made are not tidied up.
    const holder = fleet().open();
    try {
      expect(await fleet().manage('--log-dir', logs, 'list-nodes', '--format', 'value', '-c', 'node')).toEqual(
        success(`${A}\n`),
      );
      expect(owners().filter((text) => !text.endsWith(` ${uid}`))).toEqual([]);
    } finally {
      holder.close();
    }
    expect(lstatSync(join(logs, 'glance-cache-manage.log')).uid).toBe(uid);
  });

  test('a database that its owner cannot reach is told with what would help', async () => {
    chownSync(fleet().path, uid, gid);
    chmodSync(fleet().folder, 0o700);
    expect(await fleet().manage('list-nodes')).toEqual(
      failure(
        4,
        `Cannot look at "${fleet().path}": permission denied (EACCES)`,
        'As root this program takes the rights of the owner of the database; give that path, and the folders above, to the same owner: namei -l /test/db/glance.sqlite',
      ),
    );
  });

  test('a database of root is refused where others can write to it or put something in its place', async () => {
    fleet().addNode(A);
    expect((await fleet().manage('list-nodes')).code).toBe(0);
    chmodSync(fleet().path, 0o666);
    expect(await fleet().manage('list-nodes')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('it belongs to root, and others may write to it') as string,
    });
    chmodSync(fleet().path, 0o644);
    chownSync(fleet().folder, uid, gid);
    expect(await fleet().manage('list-nodes')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`others may put something else in its place in "${fleet().folder}"`) as string,
    });
  });

  test('the log of a run on a server belongs to the owner of the cache', async () => {
    const [root, logs] = [join(fleet().base, 'cache'), join(fleet().base, 'logs')];
    for (const folder of [root, logs]) {
      mkdirSync(folder);
      chownSync(folder, uid, gid);
    }
    fleet().configureExactly(
      '[DEFAULT]',
      'image_cache_driver = centralized_db',
      `image_cache_dir = ${root}`,
      `log_dir = ${logs}`,
      '[database]',
      // Nobody listens there.
      'connection = mysql+pymysql://glance:secret@127.0.0.1:1/glance',
    );
    expect((await fleet().manage('list-nodes')).code).toBe(8);
    expect(lstatSync(join(logs, 'glance-cache-manage.log')).uid).toBe(uid);
    expect(readdirSync(root)).toEqual([]);
  });
});
