import { expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { failure, runProgram, success, timeless } from '../support/run-program.ts';

const cache = useCache();

const ONE = idOf('1');
const seeHelpOn = (command: string): string => `Run "glance-cache-manage help ${command}" to see what it takes`;
const SEE_HELP = 'Run "glance-cache-manage help" to see the commands';

const QUEUED = success(`Queued image ${ONE} for caching\nCompleted in N sec.\n`);

const SPELLINGS: readonly (readonly string[])[] = [
  ['-f', '-v', 'queue-image', ONE],
  ['queue-image', ONE, '-v', '-f'],
  ['queue-image', '-vf', ONE],
  ['-fv', 'queue-image', ONE],
  ['--force', 'queue-image', '--verbose', ONE],
  ['--forc', 'queue-image', '--verb', ONE],
  ['-fv', 'queue-image', '--', ONE],
  ['-fv', '--', 'queue-image', ONE],
  ['-fvp9292', 'queue-image', ONE],
  ['-p9292', '-fv', 'queue-image', ONE],
  ['-p', '9292', '-fv', 'queue-image', ONE],
  ['--port=9292', '-fv', 'queue-image', ONE],
  ['-fv', '--os_username', 'admin', '--os-password', 'x', 'queue-image', ONE],
  ['-fv', '-I', 'admin', '-K', 'x', '-T', 'admin', '-N', 'http://keystone/v3', '-A', 'token', 'queue-image', ONE],
  ['-fv', '-S', 'keystone', '--os_auth_strategy=noauth', '-k', '-R', 'RegionOne', 'queue-image', ONE],
  ['-fv', '--os-user-domain-id', 'default', '--os_auth_url', 'http://k', '--auth_token', 't', 'queue-image', ONE],
];

for (const args of SPELLINGS) {
  test(`glance-cache-manage queues an image when called as "${args.join(' ')}"`, async () => {
    expect(timeless(await cache().manage(...args))).toEqual(QUEUED);
    expect(cache().names('queue')).toEqual([ONE]);
  });
}

const ID_HINT = 'An image ID is a UUID such as 71c675ab-d94f-49cd-a114-e12490b328d9: see "openstack image list"';
const NOT_IDS: readonly (readonly [operand: string, shown: string])[] = [
  ['not-a-uuid', '"not-a-uuid"'],
  ['', '""'],
  ['../x', '"../x"'],
  [`../${ONE}`, `"../${ONE}"`],
  [`${ONE}/../../etc/passwd`, `"${ONE}/../../etc/passwd"`],
  [`${ONE}\n`, `"${ONE}\\n"`],
  [` ${ONE}`, `" ${ONE}"`],
  ['\u001b[31mred\u001b[0m', '"\\u001b[31mred\\u001b[0m"'],
  ['\u202ereversed', '"\\u202ereversed"'],
  ['\u009b2J', '"\\x9b2J"'],
  ['{11111111-1111-1111-1111-111111111111', '"{11111111-1111-1111-1111-111111111111"'],
  ['cache.db', '"cache.db"'],
];

for (const [operand, shown] of NOT_IDS) {
  test(`every command that takes IDs alone refuses ${shown} before it changes anything when it is among good ones`, async () => {
    cache().addImage(ONE);
    cache().addMarker(ONE);
    const before = cache().state();
    for (const command of ['delete-cached-image', 'delete-queued-image']) {
      const run = await cache().manage('-f', command, ONE, operand);
      expect(run, command).toEqual(failure(2, `Cannot use ${shown}: it is not a valid image ID`, ID_HINT));
    }
    expect(cache().state()).toEqual(before);
  });
}

test('queue-image takes what is no ID for a name, and changes nothing when nobody can be asked about it', async () => {
  const before = cache().state();
  for (const [operand, shown] of NOT_IDS.filter(([text]) => text !== '')) {
    const { code, stdout, stderr } = await cache().manage('-f', 'queue-image', ONE, operand);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(
      `ERROR: Cannot look up the image ${shown}, which is no image ID, by its name: Cannot log in`,
    );
    expect(stderr).toContain(
      'hint: Give the ID of the image, a UUID; or for its name: Source an openrc file (OS_AUTH_URL, ',
    );
  }
  expect(await cache().manage('-f', 'queue-image', ONE, '')).toEqual(
    failure(2, 'Cannot use "": it is not a valid image ID', ID_HINT),
  );
  expect(cache().state()).toEqual(before);
});

const MISTAKES: readonly (readonly [args: readonly string[], message: string, hint: string])[] = [
  [[], 'Cannot run glance-cache-manage: no command was given', 'Run "glance-cache-manage help" to see the commands'],
  [['nonsense'], "Cannot run glance-cache-manage: unknown command 'nonsense'", SEE_HELP],
  [['help', 'nonsense'], "Cannot run glance-cache-manage: unknown command 'nonsense'", SEE_HELP],
  [['list-cache'], "Cannot run glance-cache-manage: unknown command 'list-cache'", 'Did you mean: <this command>d'],
  [
    ['delete-cached-images', ONE],
    "Cannot run glance-cache-manage: unknown command 'delete-cached-images'",
    'Did you mean: glance-cache-manage delete-cached-image 11111111-1111-1111-1111-111111111111',
  ],
  [
    ['list-cached', '--nonsense'],
    "Cannot run glance-cache-manage: unknown option '--nonsense'",
    seeHelpOn('list-cached'),
  ],
  [['list-cached', '-x'], "Cannot run glance-cache-manage: unknown option '-x'", seeHelpOn('list-cached')],
  [['--os', 'x', 'list-cached'], 'Cannot tell what "--os" abbreviates: it is ambiguous', ''],
  [['--log', 'x', 'list-cached'], 'Cannot tell what "--log" abbreviates: it is ambiguous', ''],
  [
    ['list-cached', ONE],
    "Cannot run glance-cache-manage: too many arguments for 'list-cached': expected 0 arguments but got 1",
    seeHelpOn('list-cached'),
  ],
  [
    ['delete-cached-image'],
    "Cannot run glance-cache-manage: missing required argument 'IMAGE_ID'",
    'To see the IDs of those that there are: glance-cache-manage list-cached',
  ],
  [
    ['queue-image'],
    'Cannot queue: no image is named',
    'Give the ID or the name of an image, or --tag or --property: see "glance-cache-manage help queue-image"',
  ],
  [
    ['list-cached', '--jobs', '2'],
    'Cannot use --jobs with list-cached: it has no meaning there',
    'Run "glance-cache-manage help list-cached" to see its options',
  ],
  [
    ['list-cached', '--dry-run'],
    'Cannot use --dry-run with list-cached: it has no meaning there',
    'Run "glance-cache-manage help list-cached" to see its options',
  ],
  [
    ['--adopt', 'queue-image', ONE],
    'Cannot use --adopt with queue-image: it has no meaning there',
    'Run "glance-cache-manage help queue-image" to see its options',
  ],
  [['-p'], 'Cannot use --port: it needs a value', 'Write --port=VALUE'],
  [
    ['-p', 'x', 'list-cached'],
    'Cannot use --port: "x" is not a whole number',
    'Give a whole number from 0 to 65535, as --port=VALUE',
  ],
  [
    ['-p', '99999', 'list-cached'],
    'Cannot use --port: "99999" should be less than or equal to 65535',
    'Give a whole number from 0 to 65535, as --port=VALUE',
  ],
  [['--format', '--verbose', 'list-cached'], 'Cannot use --format: it needs a value', 'Write --format=VALUE'],
];

for (const [args, message, hint] of MISTAKES) {
  test(`glance-cache-manage ends with 2 and a hint when called as "${args.join(' ')}"`, async () => {
    const run = await runProgram('manage', args);
    if (hint !== '') expect(run).toEqual(failure(2, message, hint));
    else
      expect(run).toEqual({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(`ERROR: ${message}\nhint: Write`) as string,
      });
  });
}

test('an error is one JSON object when --format json is given, in any spelling of that', async () => {
  for (const format of [['--format', 'json'], ['--format=json'], ['--form', 'JSON'], ['--form=json']]) {
    const { code, stdout, stderr } = await cache().manage(...format, 'delete-cached-image', 'zz');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr, format.join(' ')).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'USAGE_IMAGE_ID',
        message: 'Cannot use "zz": it is not a valid image ID',
        hint: ID_HINT,
        exit_code: 2,
        details: { operand: 'zz' },
      },
    });
  }
});

test('glance-cache-manage leaves the cache of this node alone when --host names another one', async () => {
  cache().addImage(ONE);
  const before = cache().state();
  for (const [command, ...args] of [
    ['list-invalid', '-H', 'node2'],
    ['verify', '--host=node2', '--repair'],
    ['config', '-Hnode2'],
  ] as const) {
    const message = `Cannot do ${command} on "node2": that command works on the node it runs on only`;
    const hint = `Run it on that node, without --host: glance-cache-manage ${command}`;
    expect(await runProgram('manage', [command, ...args])).toEqual(failure(2, message, hint));
    expect(await cache().manage(command, ...args)).toEqual(failure(2, message, hint));
  }
  // Nobody listens there, and nobody says that nothing is cached.
  const nobody = ['--host', '127.0.0.1:1', '-S', 'noauth', '-f', 'delete-all-cached-images'];
  expect(await cache().manage(...nobody)).toMatchObject({ code: 8, stdout: '' });
  expect(cache().state()).toEqual(before);
});

test('every program prints its version when asked for it, without a configuration', async () => {
  for (const program of ['manage', 'pruner', 'cleaner', 'prefetcher'] as const) {
    const run = await runProgram(program, ['--config-file', '/nonexistent', '--version']);
    expect(run).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string, stderr: '' });
  }
});

test('every program prints its help when asked for it, without a configuration', async () => {
  for (const program of ['manage', 'pruner', 'cleaner', 'prefetcher'] as const) {
    for (const flag of ['-h', '--help']) {
      const { code, stdout, stderr } = await runProgram(program, ['--config-file', '/nonexistent', flag]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`Usage: glance-cache-${program} [options]`);
      expect(stdout).toContain('  130  stopped by SIGINT\n');
    }
  }
});

test('help prints what -h prints when it is about a command', async () => {
  const help = await runProgram('manage', ['help', 'queue-image']);
  expect(help).toEqual(await runProgram('manage', ['queue-image', '-h']));
  expect(help.stdout).toMatch(/^Usage: glance-cache-manage queue-image \[options\] \[IMAGE\.\.\.\]\n/);
  expect(await runProgram('manage', ['help'])).toEqual(await runProgram('manage', ['--help']));
});
