import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  BusyError,
  CacheError,
  CacheStateError,
  ConfigError,
  InterruptedError,
  PartialError,
  UnansweredError,
  UsageError,
} from '../../../src/errors/cache-error.ts';
import {
  describeErrno,
  errnoOf,
  hasErrno,
  isSystemError,
  unlessAbsent,
  unlessMissing,
} from '../../../src/errors/errno.ts';
import { EXIT_CODES, EXIT_MEANINGS, gravestExitCode } from '../../../src/errors/exit-codes.ts';
import { fromErrno, onPath } from '../../../src/errors/from-errno.ts';
import { thrownBy } from '../../support/thrown.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: something is wrong, open '/x'`), {
    code,
    errno: -1,
    syscall: 'open',
    path: '/x',
  });
}

const throwing = (error: unknown) => (): never => {
  throw error;
};

describe('EXIT_CODES', () => {
  test('are those of the contract, each once, each with a meaning', () => {
    expect(EXIT_CODES).toEqual({
      Done: 0,
      Bug: 1,
      Usage: 2,
      Config: 3,
      CacheState: 4,
      Busy: 5,
      NotFound: 6,
      Auth: 7,
      Remote: 8,
      Integrity: 9,
      Partial: 10,
      Interrupted: 130,
      Terminated: 143,
    });
    expect(Object.keys(EXIT_MEANINGS)).toEqual(Object.keys(EXIT_CODES));
  });
});

describe('gravestExitCode()', () => {
  test.each([
    [[5, 4], 4],
    [[2, 6, 5], 5],
    [[8, 7, 9], 9],
    [[4, 3], 3],
    [[9, 1, 7], 1],
    [[6], 6],
  ] as const)('of %j is %d', (codes, expected) => {
    expect(gravestExitCode(codes)).toBe(expected);
  });

  test('is that of a bug when there is nothing it knows', () => {
    expect([gravestExitCode([]), gravestExitCode([10])]).toEqual([1, 1]);
  });
});

describe('CacheError', () => {
  const cause = new Error('cause');

  test.each([
    [new UsageError('USAGE', 'text'), 'UsageError', 'USAGE', 2],
    [new ConfigError('CONFIG_VALUE', 'text'), 'ConfigError', 'CONFIG_VALUE', 3],
    [new CacheStateError('CACHE_IO', 'text'), 'CacheStateError', 'CACHE_IO', 4],
    [new BusyError('BUSY_RUN', 'text'), 'BusyError', 'BUSY_RUN', 5],
    [new UnansweredError('text'), 'UnansweredError', 'UNANSWERED', 1],
    [new PartialError('text'), 'PartialError', 'PARTIAL', 10],
    [new InterruptedError('SIGINT', 'text'), 'InterruptedError', 'SIGINT', 130],
    [new InterruptedError('SIGTERM', 'text'), 'InterruptedError', 'SIGTERM', 143],
  ])('is an Error with code and exit code: %s', (error, name, code, exitCode) => {
    expect(error).toBeInstanceOf(CacheError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name, code, exitCode, message: 'text' });
    expect([error.hint, error.details, 'cause' in error]).toEqual([undefined, undefined, false]);
  });

  test('carries hint, details and cause when they are given', () => {
    const error = new BusyError('BUSY_INDEX', 'text', { hint: 'hint', details: { path: '/x' }, cause });
    expect([error.hint, error.details, error.cause]).toEqual(['hint', { path: '/x' }, cause]);
  });
});

describe('isSystemError() and hasErrno()', () => {
  test('know a failed system call from what only looks like it', () => {
    const real = thrownBy(() => readFileSync('/nowhere/at/all'));
    expect([isSystemError(real), hasErrno(real, 'EACCES', 'ENOENT'), hasErrno(real, 'EACCES')]).toEqual([
      true,
      true,
      false,
    ]);
    for (const other of [new Error('x'), { code: 'ENOENT', syscall: 'open' }, 'ENOENT', undefined, null]) {
      expect([isSystemError(other), hasErrno(other, 'ENOENT')]).toEqual([false, false]);
    }
    expect(isSystemError(Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }))).toBe(false);
  });
});

describe('unlessAbsent()', () => {
  test.each(['ENOENT', 'ENOTDIR'])('is undefined on %s', (code) => {
    expect(unlessAbsent(throwing(systemError(code)))).toBeUndefined();
  });

  test('throws anything else, and gives the value otherwise', () => {
    const error = systemError('EACCES');
    expect(thrownBy(() => unlessAbsent(throwing(error)))).toBe(error);
    expect(unlessAbsent(() => 0)).toBe(0);
  });
});

describe('unlessMissing()', () => {
  test('is undefined on ENOENT alone, and gives the value otherwise', () => {
    expect(unlessMissing(throwing(systemError('ENOENT')))).toBeUndefined();
    const error = systemError('ENOTDIR');
    expect(thrownBy(() => unlessMissing(throwing(error)))).toBe(error);
    expect(unlessMissing(() => 0)).toBe(0);
  });
});

describe('describeErrno()', () => {
  test('says what went wrong in one clause', () => {
    const real = thrownBy(() => readFileSync('/nowhere/at/all'));
    expect(isSystemError(real) && describeErrno(real)).toBe('no such file or directory (ENOENT)');
    expect(describeErrno(Object.assign(new Error('odd'), { code: 'EODD', syscall: 'x' }))).toBe('failed (EODD)');
  });

  // As Node raises them: which of the two depends on the call.
  test.each(['UNKNOWN', 'Unknown system error -122'])('knows a full quota, which libuv calls %s', (code) => {
    const message = code === 'UNKNOWN' ? 'UNKNOWN: unknown error, write' : `${code}: ${code}, open '/x'`;
    const error = Object.assign(new Error(message), { code, errno: -122, syscall: 'write' });
    expect([errnoOf(error), describeErrno(error)]).toEqual(['EDQUOT', 'disk quota exceeded (EDQUOT)']);
    expect([hasErrno(error, 'EDQUOT'), hasErrno(error, 'ENOSPC')]).toEqual([true, false]);
    expect(fromErrno('write', '/x', error)).toMatchObject({
      code: 'CACHE_NO_SPACE',
      details: { path: '/x', errno: 'EDQUOT' },
    });
  });

  test('leaves an errno alone that nobody knows', () => {
    const error = Object.assign(new Error('x'), { code: 'UNKNOWN', errno: -4094, syscall: 'x' });
    expect([errnoOf(error), errnoOf(Object.assign(new Error('x'), { code: 'UNKNOWN', syscall: 'x' }))]).toEqual([
      'UNKNOWN',
      'UNKNOWN',
    ]);
  });
});

describe('fromErrno() and onPath()', () => {
  test.each([
    ['ENOSPC', 'CACHE_NO_SPACE'],
    ['EDQUOT', 'CACHE_NO_SPACE'],
    ['EROFS', 'CACHE_READ_ONLY'],
    ['EACCES', 'CACHE_PERMISSION'],
    ['EPERM', 'CACHE_PERMISSION'],
    ['EIO', 'CACHE_IO'],
    ['EMFILE', 'CACHE_IO'],
    ['ENFILE', 'CACHE_IO'],
    ['ENOENT', 'CACHE_IO'],
    ['ELOOP', 'CACHE_IO'],
  ])('tell %s as %s, with path, cause and a next step', (errno, code) => {
    const cause = systemError(errno);
    expect(thrownBy(() => onPath('remove', '/cache/a\nb', throwing(cause)))).toMatchObject({
      code,
      exitCode: 4,
      message: `Cannot remove "/cache/a\\nb": something is wrong (${errno})`,
      hint: expect.any(String) as unknown,
      details: { path: '/cache/a\nb', errno },
      cause,
    });
  });

  test('leave alone what is no system error', () => {
    const error = new CacheStateError('CACHE_DIR', 'text');
    expect(fromErrno('remove', '/x', error)).toBe(error);
    expect(thrownBy(() => onPath('remove', '/x', throwing(error)))).toBe(error);
    expect(onPath('remove', '/x', () => 7)).toBe(7);
  });
});
