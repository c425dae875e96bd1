// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references as oslo.config writes them
import { describe, expect, test } from 'vitest';
import { ConfigError, UsageError } from '../../../src/errors/cache-error.ts';
import { OPTIONS } from '../../../src/settings/options.ts';
import { failure, readFailure, settingsOf } from './settings-of.ts';

describe('the error about a bad value', () => {
  test('names option, file, line, value and expectation when a file has it', () => {
    expect(readFailure(OPTIONS.imageCacheMaxSize, '[DEFAULT]\n\nimage_cache_max_size = 10G\n')).toMatchObject({
      code: 'CONFIG_VALUE',
      exitCode: 3,
      message:
        'Cannot use image_cache_max_size from /0.conf:3: "10G" is not a whole number; expected a whole number of bytes, 0 or more',
      hint: 'Write the number of bytes, without a suffix: 10737418240; to edit it: vi +3 /0.conf',
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
      `Put the comment on a line of its own: oslo.config takes "#" and ";" behind a value for a part of it. Leave ${rest} here; to edit it: vi +2 /0.conf`,
    );
  });

  test('does not speak of comments when the rest would be bad too', () => {
    expect(readFailure(OPTIONS.imageCacheMaxSize, '[DEFAULT]\nimage_cache_max_size = 10 GB # x\n').hint).toBe(
      'Correct that line, or remove it to have the default; to edit it: vi +2 /0.conf',
    );
  });

  test('is one of usage when the value was typed as a flag', () => {
    const flags = [{ option: OPTIONS.maxAge, text: '30 days', flag: '--max-age' }];
    const error = failure(() => settingsOf({ flags }).get(OPTIONS.maxAge));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain('Cannot use --max-age: "30 days" is not a length of time; expected ');
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

  test('is raised for a value with a NUL character, which no path can have', () => {
    expect(readFailure(OPTIONS.imageCacheDir, '[DEFAULT]\nimage_cache_dir = /a\0b\n').message).toBe(
      'Cannot use image_cache_dir from /0.conf:2: "/a\\x00b" has a NUL character in it; expected the path of a directory',
    );
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
      hint: 'Write $$ for a literal dollar sign; to edit it: vi +2 /0.conf',
    });
  });

  test('names the circle when two options refer to each other', () => {
    const { message } = readFailure(OPTIONS.logFile, '[DEFAULT]\nlog_file = $log_dir\nlog_dir = $log_file\n');
    expect(message).toContain('it refers to log_dir. Cannot use log_dir from /0.conf:3: it refers to itself (log_file');
  });

  test('says so when references unfold to more than any value is', () => {
    const lines = ['log_file', 'log_dir', 'image_cache_dir', 'image_cache_sqlite_db'].map((name, at, names) => {
      const next = names[at + 1];
      return `${name} = ${next === undefined ? 'x'.repeat(100) : `$${next}`.repeat(20)}`;
    });
    const { message } = readFailure(OPTIONS.logFile, `[DEFAULT]\n${lines.join('\n')}\n`);
    expect(message).toContain('its references lead to too much text');
  });

  test('carries the reason and the hint when the other option has a bad value', () => {
    const error = readFailure(OPTIONS.logFile, '[DEFAULT]\nlog_file = /$bind_port\nbind_port = 0o640\n');
    expect(error.message).toContain(
      'it refers to bind_port. Cannot use bind_port from /0.conf:3: "0o640" is not a whole',
    );
    expect(error.hint).toBe('Write the digits alone: 640; to edit it: vi +2 /0.conf');
  });

  test('tells nothing of a password when a dollar sign breaks it', () => {
    const error = readFailure(OPTIONS.adminPassword, '[DEFAULT]\nadmin_password = hunter$two\n');
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toBe(
      'Cannot use admin_password from /0.conf:2: a "$" in it refers to an option that does not exist or cannot be used',
    );
    expect(error.hint).toBe('Write $$ for a literal dollar sign; to edit it: vi +2 /0.conf');
    expect(JSON.stringify([error.details, String(error.cause)])).not.toMatch(/hunter|two/);
  });

  test('tells nothing of a password when another option refers to it and is bad', () => {
    const file = '[DEFAULT]\nadmin_password = hunter2\nbind_host = $admin_password/x\n';
    const error = readFailure(OPTIONS.bindHost, file);
    expect(error.message).toBe('Cannot use bind_host from /0.conf:3: its value is not an IP address or a host name');
    expect(JSON.stringify([error.details, error.hint, String(error.cause)])).not.toContain('hunter2');
  });
});
