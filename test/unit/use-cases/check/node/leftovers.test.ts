import { describe, expect, test } from 'vitest';
import type { IndexDriver } from '../../../../../src/cache/index/index-driver.ts';
import { createSqliteDriver } from '../../../../../src/cache/index/sqlite/sqlite-driver.ts';
import { AuthError, ConfigError } from '../../../../../src/errors/cache-error.ts';
import type { CloudProbe, LoginOutcome } from '../../../../../src/use-cases/check/cloud-probe.ts';
import { CLOCKS, judgeSkew } from '../../../../../src/use-cases/check/node/clocks.ts';
import { LEFTOVERS } from '../../../../../src/use-cases/check/node/leftovers.ts';
import { LOGIN } from '../../../../../src/use-cases/check/node/login.ts';
import { completeCredentials, told, useCheckHost } from '../../../../support/check-host.ts';
import { clockAhead } from '../../../../support/clocks.ts';
import { imageIdOf, putFile, putImage, putRow } from '../../../../support/seeded-cache.ts';

const host = useCheckHost();
const DAY_SEC = 24 * 3600;
const SERVER = 'https://keystone.test:5000';

function probe(outcome: Partial<LoginOutcome>): CloudProbe {
  const credentials = completeCredentials();
  const login = async () => ({ failure: undefined, isAdmin: true, skew: undefined, ...outcome });
  return { credentials, files: [], login, isLeftToPerson: false };
}

describe('LOGIN', () => {
  test('has nothing to say about a login that works, nor where nothing may be asked', async () => {
    expect(await host().check(LOGIN, { cloud: probe({}) })).toEqual([]);
    expect(await host().check(LOGIN, { cloud: { ...probe({}), login: undefined } })).toEqual([]);
  });

  test('notes that nobody can log in; warns where something is queued', async () => {
    expect(told(await host().check(LOGIN))).toEqual(['note no-login']);
    putFile(host().layout, 'queue', imageIdOf(1));
    const findings = await host().check(LOGIN);
    expect(told(findings)).toEqual(['warning no-login']);
    expect(findings[0]?.message).toBe('No credentials are given, and 1 image is queued');
  });

  test('tells of credentials that lack something, of a login that fails, and of one that is no admin', async () => {
    const error = new ConfigError('CONFIG_CREDENTIALS', 'Cannot log in: there is no password', {
      hint: 'Set OS_PASSWORD',
    });
    const credentials = { kind: 'unusable', error } as const;
    const unusable = { credentials, files: [], login: undefined, isLeftToPerson: false };
    expect((await host().check(LOGIN, { cloud: unusable }))[0]).toMatchObject({
      check: 'login-incomplete',
      severity: 'error',
      message: error.message,
      reason: 'Nothing can be fetched: set OS_PASSWORD',
    });
    const failure = new AuthError('AUTH_REFUSED', 'Cannot log in: wrong');
    expect(told(await host().check(LOGIN, { cloud: probe({ failure }) }))).toEqual(['error login-fails']);
    expect(told(await host().check(LOGIN, { cloud: probe({ isAdmin: false }) }))).toEqual(['note login-without-admin']);
  });

  test('passes on what is to be said about credentials', async () => {
    const cloud = probe({});
    if (cloud.credentials.kind !== 'complete') throw new Error('They are');
    const warned = { ...cloud, credentials: { ...cloud.credentials, warnings: ['TLS is not verified'] } };
    expect(told(await host().check(LOGIN, { cloud: warned }))).toEqual(['warning login-warning']);
  });
});

describe('judgeSkew()', () => {
  test.each([
    [0.4, 0.6, []],
    [5.4, 0.6, []],
    [20, 18, []],
    [-6, 0.6, ['warning clock-skew']],
    [60, 0.6, ['warning clock-skew']],
    [61, 0.6, ['error clock-skew']],
    [-7200, 0.6, ['error clock-skew']],
  ])('looks at a clock that is %d s ahead, give or take %d s', (aheadSec, doubtSec, expected) => {
    expect(told(judgeSkew({ server: SERVER, aheadSec, doubtSec }))).toEqual(expected);
  });

  test('says which way', () => {
    const [finding] = judgeSkew({ server: SERVER, aheadSec: -7200, doubtSec: 1 });
    expect(finding?.message).toBe(`The clock of "${SERVER}" is 2 h behind the one of this node`);
  });
});

describe('CLOCKS', () => {
  const PATIENCE = { timeoutSec: 1, signal: new AbortController().signal };
  const index = (): IndexDriver => createSqliteDriver(host().layout, { ...PATIENCE, clock: clockAhead(0) });

  test('finds nothing where all is in the past', async () => {
    putImage(host().layout, imageIdOf(1));
    expect(await host().check(CLOCKS, { cloud: probe({}), index: index() })).toEqual([]);
  });

  test('finds files and rows from the future', async () => {
    putImage(host().layout, imageIdOf(1));
    putRow(host().layout, imageIdOf(2), { last_accessed: Date.now() / 1000 + 7200 });
    expect(told(await host().check(CLOCKS, { index: index() }))).toEqual(['warning row-from-future']);
    const findings = await host().check(CLOCKS, { clock: clockAhead(-3690) });
    expect(told(findings)).toEqual(['warning file-from-future']);
    expect(findings[0]?.message).toMatch(/ changed 1 h 1 min after the present time of this node$/);
  });

  test('takes the skew from the login', async () => {
    const skew = { server: SERVER, aheadSec: 30, doubtSec: 1 };
    expect(told(await host().check(CLOCKS, { cloud: probe({ skew }) }))).toEqual(['warning clock-skew']);
  });
});

describe('LEFTOVERS', () => {
  test('finds what is older than it would be if the programs ran', async () => {
    for (const area of ['incomplete', 'invalid', 'queue'] as const)
      putFile(host().layout, area, imageIdOf(1), { size: 1 });
    expect(await host().check(LEFTOVERS, { clock: clockAhead(DAY_SEC - 60) })).toEqual([]);
    const names = ['warning old-invalid', 'warning old-queue'];
    expect(told(await host().check(LEFTOVERS, { clock: clockAhead(DAY_SEC + 60) }))).toEqual(names);
    const findings = await host().check(LEFTOVERS, { clock: clockAhead(2 * DAY_SEC + 60) });
    expect(told(findings)).toEqual(['warning old-incomplete', ...names]);
    expect(findings[0]?.message).toMatch(/ has been incomplete for 2 d/);
  });

  test('finds a cache that is well above its maximum', async () => {
    putImage(host().layout, imageIdOf(1), { size: 1100 });
    host().conf = ['[DEFAULT]', 'image_cache_max_size = 1000'];
    expect(await host().check(LEFTOVERS)).toEqual([]);
    putImage(host().layout, imageIdOf(2), { size: 1 });
    expect(told(await host().check(LEFTOVERS))).toEqual(['warning above-maximum']);
  });

  test('looks at nothing without a cache', async () => {
    expect(await host().check(LEFTOVERS, { layout: undefined })).toEqual([]);
    expect(await host().check(CLOCKS, { layout: undefined })).toEqual([]);
  });
});
