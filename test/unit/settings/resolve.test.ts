// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references as oslo.config writes them
import { describe, expect, test } from 'vitest';
import { CacheError, ConfigError, UsageError } from '../../../src/errors/cache-error.ts';
import { parseConfFile } from '../../../src/settings/conf-file.ts';
import type { FlagValue } from '../../../src/settings/layers.ts';
import type { Option } from '../../../src/settings/option.ts';
import { ALL_OPTIONS, OPTIONS } from '../../../src/settings/options.ts';
import { describeOrigin, resolveSettings, type Settings } from '../../../src/settings/resolve.ts';

interface Given {
  /** Content of files, read in this order as /0.conf, /1.conf ... */
  readonly files?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly FlagValue[];
}

function settingsOf({ files = [], env = {}, flags = [] }: Given): Settings {
  const parsed = files.map((text, index) => parseConfFile(`/${index}.conf`, Buffer.from(text)));
  return resolveSettings({ files: parsed, env, flags }, ALL_OPTIONS);
}

function failure(call: () => unknown): CacheError {
  try {
    call();
  } catch (error) {
    if (error instanceof CacheError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The error on reading an option out of one file. */
function readFailure(option: Option<unknown>, text: string): CacheError {
  return failure(() => settingsOf({ files: [text] }).get(option));
}

const debugFlag = (text: string): FlagValue => ({ option: OPTIONS.debug, text, flag: '--debug' });

describe('Settings.get', () => {
  test('gives the default when nothing sets the option', () => {
    const settings = settingsOf({});
    expect(settings.get(OPTIONS.imageCacheMaxSize)).toBe(10_737_418_240);
    expect(settings.get(OPTIONS.imageCacheDriver)).toBe('sqlite');
    expect(settings.get(OPTIONS.imageCacheDir)).toBeUndefined();
    expect(settings.origin(OPTIONS.imageCacheDir)).toEqual({ kind: 'default' });
  });

  test('prefers flag to environment to later file to earlier file when all set the option', () => {
    const files = ['[DEFAULT]\ndebug = yes\n', '[DEFAULT]\n\ndebug = no\n'];
    const env = { OS_DEFAULT__DEBUG: 'on' };
    const origins = [
      settingsOf({ files: files.slice(0, 1) }),
      settingsOf({ files }),
      settingsOf({ files, env }),
      settingsOf({ files, env, flags: [debugFlag('true'), debugFlag('false')] }),
    ].map((settings) => [settings.get(OPTIONS.debug), describeOrigin(settings.origin(OPTIONS.debug))]);
    expect(origins).toEqual([
      [true, '/0.conf:2'],
      [false, '/1.conf:3'],
      [true, 'environment OS_DEFAULT__DEBUG'],
      [false, 'flag --debug'],
    ]);
  });

  test('takes the last value when a file sets an option twice, and never looks at the others', () => {
    const settings = settingsOf({ files: ['[DEFAULT]\nimage_cache_max_size = abc\nimage_cache_max_size = 7\n'] });
    expect(settings.get(OPTIONS.imageCacheMaxSize)).toBe(7);
  });

  test('finds a section in any case, but DEFAULT only as it is', () => {
    const file = '[CACHE_tools]\nmax_age = 1d\n[default]\ndebug = true\n';
    const settings = settingsOf({ files: [file] });
    expect(settings.get(OPTIONS.maxAge)).toBe(86_400);
    expect(settings.get(OPTIONS.debug)).toBe(false);
  });

  test('prefers a former name in a later file to the present one in an earlier file', () => {
    const settings = settingsOf({ files: ['[DEFAULT]\nlog_file = a\n', '[DEFAULT]\nlogfile = b\n'] });
    expect(settings.get(OPTIONS.logFile)).toBe('b');
    expect(settings.notes).toEqual(['[DEFAULT] logfile (/1.conf:2) is a former name: write [DEFAULT] log_file']);
  });

  test.each([['[DEFAULT]\nlog-config = x\n'], ['[DEFAULT]\nlog_config = x\n'], ['[DEFAULT]\nlog_config_append = x\n']])(
    'reads log_config_append when it is written as in %j',
    (file) => {
      expect(settingsOf({ files: [file] }).get(OPTIONS.logConfigAppend)).toBe('x');
    },
  );

  test('ignores a key when it is written with dashes', () => {
    expect(settingsOf({ files: ['[DEFAULT]\nlog-file = x\n'] }).get(OPTIONS.logFile)).toBeUndefined();
  });

  test('expands references when they are in values, defaults and the environment', () => {
    const file = '[DEFAULT]\nimage_cache_dir = /srv/$bind_port\nlog_dir = ${oslo_concurrency.lock_path}/$use_json\n';
    const settings = settingsOf({ files: [file], env: { OS_DEFAULT__LOG_FILE: '$image_cache_driver$$' } });
    expect(settings.get(OPTIONS.lockPath)).toBe('/srv/9292');
    expect(settings.get(OPTIONS.logDir)).toBe('/srv/9292/False');
    expect(settings.get(OPTIONS.logFile)).toBe('sqlite$');
  });

  test('treats a blank number as not set when the option has no default', () => {
    expect(settingsOf({ files: ['[DEFAULT]\nworkers =\n'] }).get(OPTIONS.workers)).toBeUndefined();
    expect(readFailure(OPTIONS.imageCacheStallTime, '[DEFAULT]\nimage_cache_stall_time =\n').message).toContain(
      '"" is not a whole number',
    );
  });

  test('takes the name of a driver in any case', () => {
    const settings = settingsOf({ files: ['[DEFAULT]\nimage_cache_driver = XAttr\n'] });
    expect(settings.get(OPTIONS.imageCacheDriver)).toBe('xattr');
  });
});

describe('Settings.getAll', () => {
  const first = '[glance_store]\nfilesystem_store_datadirs = /a:1\nfilesystem_store_datadirs = /b\n';
  const second = '[Glance_Store]\nfilesystem_store_datadirs = /c\n';

  test('gives the values of all files in order when the option may have several', () => {
    expect(settingsOf({ files: [first, second] }).getAll(OPTIONS.filesystemStoreDatadirs)).toEqual([
      '/a:1',
      '/b',
      '/c',
    ]);
  });

  test('splits at commas when the values come from the environment', () => {
    const env = { OS_GLANCE_STORE__FILESYSTEM_STORE_DATADIRS: '/d:2, /e' };
    expect(settingsOf({ files: [first], env }).getAll(OPTIONS.filesystemStoreDatadirs)).toEqual(['/d:2', '/e']);
  });

  test('is empty when nothing sets the option', () => {
    expect(settingsOf({}).getAll(OPTIONS.filesystemStoreDatadirs)).toEqual([]);
  });
});

describe('the error about a bad value', () => {
  test('names option, file, line, value and expectation when a file has it', () => {
    expect(readFailure(OPTIONS.imageCacheMaxSize, '[DEFAULT]\n\nimage_cache_max_size = 10G\n')).toMatchObject({
      code: 'CONFIG_VALUE',
      exitCode: 3,
      message:
        'Cannot use image_cache_max_size from /0.conf:3: "10G" is not a whole number; expected a whole number of bytes, 0 or more',
      hint: 'Write the number of bytes, without a suffix: 10737418240',
      details: { group: 'DEFAULT', name: 'image_cache_max_size', value: '10G', file: '/0.conf', line: 3 },
    });
  });

  test.each([
    [OPTIONS.imageCacheMaxSize, 'image_cache_max_size = 10737418240  # 10 GB', '"10737418240"'],
    [OPTIONS.imageCacheDriver, 'image_cache_driver = SQLite ; as before', '"SQLite"'],
    [OPTIONS.debug, 'debug = true\t# noisy', '"true"'],
  ])('says that %o has a comment behind its value when the rest would be good', (option, line, rest) => {
    const { hint } = readFailure(option, `[DEFAULT]\n${line}\n`);
    expect(hint).toBe(
      `Put the comment on a line of its own: oslo.config takes "#" and ";" behind a value for a part of it. Leave ${rest} here`,
    );
  });

  test('does not speak of comments when the rest would be bad too', () => {
    expect(
      readFailure(OPTIONS.imageCacheMaxSize, '[DEFAULT]\nimage_cache_max_size = 10 GB # x\n').hint,
    ).toBeUndefined();
  });

  test('is one of usage when the value was typed as a flag', () => {
    const flags = [{ option: OPTIONS.maxAge, text: '30 days', flag: '--max-age' }];
    const error = failure(() => settingsOf({ flags }).get(OPTIONS.maxAge));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain(
      'Cannot use max_age from flag --max-age: "30 days" is not a length of time; expected ',
    );
    expect(error.details).toMatchObject({ flag: '--max-age', value: '30 days' });
  });

  test('names the variable when the environment has the value', () => {
    const error = failure(() => settingsOf({ env: { OS_DEFAULT__BIND_PORT: '-1' } }).get(OPTIONS.bindPort));
    expect(error.message).toContain(
      'from environment OS_DEFAULT__BIND_PORT: "-1" should be greater than or equal to 0',
    );
    expect(error.details).toMatchObject({ variable: 'OS_DEFAULT__BIND_PORT' });
  });

  test('escapes control characters and cuts the value when it is hostile', () => {
    const env = { OS_DEFAULT__DEBUG: `\u001b[31m\n${'x'.repeat(500)}` };
    const { message } = failure(() => settingsOf({ env }).get(OPTIONS.debug));
    expect(message).toContain('"\\x1b[31m');
    expect(message).not.toMatch(/[\u0000-\u001f]/);
    expect(message.length).toBeLessThan(400);
  });

  test('is raised for an empty cache directory', () => {
    expect(readFailure(OPTIONS.imageCacheDir, '[DEFAULT]\nimage_cache_dir =\n').message).toBe(
      'Cannot use image_cache_dir from /0.conf:2: "" is empty; expected the path of a directory',
    );
  });
});

describe('the error about a reference', () => {
  test.each([
    ['/x/$nope', 'it refers to "$nope", and there is no such option'],
    ['/x/$log_dir.log', 'it refers to "$log_dir.log", and there is no such option'],
    ['${DEFAULT.debug}', 'it refers to "$DEFAULT.debug", and there is no such option'],
    ['$log_file', 'it refers to itself (log_file → log_file)'],
  ])('says where %j leads when it leads nowhere', (value, reason) => {
    expect(readFailure(OPTIONS.logFile, `[DEFAULT]\nlog_file = ${value}\n`)).toMatchObject({
      message: `Cannot use log_file from /0.conf:2: ${reason}`,
      hint: 'Write $$ for a literal dollar sign',
    });
  });

  test('names the circle when two options refer to each other', () => {
    const { message } = readFailure(OPTIONS.logFile, '[DEFAULT]\nlog_file = $log_dir\nlog_dir = $log_file\n');
    expect(message).toContain('it refers to log_dir. Cannot use log_dir from /0.conf:3: it refers to itself (log_file');
  });

  test('carries the reason and the hint when the other option has a bad value', () => {
    const error = readFailure(OPTIONS.logFile, '[DEFAULT]\nlog_file = /$bind_port\nbind_port = 0o640\n');
    expect(error.message).toContain(
      'it refers to bind_port. Cannot use bind_port from /0.conf:3: "0o640" is not a whole',
    );
    expect(error.hint).toBe('Write the digits alone: 640');
  });

  test('tells nothing of a password when a dollar sign breaks it', () => {
    const error = readFailure(OPTIONS.adminPassword, '[DEFAULT]\nadmin_password = hunter$two\n');
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toBe(
      'Cannot use admin_password from /0.conf:2: a "$" in it refers to an option that does not exist or cannot be used',
    );
    expect(error.hint).toBe('Write $$ for a literal dollar sign');
    expect(JSON.stringify([error.details, String(error.cause)])).not.toMatch(/hunter|two/);
  });

  test('tells nothing of a password when another option refers to it and is bad', () => {
    const file = '[DEFAULT]\nadmin_password = hunter2\nbind_host = $admin_password/x\n';
    const error = readFailure(OPTIONS.bindHost, file);
    expect(error.message).toBe('Cannot use bind_host from /0.conf:3: its value is not an IP address or a host name');
    expect(JSON.stringify([error.details, error.hint, String(error.cause)])).not.toContain('hunter2');
  });
});

describe('Settings.effective', () => {
  test('lists every option of the table in its order', () => {
    const names = settingsOf({})
      .effective()
      .map(({ group, name }) => [group, name]);
    expect(names).toEqual(ALL_OPTIONS.map(({ group, name }) => [group, name]));
  });

  test('shows value, origin and problem when some values are bad, and never throws', () => {
    const file = [
      '[DEFAULT]',
      'debug = maybe',
      'log_file = $nope',
      'log_dir = /log/$bind_port',
      'admin_password = hunter2',
      'public_endpoint = http://$admin_password',
      '[glance_store]',
      'filesystem_store_datadirs = /a',
      'filesystem_store_datadirs = /b',
      '',
    ].join('\n');
    const effective = settingsOf({ files: [file] }).effective();
    const of = (name: string): unknown => effective.find((option) => option.name === name);
    const at = (line: number): unknown => ({ kind: 'file', file: '/0.conf', line });
    expect(of('debug')).toEqual({
      group: 'DEFAULT',
      name: 'debug',
      value: 'maybe',
      origin: at(2),
      problem: `"maybe" is an unexpected boolean value; expected ${OPTIONS.debug.type.expects}`,
      hint: 'Write true or false',
    });
    expect(of('log_file')).toMatchObject({
      value: '$nope',
      problem: 'it refers to "$nope", and there is no such option',
    });
    expect(of('log_dir')).toEqual({ group: 'DEFAULT', name: 'log_dir', value: '/log/9292', origin: at(4) });
    expect(of('admin_password')).toMatchObject({ value: '***', origin: at(5) });
    expect(of('public_endpoint')).toMatchObject({ value: '***' });
    expect(of('filesystem_store_datadirs')).toMatchObject({ value: '/a,/b', origin: at(9) });
    expect(of('admin_user')).toEqual({
      group: 'DEFAULT',
      name: 'admin_user',
      value: undefined,
      origin: { kind: 'default' },
    });
    expect(JSON.stringify(effective)).not.toContain('hunter2');
  });
});

describe('Settings.notes', () => {
  test('say what replaced an option when an obsolete one is set', () => {
    const settings = settingsOf({ files: ['[DEFAULT]\nregistry_host = 10.0.0.1\nlog_config_append = /x\n'] });
    expect(settings.notes).toEqual([
      `log_config_append (/0.conf:3) is ignored. ${OPTIONS.logConfigAppend.obsolete}`,
      `registry_host (/0.conf:2) is ignored. ${OPTIONS.registryHost.obsolete}`,
    ]);
  });

  test('are empty when only defaults apply', () => {
    expect(settingsOf({}).notes).toEqual([]);
  });
});

describe('Settings.secrets', () => {
  test('hold secrets as written, as expanded, and the password of a URL decoded', () => {
    const file =
      '[DEFAULT]\nadmin_password = pa$$word\n[database]\nconnection = mysql+pymysql://glance:p%40ss@db/glance\n';
    expect(settingsOf({ files: [file] }).secrets).toEqual([
      'mysql+pymysql://glance:p%40ss@db/glance',
      'p%40ss',
      'p@ss',
      'pa$$word',
      'pa$word',
    ]);
  });

  test('hold what is written when it cannot be expanded or decoded', () => {
    const file = '[DEFAULT]\nadmin_password = pa$word\n[sql]\nconnection = x://u:100%@h\n';
    expect(settingsOf({ files: [file] }).secrets).toEqual(['x://u:100%@h', '100%', 'pa$word']);
  });
});

describe('Settings.files and Settings.warnings', () => {
  test('follow the files in order', () => {
    const settings = settingsOf({ files: ['[a]\nb = 1\n  # x\n', '[a]\nb = 1\n  # y\n'] });
    expect(settings.files).toEqual(['/0.conf', '/1.conf']);
    expect(settings.warnings.map((warning) => warning.split(': ')[0])).toEqual(['/0.conf:3', '/1.conf:3']);
  });
});
