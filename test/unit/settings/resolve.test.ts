// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references as oslo.config writes them
import { describe, expect, test } from 'vitest';
import type { FlagValue } from '../../../src/settings/layers.ts';
import { ALL_OPTIONS, OPTIONS } from '../../../src/settings/options.ts';
import { describeOrigin } from '../../../src/settings/resolve.ts';
import { readFailure, settingsOf } from './settings-of.ts';

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

  test.each([
    ['mysql://u:a%40b%@h/d', ['a%40b%', 'a@b%']],
    ['postgresql://u@h/d?sslpassword=a%2Fb&x=1', ['a%2Fb', 'a/b']],
    ['postgresql://u@h/d?password=a', ['a']],
  ])('hold the passwords in %s as SQLAlchemy decodes them', (url, passwords) => {
    const file = ['[database]', `connection = ${url}`].join('\n');
    expect(settingsOf({ files: [file] }).secrets).toEqual([url, ...passwords]);
  });

  test.each(['sqlite:////var/lib/glance/glance.sqlite', 'mysql+pymysql://glance@db:3306/glance?charset=utf8'])(
    'do not hold %s, which has no password and is named in messages',
    (url) => {
      expect(settingsOf({ files: [['[database]', `connection = ${url}`].join('\n')] }).secrets).toEqual([]);
    },
  );

  test.each(['mysql://glance:secret', 'mysql://glance:secret/glance', 'mysql://a:b@c/d', 'hunter2'])(
    'hold all of %s, which may have one',
    (url) => {
      const file = ['[database]', `connection = ${url}`].join('\n');
      expect(settingsOf({ files: [file] }).secrets).toContain(url);
    },
  );
});

describe('Settings.files and Settings.warnings', () => {
  test('follow the files in order', () => {
    const settings = settingsOf({ files: ['[a]\nb = 1\n  # x\n', '[a]\nb = 1\n  # y\n'] });
    expect(settings.files).toEqual(['/0.conf', '/1.conf']);
    expect(settings.warnings.map((warning) => warning.split(': ')[0])).toEqual(['/0.conf:3', '/1.conf:3']);
  });
});
