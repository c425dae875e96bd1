import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { failure, runProgram, success, UNPRIVILEGED } from '../support/run-program.ts';

const cache = useCache();

const ONE = idOf('1');

/** Calls that need the configuration, each of another program. */
const CALLS = [
  ['manage', ['-f', 'delete-all-cached-images']],
  ['pruner', []],
  ['cleaner', []],
] as const;

/** Expects the same of all three programs, and that none of them changes anything. */
async function expectOfAll(code: number, message: string, hint: string, ...flags: readonly string[]): Promise<void> {
  cache().addImage(ONE);
  cache().addFile('invalid', ONE);
  const before = cache().state();
  for (const [program, args] of CALLS) {
    expect(await cache().run(program, [...flags, ...args]), program).toEqual(failure(code, message, hint));
  }
  expect(cache().state()).toEqual(before);
}

const PATH_HINT =
  'Check the path after --config-file, or leave the flag out to read the default files; what is there: ls -ld /nonexistent';
const READ_HINT = 'Run the program as a user who may read it, such as glance or root: sudo <this command>';
const KIND_HINT = 'Name a file with --config-file, and a folder with --config-dir; what that is: ls -ld /test';

describe('files', () => {
  test('every program ends with 3 when a configuration file is missing, and names all that are', async () => {
    const message = 'Cannot find configuration file /nonexistent/a.conf: no such file';
    await expectOfAll(3, message, PATH_HINT, '--config-file', '/nonexistent/a.conf');
    const both = await cache().manage('list-cached', '--config-file=/nonexistent/a.conf', '--config-file=/b.conf');
    const plural = 'Cannot find configuration files /nonexistent/a.conf, /b.conf: no such file';
    expect(both).toEqual(failure(3, plural, PATH_HINT));
  });

  test('every program ends with 3 when the configuration file is a folder', async () => {
    const message = `Cannot read configuration file ${cache().base}: it is a directory`;
    await expectOfAll(3, message, KIND_HINT, '--config-file', cache().base);
  });

  test('every program ends with 3 instead of waiting when the configuration file is a pipe', async () => {
    const pipe = join(cache().base, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expectOfAll(
      3,
      `Cannot read configuration file ${pipe}: it is a pipe`,
      `${KIND_HINT}/pipe`,
      '--config-file',
      pipe,
    );
  });

  test('every program ends with 3 when the configuration file may not be read', async () => {
    chmodSync(cache().conf, 0o000);
    const message = `Cannot read configuration file ${cache().conf}: permission denied (EACCES)`;
    for (const [program, args] of CALLS) {
      expect(await cache().run(program, args, { as: UNPRIVILEGED })).toEqual(failure(3, message, READ_HINT));
    }
  });

  test('every program ends with 3 when a configuration folder is missing', async () => {
    const message = 'Cannot read configuration folder /nonexistent/conf.d: no such file or directory (ENOENT)';
    const hint =
      'Check the path after --config-dir, as a single file is named with --config-file: ls -ld /nonexistent/conf.d';
    await expectOfAll(3, message, hint, '--config-dir', '/nonexistent/conf.d');
  });

  test('every program ends with 3 when a file in a configuration folder is a dangling link', async () => {
    const folder = join(cache().base, 'conf.d');
    mkdirSync(folder);
    symlinkSync('nowhere', join(folder, 'x.conf'));
    await expectOfAll(
      3,
      `Cannot find configuration file ${folder}/x.conf: no such file`,
      PATH_HINT.replace('/nonexistent', '/test/conf.d'),
      '--config-dir',
      folder,
    );
  });

  test('every program ends with 2 when --config-file has no value', async () => {
    await expectOfAll(2, 'Cannot use --config-file: it needs a value', 'Write --config-file=VALUE', '--config-file');
  });

  test('every program reads a name with control characters without printing them', async () => {
    const run = await cache().manage('list-cached', '--config-file', '/tmp/\u001b[31m\nx');
    expect(run).toEqual(
      failure(
        3,
        'Cannot find configuration file /tmp/\\x1b[31m\\x0ax: no such file',
        PATH_HINT.replace('/nonexistent', '/tmp'),
      ),
    );
  });
});

/** A whole configuration file that cannot be read, with the line, what is wrong there and the hint. */
const UNPARSABLE: Readonly<Record<string, readonly [text: string, message: string, hint: string]>> = {
  'a byte order mark': [
    '\ufeff[DEFAULT]\n',
    "CONF:1: No ':' or '=' found in assignment",
    "The file starts with a byte order mark, which oslo.config takes for text: remove it, for example with sed -i '1s/^\\xEF\\xBB\\xBF//' CONF",
  ],
  'a line without a value': [
    '[DEFAULT]\ngarbage\n',
    "CONF:2: No ':' or '=' found in assignment",
    'Write "name = value", start a comment with "#" at the beginning of the line, or indent the line if it continues the one above; to edit it: vi +2 /test/glance-cache.conf',
  ],
  'no section': [
    'image_cache_dir = /x\n',
    'CONF:1: Section must be started before assignment',
    'Write the name of a section, such as [DEFAULT], above this line; to edit it: vi +1 /test/glance-cache.conf',
  ],
};

describe('what is in them', () => {
  for (const [what, [text, message, hint]] of Object.entries(UNPARSABLE)) {
    test(`every program ends with 3 and names the line when the file has ${what}`, async () => {
      writeFileSync(cache().conf, text);
      await expectOfAll(
        3,
        `Cannot parse ${message.replace('CONF', cache().conf)}`,
        hint.replace('CONF', '/test/glance-cache.conf'),
      );
    });
  }

  test('every program ends with 3 when image_cache_dir is set nowhere', async () => {
    cache().configureExactly('[default]', `image_cache_dir = ${cache().root}`);
    const message = `Cannot find the cache: image_cache_dir is not set (not in ${cache().conf})`;
    const hint = [
      'Set it below [DEFAULT] as glance-api has it, such as image_cache_dir = /var/lib/glance/image-cache: vi /test/glance-cache.conf',
      'hint: If glance-api of this node reads another file, name that: <this command> --config-file /PATH/TO/glance-api.conf',
      'hint: To see what is set, and where: glance-cache-manage config',
    ].join('\n');
    await expectOfAll(3, message, hint);
  });

  test('every program ends with 3 when image_cache_dir is empty', async () => {
    cache().configureExactly('[DEFAULT]', 'image_cache_dir =');
    const message = `Cannot use image_cache_dir from ${cache().conf}:2: "" is empty; expected the path of a directory`;
    await expectOfAll(
      3,
      message,
      'Name the directory that glance-api uses, such as /var/lib/glance/image-cache; to edit it: vi +2 /test/glance-cache.conf',
    );
    expect(existsSync('/incomplete')).toBe(false);
  });

  test.each(['centralized_db', 'Centralized_DB'])(
    'who needs an index ends with 3 instead of reading another one when the driver is %s and the node has no name',
    async (driver) => {
      cache().configure(`image_cache_driver = ${driver}`);
      const message = 'Cannot use the centralized_db driver: worker_self_reference_url is not set';
      for (const run of [await cache().run('pruner', []), await cache().manage('list-cached')]) {
        expect(run).toMatchObject({ code: 3, stdout: '' });
        expect(run.stderr).toContain(message);
      }
      // These have nothing to look up.
      for (const program of ['cleaner', 'prefetcher'] as const)
        expect(await cache().run(program, [])).toEqual(success());
    },
  );

  test('every program works when the driver is sqlite in any case', async () => {
    cache().configure('image_cache_driver = SQLite');
    for (const [program, args] of CALLS) expect(await cache().run(program, args)).toEqual(success());
  });
});

const CORRECT = 'Correct that line, or remove it to have the default; to edit it: vi +3 /test/glance-cache.conf';
const BYTES = 'is not a whole number; expected a whole number of bytes, 0 or more';

/** A line of `[DEFAULT]` that the pruner cannot use. */
const BAD_VALUES: readonly (readonly [line: string, problem: string, hint: string])[] = [
  [
    'image_cache_max_size = 10737418240  # 10 GB',
    `"10737418240  # 10 GB" ${BYTES}`,
    'Put the comment on a line of its own: oslo.config takes "#" and ";" behind a value for a part of it. Leave "10737418240" here; to edit it: vi +3 /test/glance-cache.conf',
  ],
  [
    'image_cache_max_size = 10G',
    `"10G" ${BYTES}`,
    'Write the number of bytes, without a suffix: 10737418240; to edit it: vi +3 /test/glance-cache.conf',
  ],
  [
    'image_cache_max_size = 1,000',
    `"1,000" ${BYTES}`,
    'Write the digits alone: 1000; to edit it: vi +3 /test/glance-cache.conf',
  ],
  ['image_cache_max_size = 1.5', `"1.5" ${BYTES}`, CORRECT],
  ['image_cache_max_size = 1e9', `"1e9" ${BYTES}`, CORRECT],
  ['image_cache_max_size = nan', `"nan" ${BYTES}`, CORRECT],
  [
    'image_cache_max_size = -1',
    '"-1" should be greater than or equal to 0; expected a whole number of bytes, 0 or more',
    CORRECT,
  ],
  ['image_cache_max_size = \u001b[31m', `"\\x1b[31m" ${BYTES}`, CORRECT],
  [
    'debug = maybe',
    '"maybe" is an unexpected boolean value; expected true or false (also yes or no, on or off, 1 or 0)',
    'Write true or false; to edit it: vi +3 /test/glance-cache.conf',
  ],
  [
    'image_cache_driver = redis',
    '"redis" is not among the valid values; expected one of sqlite, xattr, centralized_db',
    CORRECT,
  ],
];

describe('values', () => {
  for (const [line, problem, hint] of BAD_VALUES) {
    test(`the pruner ends with 3, names the line and changes nothing when it reads ${JSON.stringify(line)}`, async () => {
      cache().addImage(ONE);
      cache().configure(line);
      const before = cache().state();
      const [name = ''] = line.split(' ');
      const message = `Cannot use ${name} from ${cache().conf}:3: ${problem}`;
      expect(await cache().run('pruner', [])).toEqual(failure(3, message, hint));
      expect(await cache().run('pruner', ['--dry-run'])).toEqual(failure(3, message, hint));
      expect(cache().state()).toEqual(before);
    });
  }

  for (const [option, value] of Object.entries({
    low_watermark: '0.8',
    min_free: '-5',
    max_age: '1.5d',
    lock_timeout: 'x',
  })) {
    test(`the pruner ends with 3, and with 2 for the flag, when ${option} is ${value}`, async () => {
      cache().configure('[cache_tools]', `${option} = ${value}`);
      const file = await cache().run('pruner', []);
      expect(file).toEqual({ code: 3, stdout: '', stderr: expect.stringMatching(/^ERROR: .*\nhint: .*\n$/) as string });
      expect(file.stderr).toContain(`ERROR: Cannot use ${option} from ${cache().conf}:4: "${value}" `);
      const flag = `--${option.replace('_', '-')}`;
      const run = await cache().run('pruner', [`${flag}=${value}`]);
      expect(run).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(/^ERROR: .*\nhint: .*\n$/) as string });
      expect(run.stderr).toContain(`ERROR: Cannot use ${flag}: "${value}" `);
    });
  }

  test('the pruner removes nothing when the maximum is larger than any number it can count', async () => {
    cache().configure('image_cache_max_size = 99999999999999999999999999');
    cache().addImage(ONE);
    expect(await cache().run('pruner', [])).toEqual(success());
    expect(cache().names('cached')).toEqual([ONE]);
  });

  test('a program that does not use an option does not mind that its value is bad', async () => {
    cache().configure('image_cache_max_size = 10G');
    cache().addMarker(ONE);
    expect((await cache().manage('list-queued')).code).toBe(0);
    expect(await cache().run('cleaner', [])).toEqual(success());
  });

  test('the environment beats the file, and is named when its value is bad', async () => {
    const run = await cache().run('pruner', [], { env: { OS_DEFAULT__IMAGE_CACHE_MAX_SIZE: '10G' } });
    const message = `Cannot use image_cache_max_size from environment OS_DEFAULT__IMAGE_CACHE_MAX_SIZE: "10G" ${BYTES}`;
    expect(run).toEqual(
      failure(
        3,
        message,
        'Write the number of bytes, without a suffix: 10737418240, or unset it: unset OS_DEFAULT__IMAGE_CACHE_MAX_SIZE',
      ),
    );
  });

  test('obsolete options of the stock tools are accepted, and said to do nothing only with --debug', async () => {
    cache().configure('registry_host = 10.0.0.1', 'use_user_token = false', 'log_config_append = /etc/logging.conf');
    expect(await cache().run('pruner', [])).toEqual(success());
    const { stderr } = await runProgram('pruner', ['--config-file', cache().conf, '--debug']);
    expect(stderr).toContain(`registry_host (${cache().conf}:3) is ignored. The registry is gone since Victoria`);
    expect(stderr).toContain(`log_config_append (${cache().conf}:5) is ignored. `);
  });
});
