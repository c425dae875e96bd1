import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { failure, success, UNPRIVILEGED, withoutTime } from '../support/run-program.ts';

const cache = useCache();

const [ONE, TWO] = [idOf('1'), idOf('2')];

function fill(): void {
  cache().addImage(ONE);
  cache().addFile('invalid', TWO, { size: 5 });
}

const REMOVED = `INFO glance_cache_tools.pruner [-] remove ${ONE}: done (over the maximum size, 1000 B)\n`;

function log(): string {
  return join(cache().base, 'tool.log');
}

function readLog(path = log()): string {
  return withoutTime(readFileSync(path, 'utf8'));
}

/** The log of a pruner that removed an image of 1000 bytes, at level DEBUG. */
function debugLog(): string {
  const debug = 'DEBUG glance_cache_tools.pruner [-]';
  return [
    `${debug} Read configuration file ${cache().conf}\n`,
    REMOVED,
    `${debug} Removed 1 image from ${cache().root}, 1000 B.\n`,
    `${debug} The cache holds 0 images, 0 B; its maximum is 0 B.\n`,
  ].join('');
}

describe('the log file', () => {
  test('the pruner logs what it removed when --log-file is given, and stays silent', async () => {
    cache().configure('image_cache_max_size = 0');
    fill();
    expect(await cache().run('pruner', ['--log-file', log()])).toEqual(success());
    expect(readLog()).toBe(REMOVED);
    expect(statSync(log()).mode & 0o777).toBe(0o640);
  });

  test('the pruner stays silent when the files of glance-api set debug and a log file', async () => {
    cache().configure('image_cache_max_size = 0', 'debug = true', 'verbose = true', `log_file = ${log()}`);
    fill();
    expect(await cache().run('pruner', [])).toEqual(success());
    expect(readLog()).toBe(debugLog());
  });

  test('the pruner stays silent when glance-api.conf sets debug and no log file', async () => {
    cache().configure('image_cache_max_size = 0', 'debug = true', 'use_stderr = true');
    fill();
    expect(await cache().run('pruner', [])).toEqual(success());
  });

  test('every program names its log after itself when only --log-dir is given', async () => {
    const folder = join(cache().base, 'logs');
    mkdirSync(folder);
    fill();
    for (const [program, args] of [
      ['manage', ['-f', 'delete-cached-image', ONE]],
      ['cleaner', []],
    ] as const) {
      expect(await cache().run(program, [...args, '--log-dir', folder])).toEqual(success());
    }
    expect(readLog(join(folder, 'glance-cache-manage.log'))).toBe(
      `INFO glance_cache_tools.manage [-] remove ${ONE}: done (asked for, 1000 B)\n`,
    );
    expect(readLog(join(folder, 'glance-cache-cleaner.log'))).toBe(
      `INFO glance_cache_tools.cleaner [-] remove ${TWO} in invalid/: done (failed to be cached, 5 B)\n`,
    );
    expect(await cache().run('pruner', ['-d', '--log-dir', folder, '--log-file=p.log'])).toMatchObject({ code: 0 });
    expect(readLog(join(folder, 'p.log'))).toContain('DEBUG glance_cache_tools.pruner [-] Read configuration file');
  });

  test('the pruner appends when the log file is there, and logs why it failed', async () => {
    writeFileSync(log(), 'older\n');
    cache().configure('image_cache_driver = xattr');
    await cache().run('pruner', ['--log-file', log()]);
    cache().configure();
    writeFileSync(cache().layout.index, 'rubbish');
    const run = await cache().run('pruner', ['--log-file', log()]);
    expect(run.code).toBe(4);
    expect(readLog()).toBe(
      `older\nERROR glance_cache_tools.pruner [-] Cannot open the index "${cache().layout.index}": file is not a database\n`,
    );
  });

  test('the pruner writes the date as log_date_format asks', async () => {
    cache().configure('image_cache_max_size = 0', 'log_date_format = %d.%m.%y');
    fill();
    await cache().run('pruner', ['--log-file', log()]);
    expect(readFileSync(log(), 'utf8')).toMatch(
      /^\d\d\.\d\d\.\d\d\.\d{3} \d+ INFO glance_cache_tools\.pruner \[-\] remove /,
    );
  });
});

/** A log file that cannot be opened, and what is said of it. */
const UNUSABLE: readonly (readonly [what: string, path: (base: string) => string, state: string, hint: string])[] = [
  [
    'in a folder that is missing',
    (base) => join(base, 'missing', 'x.log'),
    'no such file or directory (ENOENT)',
    'Change log_file or log_dir, or create the folder: sudo install -d -o glance -g glance /test/missing',
  ],
  [
    'a folder',
    (base) => base,
    'illegal operation on a directory (EISDIR)',
    'Name a file with log_file; a folder belongs in log_dir: <this command> --log-dir /test',
  ],
  [
    'a link',
    (base) => {
      symlinkSync('glance-cache.conf', join(base, 'link'));
      return join(base, 'link');
    },
    'too many symbolic links encountered (ELOOP)',
    'Name the file itself, as symbolic links are not followed: readlink -f /test/link',
  ],
];

describe('a log file that cannot be used', () => {
  for (const [what, path, state, hint] of UNUSABLE) {
    test(`every program ends with 3 before it does anything when its log file is ${what}`, async () => {
      cache().configure('image_cache_max_size = 0');
      fill();
      const file = path(cache().base);
      const before = cache().state();
      const expected = failure(3, `Cannot open log file '${file}': ${state}`, hint);
      for (const [program, args] of [
        ['manage', ['-f', 'delete-all-cached-images']],
        ['pruner', []],
        ['cleaner', []],
      ] as const) {
        expect(await cache().run(program, [...args, '--log-file', file])).toEqual(expected);
      }
      expect(cache().state()).toEqual(before);
    });
  }

  test('every program ends with 3 when its log file may not be written', async () => {
    fill();
    writeFileSync(log(), '');
    cache().handTo(UNPRIVILEGED);
    chmodSync(log(), 0o444);
    const message = `Cannot open log file '${log()}': permission denied (EACCES)`;
    const hint =
      'Change log_file or log_dir, or let the user who runs this write the file; who may now: ls -ld /test /test/tool.log';
    const run = await cache().run('pruner', ['--log-file', log()], { as: UNPRIVILEGED });
    expect(run).toEqual(failure(3, message, hint));
  });

  test.skipIf(!existsSync('/dev/full'))(
    'the pruner does its work and warns once when the disk of its log is full',
    async () => {
      cache().configure('image_cache_max_size = 0');
      fill();
      const run = await cache().run('pruner', ['--log-file', '/dev/full', '--log-dir', '']);
      expect(run).toEqual({
        code: 0,
        stdout: '',
        stderr:
          "WARNING: Cannot write log file '/dev/full': no space left on device (ENOSPC); records are lost until there is space\n",
      });
      expect(cache().names('cached')).toEqual([]);
    },
  );
});

describe('standard error', () => {
  test('the pruner logs everything in the format of oslo.log when --debug is given', async () => {
    cache().configure('image_cache_max_size = 0');
    fill();
    const { code, stdout, stderr } = await cache().run('pruner', ['--debug']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(
      /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \d+ (DEBUG|INFO) glance_cache_tools\.pruner \[-\] .*\n)+$/,
    );
    expect(withoutTime(stderr)).toBe(debugLog());
  });

  test('the pruner logs JSON objects when --use-json is given', async () => {
    cache().configure('image_cache_max_size = 0');
    fill();
    const { stderr } = await cache().run('pruner', ['--debug', '--use-json']);
    const records = stderr
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(records).toHaveLength(4);
    expect(records[1]).toEqual({
      message: `remove ${ONE}: done (over the maximum size, 1000 B)`,
      asctime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) as string,
      name: 'glance_cache_tools.pruner',
      levelname: 'INFO',
      levelno: 20,
      created: expect.any(Number) as number,
      msecs: expect.any(Number) as number,
      process: expect.any(Number) as number,
      process_name: 'glance-cache-pruner',
      hostname: expect.any(String) as string,
    });
  });

  test('the flags beat the configuration when --nodebug is given', async () => {
    cache().configure('debug = true', `log_file = ${log()}`, 'image_cache_max_size = 0');
    fill();
    expect(await cache().run('pruner', ['--nodebug'])).toEqual(success());
    expect(readLog()).toBe(REMOVED);
  });

  test('a suspicious line of the configuration is warned of once by every program', async () => {
    cache().configure('image_cache_stall_time = 5', '  image_cache_max_size = 3');
    const run = await cache().manage('list-queued');
    expect(run.stdout).toBe('No queued images.\n');
    expect(withoutTime(run.stderr)).toMatch(
      new RegExp(`^WARNING glance_cache_tools\\.manage \\[-\\] ${cache().conf}:4: this indented setting .*\n$`),
    );
  });
});

describe('syslog', () => {
  /** A `logger` that writes down what it is called with and what it is given. */
  function fakeLogger(script: string): Readonly<Record<string, string>> {
    const bin = join(cache().base, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'logger'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { PATH: `${bin}:/usr/bin:/bin` };
  }

  test('the pruner pipes its records to logger with their priorities when --use-syslog is given', async () => {
    cache().configure('image_cache_max_size = 0', 'syslog_log_facility = local3');
    fill();
    const env = fakeLogger(`echo "$@" > '${log()}'; cat >> '${log()}'`);
    expect(await cache().run('pruner', ['--use-syslog'], { env })).toEqual(success());
    const [args, record, ...rest] = readFileSync(log(), 'utf8').split('\n');
    expect(args).toMatch(/^--prio-prefix -t glance-cache-pruner\[\d+\]$/);
    // local3 is 19, INFO is 6.
    expect(withoutTime((record ?? '').replace(/^<158>/, ''))).toBe(REMOVED.trimEnd());
    expect(rest).toEqual(['']);
  });

  test('the pruner does its work and warns once when logger is missing or fails', async () => {
    cache().configure('image_cache_max_size = 0');
    fill();
    const missing = await cache().run('pruner', ['--use-syslog'], { env: { PATH: '/nonexistent' } });
    const stderr = "WARNING: Cannot log to syslog: the program 'logger' is not installed\n";
    expect(missing).toEqual({ code: 0, stdout: '', stderr });
    cache().addImage(ONE);
    const env = fakeLogger('echo no such socket >&2; exit 3');
    const failing = await cache().run('pruner', ['--use-syslog'], { env });
    expect(failing).toEqual({
      code: 0,
      stdout: '',
      stderr: "WARNING: Cannot log to syslog: 'logger' ended with exit code 3: no such socket\n",
    });
    expect(cache().names('cached')).toEqual([]);
  });

  test('every program ends with 3 when the facility of syslog is none', async () => {
    const { code, stderr } = await cache().run('cleaner', ['--use-syslog', '--syslog-log-facility', 'kern']);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^ERROR: Cannot use syslog_log_facility 'kern': there is no such facility\nhint: Write it as in syslog_log_facility = LOG_USER; there are LOG_USER, /,
    );
  });
});
