import { describe, expect, test } from 'vitest';
import { RemoteError } from '../../../src/errors/cache-error.ts';
import { parseToken } from '../../../src/keystone/token.ts';
import { thrownBy } from '../../support/thrown.ts';

const parse = (facts: unknown) => parseToken('t0', { token: facts }, 'http://k/v3/auth/tokens');

describe('parseToken()', () => {
  test('reads all there is', () => {
    const facts = {
      issued_at: '2026-01-01T00:00:00.000000Z',
      expires_at: '2026-01-01T01:00:00.500000Z',
      project: { id: 'p1' },
      roles: [{ name: 'reader' }, { name: 'Admin' }],
      catalog: [1],
    };
    expect(parse(facts)).toEqual({
      token: 't0',
      lifetimeSec: 3600.5,
      projectId: 'p1',
      isAdmin: true,
      catalog: [1],
    });
  });

  test.each([
    {},
    { project: null, roles: 'admin', issued_at: 1, expires_at: 2 },
    { project: { id: 3 }, roles: [null, 'admin', { name: 3 }, { name: 'administrator' }] },
    { issued_at: 'yesterday', expires_at: 'tomorrow' },
    { issued_at: '2026-01-01T01:00:00Z', expires_at: '2026-01-01T00:00:00Z' },
    { expires_at: '2026-01-01T00:00:00Z' },
  ])('makes nothing up of %j', (facts) => {
    expect(parse(facts)).toEqual({
      token: 't0',
      lifetimeSec: undefined,
      projectId: undefined,
      isAdmin: false,
      catalog: undefined,
    });
  });

  test.each([undefined, null, 'token', [], 1])('refuses %j for a token', (facts) => {
    const error = thrownBy(() => parse(facts));
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ code: 'REMOTE_ANSWER' });
  });

  test('refuses an answer without the header', () => {
    const error = thrownBy(() => parseToken(undefined, { token: {} }, 'http://k/v3/auth/tokens'));
    expect(error).toMatchObject({
      code: 'REMOTE_ANSWER',
      message: 'Cannot log in at "http://k/v3/auth/tokens": the answer holds no token',
    });
  });

  test.each([{}, 'catalog', null, 1])('refuses the catalog %j', (catalog) => {
    expect(thrownBy(() => parse({ catalog }))).toMatchObject({ code: 'REMOTE_ANSWER' });
  });
});
