import { describe, expect, test } from 'vitest';
import { CacheStateError, ConfigError } from '../../../src/errors/cache-error.ts';
import { exitCodeOf, renderErrorJson, renderErrorText } from '../../../src/present/error-text.ts';

const plain = { redact: (text: string) => text, color: false, debug: false };

const known = new ConfigError('CONFIG_VALUE', "Cannot use 'x': it is no size", {
  hint: 'Write a number',
  details: { option: 'image_cache_max_size', line: 3 },
});

describe('renderErrorText()', () => {
  test('gives an error and its hint a line each', async () => {
    expect(await renderErrorText(known, plain)).toBe("ERROR: Cannot use 'x': it is no size\nhint: Write a number\n");
  });

  test('gives one line when there is no hint', async () => {
    const error = new CacheStateError('CACHE_IO', 'Cannot read \u001b[2J\nx: input/output error');
    expect(await renderErrorText(error, plain)).toBe('ERROR: Cannot read \\x1b[2J\\x0ax: input/output error\n');
  });

  test('says that an unexpected error is a fault of the program', async () => {
    const text = await renderErrorText(new TypeError('x is not a function'), plain);
    expect(text).toMatch(/^ERROR: Cannot go on: unexpected failure: x is not a function\nhint: .*--debug.*\n$/);
  });

  test.each(['text', undefined, null, 7, {}])('says something when %j is thrown', async (thrown) => {
    expect(await renderErrorText(thrown, plain)).toMatch(/^ERROR: Cannot go on: .+\nhint: .+\n$/);
  });

  test('shows trace and causes with debug only', async () => {
    const error = new Error('outer', { cause: new Error('inner') });
    const text = await renderErrorText(error, { ...plain, debug: true });
    expect(text).toMatch(/\nError: outer\n {4}at /);
    expect(text).toMatch(/\ncaused by: Error: inner\n {4}at /);
    expect(await renderErrorText(error, plain)).not.toMatch(/inner| at /);
  });

  test('ends when causes are a ring', async () => {
    const error = new Error('ring');
    error.cause = error;
    expect(await renderErrorText(error, { ...plain, debug: true })).toContain('caused by: Error: ring');
  });

  test('masks secrets', async () => {
    const redact = (text: string): string => text.replaceAll('hunter2', '***');
    const error = new ConfigError('CONFIG_VALUE', 'Cannot use hunter2: it is bad', { hint: 'Not hunter2' });
    expect(await renderErrorText(error, { redact, color: false, debug: true })).not.toContain('hunter2');
    expect(renderErrorJson(error, { redact, debug: true })).not.toContain('hunter2');
  });

  test('colours when told to', async () => {
    const text = await renderErrorText(known, { ...plain, color: true });
    expect(text).toBe(
      "\u001b[31mERROR:\u001b[39m Cannot use 'x': it is no size\n\u001b[33mhint:\u001b[39m Write a number\n",
    );
  });
});

describe('renderErrorJson()', () => {
  test('gives the public facts on one line', () => {
    expect(renderErrorJson(known, plain)).toBe(
      '{"error":{"code":"CONFIG_VALUE","message":"Cannot use \'x\': it is no size","hint":"Write a number",' +
        '"exit_code":3,"details":{"option":"image_cache_max_size","line":3}}}\n',
    );
  });

  test('has all fields when there is nothing to say', () => {
    const error = new CacheStateError('CACHE_IO', 'a\u009b', { details: { size: 2n ** 60n, list: ['x', null] } });
    expect(renderErrorJson(error, plain)).toContain('"a\\u009b"');
    expect(JSON.parse(renderErrorJson(error, plain))).toEqual({
      error: {
        code: 'CACHE_IO',
        message: 'a\u009b',
        hint: null,
        exit_code: 4,
        details: { size: '1152921504606846976', list: ['x', null] },
      },
    });
  });

  test('adds the trace with debug', () => {
    const { error } = JSON.parse(renderErrorJson(new Error('x'), { ...plain, debug: true })) as {
      error: { code: string; trace: string[] };
    };
    expect(error.code).toBe('BUG');
    expect(error.trace[0]).toBe('Error: x');
  });
});

describe('exitCodeOf()', () => {
  test('is 1 for what nobody foresaw', () => {
    expect([exitCodeOf(known), exitCodeOf(new Error('x')), exitCodeOf(undefined)]).toEqual([3, 1, 1]);
  });
});
